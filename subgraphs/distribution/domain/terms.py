"""
What is taken from a holder's interest: the platform's fee and income tax.

The fee is the one in force when the position was acquired, so that an investor's terms do not change under them. It is
of the contract's interest, and of what being late costs only where it says so. The tax is the one in force on the day
of the payment, as the law is applied, for titles issued when the CPR was.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

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
    fee_of_late_charges: bool = False

    def of(self, interest_minor: int, *, late_share: Fraction = Fraction(0)) -> tuple[int, int]:
        """Fee and tax of *interest_minor*, of which *late_share* is for being late, each rounded half up to cents."""
        charged = interest_minor * (1 if self.fee_of_late_charges else 1 - late_share)
        fee_minor = round_half_up(charged * Fraction(self.fee_rate))
        yield_minor = interest_minor - fee_minor if self.tax_base == TaxBase.INTEREST_LESS_FEE else interest_minor
        # Each half of a cent up, on a few cents of interest, could take more than there is.
        return fee_minor, min(round_half_up(yield_minor * self.tax_rate), interest_minor - fee_minor)


@dataclass(frozen=True)
class Terms:
    """Everything about fee and tax that the payments of one day need."""

    fees: Sequence[PerformanceFee]
    """The newest first."""
    tax_rules: Sequence[TaxRule]
    """For the titles issued last first."""
    tax_brackets: Sequence[TaxBracket]
    """Of all scales, from the shortest time held."""

    def deductions(
        self, *, person: str, instrument: str, issued_on: date, acquired_on: date, held_days: int
    ) -> Deductions:
        """Raises LookupError where no rule was laid down: better no distribution than one by a guess."""
        fee = next((fee for fee in self.fees if fee.valid_from <= acquired_on), None)
        rule = next(
            (
                rule
                for rule in self.tax_rules
                if (rule.person, rule.instrument) == (person, instrument) and rule.issued_from <= issued_on
            ),
            None,
        )
        if fee is None or rule is None:
            raise LookupError(
                f"no fee for {acquired_on}, or no tax rule for {person} with {instrument} issued on {issued_on}"
            )
        rate = self.tax_rate(rule, held_days)
        return Deductions(fee.rate, rate, TaxTreatment(rule.treatment), TaxBase(rule.base), fee.of_late_charges)

    def tax_rate(self, rule: TaxRule, held_days: int) -> Decimal:
        """The rate by *rule* of a yield on what was held so many days."""
        if rule.treatment == TaxTreatment.EXEMPT:
            return Decimal(0)
        if rule.rate is not None:
            return rule.rate
        scale = (bracket for bracket in self.tax_brackets if bracket.scale == rule.scale)
        rates = [bracket.rate for bracket in scale if bracket.days_from <= held_days]
        if not rates:
            raise LookupError(f"no tax bracket of {rule.scale} for {held_days} days")
        return rates[-1]


async def get_terms(session: AsyncSession, on: date) -> Terms:
    """The terms for payments of the day *on*."""
    return Terms(
        fees=await terms.list_fees(session),
        tax_rules=await terms.list_tax_rules(session, on),
        tax_brackets=await terms.list_tax_brackets(session, on),
    )
