"""What an investor has: money at work, where it is, what it finances and what it is expected to bring."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from uuid import UUID

from subgraphs.marketplace import models
from subgraphs.marketplace.crud.holdings import Holding
from subgraphs.marketplace.crud.installments import ScheduleProgress
from subgraphs.marketplace.domain.returns import whole_interest_minor
from subgraphs.marketplace.domain.rules import Rules
from subgraphs.shared.money import round_half_up

HUNDREDTH = Decimal("0.01")


@dataclass(frozen=True)
class Slice:
    """A part of a portfolio that has something in common."""

    key: str
    amount_minor: int
    share: Decimal
    """Of the money at work."""


@dataclass(frozen=True)
class Impact:
    """What an investor's money finances, in proportion to their quotas."""

    families: Decimal
    hectares: Decimal
    cpr_count: int


@dataclass(frozen=True)
class Portfolio:
    invested_minor: int
    """Put into open positions."""
    pending_minor: int
    """Of investments and purchases of quotas that the wallet has not answered yet."""
    outstanding_minor: int
    """Principal still to come of the quotas that are held, whatever they cost."""
    expected_income_minor: int
    """Interest still to come, after fee and tax."""
    pending_count: int
    active_count: int
    settled_count: int
    by_grade: list[Slice]
    by_crop: list[Slice]
    impact: Impact


def portfolio_of(
    found: Sequence[Holding],
    pending: tuple[int, int],
    progress: Mapping[UUID, ScheduleProgress | None],
    rules: Rules,
) -> Portfolio:
    """
    The portfolio of the person who has *found* and waits for *pending*, with the *progress* of its CPRs.

    Families and hectares count in proportion to the quotas held of all the CPR's quotas, also for what is repaid
    by now: it was financed.
    """
    by_grade: Counter[str] = Counter()
    by_crop: Counter[str] = Counter()
    held: Counter[models.Offering] = Counter()
    active_count = expected_minor = 0
    families = hectares = Fraction(0)
    cprs: set[UUID] = set()
    for position, offering in found:
        cprs.add(offering.cpr_id)
        share = Fraction(position.held_quotas, offering.quota_count)
        families += share * offering.families_benefited
        hectares += share * Fraction(offering.hectares)
        if position.ended_as is None:
            active_count += 1
            by_grade[offering.grade] += position.held_minor
            by_crop[offering.crop] += position.held_minor
            held[offering] += position.held_quotas
            expected_minor += expected_income(position.held_quotas, offering, progress.get(offering.cpr_id), rules)
    pending_count, pending_minor = pending
    return Portfolio(
        invested_minor=sum(by_grade.values()),
        pending_minor=pending_minor,
        # Rounded once for a CPR, as the year's statement does it, however many positions its quotas are in.
        outstanding_minor=sum(
            outstanding(quotas, offering, progress.get(offering.cpr_id)) for offering, quotas in held.items()
        ),
        expected_income_minor=expected_minor,
        pending_count=pending_count,
        active_count=active_count,
        settled_count=len(found) - active_count,
        by_grade=_slices(by_grade),
        by_crop=_slices(by_crop),
        impact=Impact(_hundredths(families), _hundredths(hectares), len(cprs)),
    )


def outstanding(quota_count: int, offering: models.Offering, progress: ScheduleProgress | None) -> int:
    """
    The principal still to come for *quota_count* quotas.

    What their holder paid for them does not matter: who bought them after an installment gets as much as others.
    """
    if progress is None:
        return quota_count * offering.quota_price_minor
    unpaid = progress.principal_minor - progress.paid_principal_minor
    return round_half_up(Fraction(unpaid * quota_count, offering.funded_quotas))


def expected_income(
    quota_count: int, offering: models.Offering, progress: ScheduleProgress | None, rules: Rules
) -> int:
    """
    The interest still to come for *quota_count* quotas, after fee and tax.

    From the schedule once there is one; before that from the offering's rate and term.
    """
    late = Fraction(0)
    if progress is not None:
        interest = Fraction(progress.due_interest_minor * quota_count, offering.funded_quotas)
        late = Fraction(progress.due_carried_late_minor * quota_count, offering.funded_quotas)
    else:
        principal_minor = quota_count * offering.quota_price_minor
        interest = Fraction(
            whole_interest_minor(
                principal_minor=principal_minor,
                monthly=offering.monthly_rate,
                term_months=offering.term_months,
                amortisation=offering.amortisation,
            )
        )
    return round_half_up(rules.left_of(interest, late=late))


def _slices(amounts: Counter[str]) -> list[Slice]:
    """The largest first."""
    whole = sum(amounts.values())
    ordered = sorted(amounts.items(), key=lambda item: (-item[1], item[0]))
    return [
        Slice(key, amount, (Decimal(amount) / whole).quantize(Decimal("0.0001"), rounding=ROUND_HALF_UP))
        for key, amount in ordered
    ]


def _hundredths(value: Fraction) -> Decimal:
    return round_half_up(value * 100) * HUNDREDTH
