"""
What is taken from a holder's interest: the platform's fee and income tax.

The fee is the one in force when the position was acquired, so that an investor's terms do not change under them. The
tax is the one in force on the day of the payment, as the law is applied.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.distribution.crud import terms
from subgraphs.distribution.models import PerformanceFee, TaxBase, TaxBracket, TaxRule, TaxTreatment
from subgraphs.shared.money import round_half_up


@dataclass(frozen=True)
class Deductions:
    """The rates of one holder for one payment."""

    fee_rate: Decimal
    tax_rate: Decimal
    tax_treatment: TaxTreatment
    tax_base: TaxBase

    def of(self, interest_minor: int) -> tuple[int, int]:
        """Fee and tax of *interest_minor*, each rounded half up to cents."""
        fee_minor = round_half_up(interest_minor * self.fee_rate)
        yield_minor = interest_minor - fee_minor if self.tax_base == TaxBase.INTEREST_LESS_FEE else interest_minor
        # Each half of a cent up, on a few cents of interest, could take more than there is.
        return fee_minor, min(round_half_up(yield_minor * self.tax_rate), interest_minor - fee_minor)


@dataclass(frozen=True)
class Terms:
    """Everything about fee and tax that the payments of one day need."""

    fees: Sequence[PerformanceFee]
    """The newest first."""
    tax_rules: dict[tuple[str, str], TaxRule]
    """By person and instrument."""
    tax_brackets: Sequence[TaxBracket]
    """From the shortest time held."""

    def deductions(self, *, person: str, instrument: str, acquired_on: date, held_days: int) -> Deductions:
        """Raises LookupError where no rule was laid down: better no distribution than one by a guess."""
        fee = next((fee for fee in self.fees if fee.valid_from <= acquired_on), None)
        rule = self.tax_rules.get((person, instrument))
        if fee is None or rule is None:
            raise LookupError(f"no fee for {acquired_on}, or no tax rule for {person} with {instrument}")
        treatment = TaxTreatment(rule.treatment)
        rate = Decimal(0) if treatment == TaxTreatment.EXEMPT else self.regressive_rate(held_days)
        return Deductions(fee.rate, rate, treatment, TaxBase(rule.base))

    def regressive_rate(self, held_days: int) -> Decimal:
        """The regressive table's rate for a yield on what was held so many days."""
        rates = [bracket.rate for bracket in self.tax_brackets if bracket.days_from <= held_days]
        if not rates:
            raise LookupError(f"no tax bracket for {held_days} days")
        return rates[-1]


async def get_terms(session: AsyncSession, on: date) -> Terms:
    """The terms for payments of the day *on*."""
    rules = await terms.list_tax_rules(session, on)
    return Terms(
        fees=await terms.list_fees(session),
        tax_rules={(rule.person, rule.instrument): rule for rule in rules},
        tax_brackets=await terms.list_tax_brackets(session, on),
    )
