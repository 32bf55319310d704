"""
How a payment is divided, as arithmetic without a database.

First into principal and interest, then each of them among the holders by quotas: every holder gets their part rounded
down, and the cents left over go to the largest remainders, ties to the smaller position id. So the parts sum to the
whole to the cent, and no order of the holders matters.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from uuid import UUID

from subgraphs.distribution.domain.terms import Deductions
from subgraphs.shared.money import split_by_weights
from subgraphs.shared.person_kind import PersonKind


@dataclass(frozen=True)
class PaidParts:
    """What a payment is made of."""

    principal_minor: int
    interest_minor: int
    """With the late charge."""
    late_charge_minor: int
    carried_late_minor: int = 0
    """What of the late charge a renegotiation carried into the installment's interest."""

    @property
    def total_minor(self) -> int:
        return self.principal_minor + self.interest_minor

    @property
    def late_share(self) -> Fraction:
        """Which part of the interest is late charge: of every holder's the same."""
        return Fraction(self.late_charge_minor, self.interest_minor) if self.interest_minor else Fraction(0)


@dataclass(frozen=True)
class Holder:
    """Who is to get a part, and what is taken from their interest."""

    position_id: UUID
    investment_id: UUID
    investor_id: UUID
    quota_count: int
    held_days: int
    deductions: Deductions
    person: PersonKind = PersonKind.NATURAL


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


def divide_payment(
    amount_minor: int,
    *,
    principal_minor: int,
    interest_minor: int,
    late_minor: int | None = None,
    settled_before_minor: int = 0,
    reduction_minor: int = 0,
    carried_late_minor: int = 0,
) -> PaidParts:
    """
    A payment of an installment of *principal_minor* and *interest_minor*, divided into the two.

    *late_minor* of it is fine and interest for being late, and counts as interest; None is what is paid above the
    installment. The rest pays the interest first, then principal (Código Civil art. 354), going on where the payments
    before it stopped, which had settled *settled_before_minor* of both. *reduction_minor* was taken off the interest
    for paying early: it is settled, and nobody gets it. Of the interest, *carried_late_minor* is fine and interest for
    being late that a renegotiation carried: it is settled first, and is late charge as well.

    Raises ValueError for more than is left of the installment.
    """
    left_minor = principal_minor + interest_minor - settled_before_minor
    if late_minor is None:
        late_minor = max(amount_minor - left_minor, 0)
    settles_minor = amount_minor - late_minor + reduction_minor
    if not 0 <= settles_minor <= left_minor:
        raise ValueError(f"{amount_minor}, {late_minor} of it for being late, is no payment of {left_minor}")
    settled_interest_minor = min(settles_minor, max(interest_minor - settled_before_minor, 0))
    if reduction_minor > settled_interest_minor:
        raise ValueError(f"{reduction_minor} is taken off interest of {settled_interest_minor}")
    paid_interest_minor = settled_interest_minor - reduction_minor
    carried_left_minor = max(carried_late_minor - settled_before_minor, 0)
    paid_carried_minor = min(carried_left_minor, paid_interest_minor)
    return PaidParts(
        settles_minor - settled_interest_minor,
        paid_interest_minor + late_minor,
        late_minor + paid_carried_minor,
        paid_carried_minor,
    )


def split_among_holders(paid: PaidParts, holders: Iterable[Holder]) -> list[Share]:
    """Each holder's share of *paid*, by position id."""
    by_id = {holder.position_id: holder for holder in holders}
    quotas = {position_id: holder.quota_count for position_id, holder in by_id.items()}
    principal = split_by_weights(paid.principal_minor, quotas)
    interest = split_by_weights(paid.interest_minor, quotas)
    return [
        Share(
            by_id[key],
            principal[key],
            interest[key],
            *by_id[key].deductions.of(interest[key], late_share=paid.late_share),
        )
        for key in sorted(by_id)
    ]
