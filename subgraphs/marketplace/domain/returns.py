"""
What an investment is expected to bring, after the platform's fee and income tax.

Fee and tax are shares of the interest, so an investor keeps k = 1 - fee - tax of it.

With Price and SAC each month pays interest at the monthly rate i on what is still owed, and some principal. The
investor's part has the same principal and k times the interest: exactly a loan at the monthly rate k·i. As an
effective rate per year that is (1 + k·i)^12 - 1.

A bullet pays ((1 + i)^n - 1) of interest once, after n months: the investor's money grows to
1 + k·((1 + i)^n - 1), which as an effective rate per year is that to the power 12/n, less 1.

It is an expectation: no default, nothing paid early or late.
"""

from decimal import ROUND_HALF_UP, Decimal

from subgraphs.shared.money import round_half_up
from subgraphs.shared.vocabulary import Amortisation

RATE_PLACES = Decimal("0.0001")


def monthly_rate(annual_rate: Decimal) -> Decimal:
    """The monthly rate that compounds to an effective *annual_rate*, where contracts has not told its own."""
    return (1 + annual_rate) ** (Decimal(1) / 12) - 1


def expected_net_return(*, monthly: Decimal, term_months: int, amortisation: str, net_of_interest: Decimal) -> Decimal:
    """The effective rate per year that is left to an investor, to a hundredth of a percent."""
    if amortisation == Amortisation.BULLET:
        growth = 1 + net_of_interest * ((1 + monthly) ** term_months - 1)
        net = growth ** (Decimal(12) / term_months) - 1
    else:
        net = (1 + net_of_interest * monthly) ** 12 - 1
    return net.quantize(RATE_PLACES, rounding=ROUND_HALF_UP)


def whole_interest_minor(*, principal_minor: int, monthly: Decimal, term_months: int, amortisation: str) -> int:
    """All the interest of a credit that is repaid as agreed, before any rounding month by month."""
    if monthly == 0:
        return 0
    growth = (1 + monthly) ** term_months
    if amortisation == Amortisation.BULLET:
        factor = growth - 1
    elif amortisation == Amortisation.SAC:
        factor = monthly * (term_months + 1) / 2
    else:
        factor = term_months * monthly * growth / (growth - 1) - 1
    return round_half_up(principal_minor * factor)
