"""
A schedule: what is owed when.

Interest is the balance times the monthly rate, rounded half-up to cents each month (months are equal, whatever their
days). The three forms differ in how the principal comes back:

- PRICE: every installment is the same amount, P·i / (1 - (1 + i)^-n), rounded half-up;
- SAC: every installment repays the same part of the principal, P / n, rounded half-up;
- BULLET: one installment, P·(1 + i)^n, rounded half-up, at the end of the term.

What rounding leaves over goes to the last installment, which repays whatever balance there is; so the parts of the
principal sum to it exactly, which the database checks again.
"""

import calendar
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext

from subgraphs.contracts.domain.business_days import adjust
from subgraphs.contracts.models.vocabulary import BusinessDayRule, RateConversion
from subgraphs.shared.money import round_half_up, to_decimal
from subgraphs.shared.vocabulary import Amortisation

PRECISION = 50
"""Digits of intermediate results: far more than cents of any amount over any term can show."""

MONTHLY_RATE_PLACES = Decimal("0.000000000001")
"""A rate is kept to twelve places, so that database, event and schedule compute with the same number."""

TERM_MONTHS_MAX = 600


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What a schedule follows from."""

    principal_minor: int
    monthly_rate: Decimal
    term_months: int
    amortisation: Amortisation

    def __post_init__(self) -> None:
        if self.principal_minor <= 0 or self.monthly_rate < 0 or not 1 <= self.term_months <= TERM_MONTHS_MAX:
            raise ValueError(f"no schedule follows from {self}")


@dataclass(frozen=True, kw_only=True)
class ScheduledInstallment:
    """One dated sum."""

    number: int
    due_on: date
    principal_minor: int
    interest_minor: int

    @property
    def amount_minor(self) -> int:
        return self.principal_minor + self.interest_minor


@dataclass(frozen=True)
class Schedule:
    """All installments of a CPR, in order."""

    installments: tuple[ScheduledInstallment, ...]

    @property
    def principal_minor(self) -> int:
        return sum(part.principal_minor for part in self.installments)

    @property
    def interest_minor(self) -> int:
        return sum(part.interest_minor for part in self.installments)

    def __str__(self) -> str:
        """An aligned table with the balance after each installment, for tests, logs and the CPR's text."""
        balance_minor = self.principal_minor
        lines = [f"{'no':>3}  {'due':<10}  {'principal':>14}  {'interest':>12}  {'amount':>14}  {'balance':>14}"]
        for part in self.installments:
            balance_minor -= part.principal_minor
            lines.append(f"{part.number:>3}  {part.due_on}  {_columns(part, balance_minor)}")
        total = f"{to_decimal(self.principal_minor):>14,}  {to_decimal(self.interest_minor):>12,}"
        amount = to_decimal(self.principal_minor + self.interest_minor)
        return "\n".join([*lines, f"     {'total':<10}  {total}  {amount:>14,}"])


def _columns(part: ScheduledInstallment, balance_minor: int) -> str:
    return (
        f"{to_decimal(part.principal_minor):>14,}  {to_decimal(part.interest_minor):>12,}  "
        f"{to_decimal(part.amount_minor):>14,}  {to_decimal(balance_minor):>14,}"
    )


def make_schedule(terms: Terms, *, disbursed_on: date, rule: BusinessDayRule) -> Schedule:
    """The schedule of *terms* for money that is out from *disbursed_on*."""
    if terms.amortisation is Amortisation.BULLET:
        parts = [(terms.principal_minor, _bullet_interest(terms))]
        months = [terms.term_months]
    else:
        parts = _monthly_parts(terms)
        months = list(range(1, terms.term_months + 1))
    return Schedule(
        tuple(
            ScheduledInstallment(
                number=number,
                due_on=adjust(months_after(disbursed_on, month), rule),
                principal_minor=principal_minor,
                interest_minor=interest_minor,
            )
            for number, (month, (principal_minor, interest_minor)) in enumerate(
                zip(months, parts, strict=True), start=1
            )
        )
    )


def monthly_rate_of(annual_rate: Decimal, conversion: RateConversion) -> Decimal:
    """The monthly rate of an annual one, to twelve places."""
    with localcontext(prec=PRECISION):
        effective = ((1 + annual_rate).ln() / 12).exp() - 1
        monthly = effective if conversion is RateConversion.EFFECTIVE else annual_rate / 12
        return monthly.quantize(MONTHLY_RATE_PLACES)


def months_after(day: date, months: int) -> date:
    """The same day of a later month, or that month's last day when it is shorter."""
    years, month = divmod(day.month - 1 + months, 12)
    last_day = calendar.monthrange(day.year + years, month + 1)[1]
    return date(day.year + years, month + 1, min(day.day, last_day))


def _monthly_parts(terms: Terms) -> list[tuple[int, int]]:
    """Principal and interest of each month; the last takes the whole balance."""
    balance_minor, parts = terms.principal_minor, []
    level_minor = _level_minor(terms)
    for month in range(1, terms.term_months + 1):
        interest_minor = round_half_up(balance_minor * terms.monthly_rate)
        if month == terms.term_months:
            principal_minor = balance_minor
        elif terms.amortisation is Amortisation.PRICE:
            # Rounded up every month, tiny amounts could be repaid before their time.
            principal_minor = min(level_minor - interest_minor, balance_minor)
        else:
            principal_minor = min(level_minor, balance_minor)
        parts.append((principal_minor, interest_minor))
        balance_minor -= principal_minor
    return parts


def _level_minor(terms: Terms) -> int:
    """What stays the same every month: the installment under PRICE, the part of the principal under SAC."""
    with localcontext(prec=PRECISION):
        principal, months = Decimal(terms.principal_minor), terms.term_months
        if terms.amortisation is Amortisation.SAC or terms.monthly_rate == 0:
            return round_half_up(principal / months)
        growth = (1 + terms.monthly_rate) ** months
        return round_half_up(principal * terms.monthly_rate * growth / (growth - 1))


def _bullet_interest(terms: Terms) -> int:
    with localcontext(prec=PRECISION):
        grown = terms.principal_minor * (1 + terms.monthly_rate) ** terms.term_months
        return round_half_up(grown) - terms.principal_minor
