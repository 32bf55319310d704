"""The marketplace's rules in force at an instant, read from dated parameters."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from subgraphs.marketplace.crud import parameters
from subgraphs.shared.clock import business_date
from subgraphs.shared.reading import Reader
from subgraphs.shared.vocabulary import ConsentPurpose, RiskGrade

CONSENTS = (ConsentPurpose.TERMS_OF_USE, ConsentPurpose.INVESTMENT_RISK)
"""What an investor has agreed to before lending, or buying of others."""
CONFIRMATION_PHRASE = "EU ENTENDO O RISCO"


@dataclass(frozen=True)
class Rules:
    """One value per parameter; the names are the parameters'."""

    quota_price_minor: int
    offering_period: timedelta
    decision_period: timedelta
    extension_period: timedelta
    extension_count_max: int
    investment_min_minor: int
    borrower_limit_minor: int
    concentration_share: Decimal
    concentration_portfolio_minor: int
    hold_timeout: timedelta
    performance_fee_rate: Decimal
    income_tax_rate: Decimal
    fee_of_late_charges: bool
    """Whether the performance fee is taken of fine and interest for being late as well."""
    is_taxed_after_fee: bool
    discount_rates: dict[str, Decimal]
    """By grade, what a buyer of quotas is taken to want a year."""
    swap_timeout: timedelta
    fresh_proof: timedelta
    """How old the proof of who offers or buys quotas may be."""

    @property
    def net_of_interest(self) -> Decimal:
        """The share of the contract's interest that is left to an investor after fee and tax."""
        return self._left_by(self.performance_fee_rate)

    def left_of(self, interest: Fraction | int, *, late: Fraction | int) -> Fraction:
        """What fee and tax leave of *interest*, of which *late* is fine and interest for being late."""
        late_fee_rate = self.performance_fee_rate if self.fee_of_late_charges else Decimal(0)
        ordinary = (interest - late) * Fraction(self.net_of_interest)
        return ordinary + late * Fraction(self._left_by(late_fee_rate))

    def _left_by(self, fee_rate: Decimal) -> Decimal:
        taxed = 1 - fee_rate if self.is_taxed_after_fee else 1
        return 1 - fee_rate - self.income_tax_rate * taxed


async def get_rules(session: Reader, *, now: datetime) -> Rules:
    """The rules in force on the day, in Brasília, of *now*. Raises KeyError when a parameter has no value yet."""
    values = await parameters.get_values(session, business_date(now))
    return Rules(
        quota_price_minor=int(values["quota_price_minor"]),
        offering_period=timedelta(days=int(values["offering_days"])),
        decision_period=timedelta(days=int(values["decision_days"])),
        extension_period=timedelta(days=int(values["extension_days"])),
        extension_count_max=int(values["extension_count_max"]),
        investment_min_minor=int(values["investment_min_minor"]),
        borrower_limit_minor=int(values["borrower_limit_minor"]),
        concentration_share=values["concentration_share"],
        concentration_portfolio_minor=int(values["concentration_portfolio_minor"]),
        hold_timeout=timedelta(minutes=int(values["hold_timeout_minutes"])),
        performance_fee_rate=values["performance_fee_rate"],
        income_tax_rate=values["income_tax_rate"],
        fee_of_late_charges=bool(values["fee_of_late_charges"]),
        is_taxed_after_fee=bool(values["is_taxed_after_fee"]),
        discount_rates={grade: values[f"discount_rate_{grade.lower()}"] for grade in RiskGrade},
        swap_timeout=timedelta(minutes=int(values["swap_timeout_minutes"])),
        fresh_proof=timedelta(seconds=int(values["fresh_proof_seconds"])),
    )
