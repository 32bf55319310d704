"""
What a quota is worth to who buys it: the present value of what is still to come.

Each unpaid installment brings a quota its part of the principal, and of the interest what fee and tax leave of it; of
one that was paid in part, what is open. What is due in d days is worth that, divided by (1 + r) to the power d/365,
where r is what buyers of the CPR's grade are taken to want a year (a dated parameter). What is due already is worth
what it is: fine and interest for being late are not counted but where a renegotiation carried them (no fee is taken of
these, unless the fee's own rule says so), and neither is that it may not come. So it is a suggestion, and it says what
it is made of.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from subgraphs.marketplace.domain.rules import Rules
from subgraphs.marketplace.models import Installment, Offering
from subgraphs.shared.money import round_half_up

DAYS_OF_A_YEAR = 365


@dataclass(frozen=True)
class FairPriceLine:
    """One installment's part in the price of a quota."""

    number: int
    due_on: date
    amount_minor: int
    """What it brings a quota, after fee and tax."""
    present_minor: int


@dataclass(frozen=True)
class FairPrice:
    """Of one quota."""

    price_minor: int
    discount_rate: Decimal
    lines: list[FairPriceLine]


def fair_price(offering: Offering, unpaid: Sequence[Installment], rules: Rules, *, on: date) -> FairPrice:
    """The fair price of one quota of *offering* on a day; *unpaid* are its installments still to come."""
    rate = rules.discount_rates[offering.grade]
    lines = []
    for installment in unpaid:
        interest_minor, late_minor = installment.open_interest_minor, installment.open_carried_late_minor
        net = installment.open_principal_minor + rules.left_of(interest_minor, late=late_minor)
        amount = Decimal(round_half_up(net / offering.funded_quotas))
        days = max((installment.due_on - on).days, 0)
        present = amount / (1 + rate) ** (Decimal(days) / DAYS_OF_A_YEAR)
        lines.append(FairPriceLine(installment.number, installment.due_on, int(amount), round_half_up(present)))
    return FairPrice(sum(line.present_minor for line in lines), rate, lines)
