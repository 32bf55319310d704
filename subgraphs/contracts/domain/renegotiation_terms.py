"""
What a renegotiation comes to, as arithmetic without a database: the debt of a day, the schedule that would take its
place, and whether the holders have consented.

Principal stays principal, to the cent: what investors lent is theirs to have back, and the tax is on what they earn. So
interest and charges that are owed already are not added to it. They are carried: shared evenly among the new
installments, beside the interest that runs from now on, and no interest is taken on them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from subgraphs.contracts.domain.lateness import charges_of
from subgraphs.contracts.domain.schedule import ScheduledInstallment
from subgraphs.contracts.models import CPR, Installment, Silence
from subgraphs.shared.accrual import accrued_interest, elapsed
from subgraphs.shared.money import round_half_up


@dataclass(frozen=True, kw_only=True)
class Debt:
    """What is owed under a CPR on a day, in cents."""

    principal_minor: int
    interest_minor: int
    """The CPR's own, accrued by that day and not paid."""
    late_minor: int
    """Fine and interest for being late, those that an earlier renegotiation carried among them."""


@dataclass(frozen=True, kw_only=True)
class Period:
    """The time for which an installment's interest is, and the rate that it follows from."""

    starts_on: date
    months: int
    monthly_rate: Decimal


def debt_of(cpr: CPR, owed: Sequence[tuple[Installment, Period]], *, on: date) -> Debt:
    """What the installments that are *owed* come to on a day: as settling the CPR that day would cost."""
    carried_late_minor = sum(row.open_carried_late_minor for row, _ in owed)
    return Debt(
        principal_minor=sum(row.open_minor - row.open_interest_minor for row, _ in owed),
        interest_minor=sum(_accrued(row, period, on=on) for row, period in owed) - carried_late_minor,
        late_minor=sum(charges_of(cpr, row, on=on).total_minor for row, _ in owed) + carried_late_minor,
    )


def _accrued(row: Installment, period: Period, *, on: date) -> int:
    passed = elapsed(on, starts_on=period.starts_on, due_on=row.due_on)
    accrued_minor = row.carried_minor + accrued_interest(
        row.interest_minor - row.carried_minor,
        monthly_rate=period.monthly_rate,
        months=period.months,
        passed=passed,
    )
    # By a rate of nothing nothing accrues, and what there is of interest is owed when it is due.
    return max((row.interest_minor if on >= row.due_on else accrued_minor) - row.settled_minor, 0)


@dataclass(frozen=True, kw_only=True)
class Line:
    """One installment of a proposed schedule."""

    number: int
    starts_on: date
    due_on: date
    principal_minor: int
    interest_minor: int
    carried_minor: int
    """Of the interest, what was owed before."""
    carried_late_minor: int
    """Of what is carried, fine and interest for being late."""


def lines_of(
    installments: Sequence[ScheduledInstallment],
    *,
    carried_minor: int,
    carried_late_minor: int,
    starts_on: date,
    after_number: int,
) -> list[Line]:
    """
    The new *installments* with what they carry, numbered on from those there were.

    Of what is carried, *carried_late_minor* are charges for being late; each line has its part of them in what it
    carries, and never more of them than it carries.
    """
    lines: list[Line] = []
    before_minor = late_before_minor = 0
    for place, part in enumerate(installments, start=1):
        until_minor = round_half_up(Fraction(carried_minor * place, len(installments)))
        # By the cents that are carried, not by the place: a step of so many cents brings no more cents for lateness.
        late_until_minor = round_half_up(Fraction(carried_late_minor * until_minor, max(carried_minor, 1)))
        lines.append(
            Line(
                number=after_number + place,
                starts_on=lines[-1].due_on if lines else starts_on,
                due_on=part.due_on,
                principal_minor=part.principal_minor,
                interest_minor=part.interest_minor + until_minor - before_minor,
                carried_minor=until_minor - before_minor,
                carried_late_minor=late_until_minor - late_before_minor,
            )
        )
        before_minor, late_before_minor = until_minor, late_until_minor
    return lines


@dataclass(frozen=True, kw_only=True)
class Tally:
    """How the holders' quotas voted."""

    quota_count: int
    consenting: int
    refusing: int

    @property
    def silent(self) -> int:
        return self.quota_count - self.consenting - self.refusing


def outcome_of(tally: Tally, *, share: Decimal, silence: Silence, is_over: bool) -> bool | None:
    """
    Whether the holders have consented: more than *share* of what counts. None while votes may still decide it.

    Before the time *is_over* only what no vote to come could change is an outcome.
    """
    silent_for = silence is Silence.CONSENTS
    if is_over:
        counted = tally.quota_count if silence is not Silence.NOT_COUNTED else tally.quota_count - tally.silent
        consenting = tally.consenting + (tally.silent if silent_for else 0)
        return consenting > share * counted
    if tally.consenting > share * tally.quota_count:
        return True
    if tally.consenting + tally.silent <= share * tally.quota_count:
        return False
    return None
