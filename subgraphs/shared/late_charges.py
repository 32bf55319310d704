"""
What a dated sum that is unpaid costs on top of itself: a fine once, and simple interest by the day, months of thirty.

Charges follow from the dates alone; nothing accrues by a job having run. Whoever shows them and whoever asks for them
in different domains compute the same here. After a part was paid late, interest goes on for the rest from that day on,
and what the part left of the charges themselves stays owed; there is no second fine and no interest on interest.
"""

from dataclasses import dataclass
from decimal import Decimal

from subgraphs.shared.money import round_half_up

DAYS_OF_A_MONTH = 30


@dataclass(frozen=True, kw_only=True)
class LateCharges:
    """What is owed for being late."""

    days_late: int
    fine_minor: int
    interest_minor: int
    """With what earlier payments left of fine and interest."""

    @property
    def total_minor(self) -> int:
        return self.fine_minor + self.interest_minor


def late_charges(
    rest_minor: int,
    *,
    days_late: int,
    fine_rate: Decimal,
    monthly_rate: Decimal,
    charged_days: int = 0,
    left_minor: int = 0,
) -> LateCharges:
    """
    The charges on *rest_minor* cents after *days_late* days; nothing on the due date itself.

    *charged_days* of them were charged with an earlier payment, which left *left_minor* of that unpaid.
    """
    if days_late <= 0:
        return LateCharges(days_late=0, fine_minor=0, interest_minor=left_minor)
    days = max(days_late - charged_days, 0)
    return LateCharges(
        days_late=days_late,
        fine_minor=0 if charged_days else round_half_up(rest_minor * fine_rate),
        interest_minor=left_minor + round_half_up(rest_minor * monthly_rate * days / DAYS_OF_A_MONTH),
    )
