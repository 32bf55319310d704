"""
How a payment is divided, as arithmetic without a database.

First into principal and interest, then each of them among the holders by quotas: every holder gets their part rounded
down, and the cents left over go to the largest remainders, ties to the smaller position id. So the parts sum to the
whole to the cent, and no order of the holders matters.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from subgraphs.distribution.domain.terms import Deductions
from subgraphs.shared.money import split_by_weights


@dataclass(frozen=True)
class PaidParts:
    """What a payment is made of."""

    principal_minor: int
    interest_minor: int
    """With the late charge."""
    late_charge_minor: int

    @property
    def total_minor(self) -> int:
        return self.principal_minor + self.interest_minor


@dataclass(frozen=True)
class Holder:
    """Who is to get a part, and what is taken from their interest."""

    position_id: UUID
    investment_id: UUID
    investor_id: UUID
    quota_count: int
    held_days: int
    deductions: Deductions


@dataclass(frozen=True)
class Share:
    """One holder's part."""

    holder: Holder
    principal_minor: int
    interest_minor: int
    fee_minor: int
    tax_minor: int

    @property
    def gross_minor(self) -> int:
        return self.principal_minor + self.interest_minor

    @property
    def net_minor(self) -> int:
        return self.gross_minor - self.fee_minor - self.tax_minor


def divide_payment(amount_minor: int, *, principal_minor: int, interest_minor: int) -> PaidParts:
    """
    A payment of an installment of *principal_minor* and *interest_minor*, divided into the two.

    What is paid above the installment is the fine and interest for being late, and counts as interest. What is paid
    short of it pays the interest first, then principal (Código Civil art. 354).
    """
    due_minor = principal_minor + interest_minor
    if amount_minor >= due_minor:
        late_charge_minor = amount_minor - due_minor
        return PaidParts(principal_minor, interest_minor + late_charge_minor, late_charge_minor)
    paid_interest_minor = min(amount_minor, interest_minor)
    return PaidParts(amount_minor - paid_interest_minor, paid_interest_minor, 0)


def split_among_holders(paid: PaidParts, holders: Iterable[Holder]) -> list[Share]:
    """Each holder's share of *paid*, by position id."""
    by_id = {holder.position_id: holder for holder in holders}
    quotas = {position_id: holder.quota_count for position_id, holder in by_id.items()}
    principal = split_by_weights(paid.principal_minor, quotas)
    interest = split_by_weights(paid.interest_minor, quotas)
    return [
        Share(by_id[key], principal[key], interest[key], *by_id[key].deductions.of(interest[key]))
        for key in sorted(by_id)
    ]
