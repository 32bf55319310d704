"""
What has to be paid for an installment on a day, and what a payment of less pays.

What is open of the installment itself, and once it is late a fine and simple interest (`shared/late_charges.py`), by
the rates of the CPR that the farmer signed. A payment pays fine and interest first, then the installment (Código
Civil, art. 354); what it does not pay stays owed. Who pays early pays less (`early_payment.py`).
"""

from dataclasses import dataclass
from datetime import date
from enum import Enum, auto

from subgraphs.shared.late_charges import LateCharges, late_charges
from subgraphs.wallet.domain.early_payment import reduction_alone, reduction_of_all, reduction_of_part
from subgraphs.wallet.models import Installment, InstallmentPayment


class Early(Enum):
    """Whether what is paid before its due date costs less, and with what else it is paid."""

    NO = auto()
    """A charge that may be paid until the due date is over the whole sum."""
    ALONE = auto()
    WITH_ALL_OTHERS = auto()
    """With all that is left of the CPR."""


@dataclass(frozen=True, kw_only=True)
class AmountDue:
    """In cents."""

    open_minor: int
    """Of the installment itself."""
    late: LateCharges
    reduction_minor: int
    """Off the installment's interest, for paying early."""

    @property
    def total_minor(self) -> int:
        return self.open_minor + self.late.total_minor - self.reduction_minor

    def reduction_of(self, amount_minor: int) -> int:
        """What is taken off with a payment of so much: in proportion, where it is not all that is owed."""
        return reduction_of_part(amount_minor, total_minor=self.total_minor, reduction_minor=self.reduction_minor)

    def late_part(self, amount_minor: int) -> int:
        """What of a payment goes to fine and interest for being late."""
        return min(amount_minor, self.late.total_minor)


def amount_due(
    installment: Installment, last: InstallmentPayment | None, *, on: date, early: Early = Early.NO
) -> AmountDue:
    """
    What is owed of *installment* on a day, *last* being its last payment.

    Of a CPR from before its rates were told with its schedule nothing is added until contracts says that it is late.
    """
    settled_minor = last.settled_minor if last else 0
    open_minor = installment.amount_minor - settled_minor
    charged_days, left_minor = (last.late_days, last.late_left_minor) if last else (0, 0)
    if installment.late_fine_rate is None or installment.late_monthly_rate is None:
        late = LateCharges(days_late=0, fine_minor=0, interest_minor=0)
    else:
        late = late_charges(
            open_minor,
            days_late=(on - installment.due_on).days,
            fine_rate=installment.late_fine_rate,
            monthly_rate=installment.late_monthly_rate,
            charged_days=charged_days,
            left_minor=left_minor,
        )
    reduction_minor = 0
    # Of payments that are reported in another order than they were made, the later day counts for this as well.
    if early is not Early.NO and not charged_days:
        reduce = reduction_alone if early is Early.ALONE else reduction_of_all
        reduction_minor = reduce(installment, settled_minor=settled_minor, on=on)
    return AmountDue(open_minor=open_minor, late=late, reduction_minor=reduction_minor)
