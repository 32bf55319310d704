"""The tax on credit: published figures."""

from decimal import Decimal

import pytest

from subgraphs.wallet.domain.iof import Iof, iof_due
from subgraphs.wallet.domain.reasons import check_reason
from subgraphs.wallet.models import Instrument
from tests.subgraphs.wallet.wallet_world import WalletWorld

GENERAL = {"daily_rate": Decimal("0.000082"), "days_max": 365, "additional_rate": Decimal("0.0038")}


@pytest.mark.parametrize(
    ("days", "daily_minor", "total_minor"),
    [(180, 147_60, 185_60), (365, 299_30, 337_30), (366, 299_30, 337_30), (1_800, 299_30, 337_30), (0, 0, 38_00)],
)
def test_ten_thousand_to_a_natural_person(days: int, daily_minor: int, total_minor: int) -> None:
    due = iof_due(10_000_00, days=days, **GENERAL)
    assert due == Iof(daily_minor=daily_minor, additional_minor=38_00)
    assert due.total_minor == total_minor


def test_each_part_is_rounded_half_up() -> None:
    # 61 cents × 0.0082 % × 100 days is half a cent; 0.38 % of 1.32 is 0.5016 cents.
    assert iof_due(61, days=100, daily_rate=Decimal("0.000082"), days_max=365, additional_rate=Decimal(0)) == Iof(1, 0)
    assert iof_due(132, days=0, **GENERAL) == Iof(0, 1)


async def test_the_tables_hold_the_law_of_the_day(world: WalletWorld) -> None:
    rows = await world.rows("SELECT instrument, daily_rate, days_max, additional_rate FROM iof_rates ORDER BY 1")
    assert [tuple(row) for row in rows] == [
        (Instrument.GENERAL_NATURAL_PERSON, GENERAL["daily_rate"], 365, GENERAL["additional_rate"]),
        (Instrument.REGISTERED_CPR, 0, 365, 0),
    ]
    assert await world.scalar("SELECT count(*) FROM iof_rates WHERE length(doubt) > 20") == 2


def test_a_reason_is_kept_without_the_space_around_it() -> None:
    assert check_reason("  asked by the bank ") == "asked by the bank"
