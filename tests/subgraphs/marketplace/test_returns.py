"""The expected return, against figures worked out by hand."""

from decimal import Decimal

import pytest

from subgraphs.marketplace.domain.returns import expected_net_return, monthly_rate, whole_interest_minor
from subgraphs.shared.vocabulary import Amortisation

TWO_PERCENT_A_MONTH = Decimal("1.02") ** 12 - 1


def test_a_monthly_rate_compounds_to_the_annual_one() -> None:
    assert monthly_rate(TWO_PERCENT_A_MONTH).quantize(Decimal("1e-12")) == Decimal("0.02")


@pytest.mark.parametrize(
    ("amortisation", "kept", "expected"),
    [
        (Amortisation.PRICE, "1", "0.2682"),  # nothing taken: the rate itself
        (Amortisation.SAC, "1", "0.2682"),
        (Amortisation.BULLET, "1", "0.2682"),
        (Amortisation.PRICE, "0.85", "0.2242"),  # 1.017 ^ 12
        (Amortisation.SAC, "0.85", "0.2242"),
        (Amortisation.BULLET, "0.85", "0.2280"),  # 1 + 0.85 x 0.268242
        (Amortisation.PRICE, "0.625", "0.1608"),  # fee 15 % and tax 22.5 %: 1.0125 ^ 12
        (Amortisation.PRICE, "0", "0.0000"),
    ],
)
def test_what_is_left_of_two_percent_a_month(amortisation: Amortisation, kept: str, expected: str) -> None:
    left = expected_net_return(
        monthly=Decimal("0.02"), term_months=12, amortisation=amortisation, net_of_interest=Decimal(kept)
    )
    assert str(left) == expected


def test_a_longer_bullet_loses_more_to_the_fee_than_to_the_months() -> None:
    # (1 + 0.85 x (1.02 ^ 24 - 1)) ^ (12 / 24) - 1 = 1.517172 ^ 0.5 - 1
    left = expected_net_return(
        monthly=Decimal("0.02"),
        term_months=24,
        amortisation=Amortisation.BULLET,
        net_of_interest=Decimal("0.85"),
    )
    assert left == Decimal("0.2317")


@pytest.mark.parametrize(
    ("amortisation", "expected"),
    [
        (Amortisation.PRICE, 134_715),  # 12 x 945.596... - 10,000: the schedule's 1,347.15
        (Amortisation.SAC, 130_000),
        (Amortisation.BULLET, 268_242),
    ],
)
def test_interest_of_ten_thousand_at_two_percent_over_a_year(amortisation: Amortisation, expected: int) -> None:
    interest = whole_interest_minor(
        principal_minor=1_000_000, monthly=Decimal("0.02"), term_months=12, amortisation=amortisation
    )
    assert interest == expected


def test_without_a_rate_there_is_no_interest() -> None:
    assert (
        whole_interest_minor(
            principal_minor=1_000_000, monthly=Decimal(0), term_months=12, amortisation=Amortisation.PRICE
        )
        == 0
    )
