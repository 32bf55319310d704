"""The tax on credit: published figures."""

from datetime import timedelta
from decimal import Decimal

import asyncpg
import pytest

from subgraphs.shared.person_kind import PersonKind
from subgraphs.shared.proposals import check_reason
from subgraphs.wallet.domain import books
from subgraphs.wallet.domain.iof import Iof, iof_due
from subgraphs.wallet.models import Instrument
from subgraphs.wallet.schemas import events
from tests.subgraphs.wallet.tampering import tamper
from tests.subgraphs.wallet.wallet_world import MARINA, SERGIO, WalletWorld, number

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
    rows = await world.rows("SELECT instrument, daily_rate, days_max, additional_rate FROM iof_rates ORDER BY 1, 2")
    assert [tuple(row) for row in rows] == [
        (Instrument.GENERAL_LEGAL_PERSON, Decimal("0.000041"), 365, GENERAL["additional_rate"]),
        (Instrument.GENERAL_LEGAL_PERSON, GENERAL["daily_rate"], 365, GENERAL["additional_rate"]),
        (Instrument.GENERAL_NATURAL_PERSON, GENERAL["daily_rate"], 365, GENERAL["additional_rate"]),
        (Instrument.REGISTERED_CPR, 0, 365, 0),
    ]
    assert await world.scalar("SELECT count(*) FROM iof_rates WHERE length(doubt) > 20") == 4
    assert await world.scalar("SELECT count(*) FROM iof_rules WHERE length(doubt) > 20") == 2


GENERAL_RULES = """
    INSERT INTO iof_rules VALUES
        ('NATURAL', '2026-11-24', 'GENERAL_NATURAL_PERSON', 'for tests', 'for tests'),
        ('LEGAL', '2024-01-01', 'GENERAL_LEGAL_PERSON', 'for tests', 'for tests')
"""


@pytest.mark.parametrize(
    ("person", "days_later", "iof_minor"),
    [
        (PersonKind.NATURAL, 0, 0),
        (PersonKind.NATURAL, 1, 33_32),  # 0.0082 % of R$ 1,000 on 360 days, and 0.38 %
        (PersonKind.LEGAL, 0, 33_32),
    ],
)
async def test_who_borrows_pays_the_general_rate_where_a_rule_of_the_day_says_so(
    world: WalletWorld, owner: asyncpg.Connection, person: PersonKind, days_later: int, iof_minor: int
) -> None:
    await owner.execute(GENERAL_RULES)
    world.clock.advance(days=days_later)
    await world.person_with(MARINA, 1_000_00)
    await world.open_wallets(SERGIO)
    await world.request_investment(MARINA, 1_000_00, investment=number(0x101))
    await world.fund(1_000_00, 1, farmer_person=person)
    (disbursed,) = await world.published(events.CPRDisbursed)
    assert (disbursed.iof_minor, disbursed.net_minor) == (iof_minor, 980_00 - iof_minor)
    assert await world.rows("SELECT farmer_person, iof_minor FROM disbursements") == [(person.value, iof_minor)]
    report = await books.check_books(world.subgraph.database, now=world.clock.now() + timedelta(hours=2))
    assert report.problems == ()


async def test_without_a_rule_of_iof_nothing_is_disbursed(world: WalletWorld, owner: asyncpg.Connection) -> None:
    await tamper(owner, "iof_rules", "DELETE FROM iof_rules")
    await world.person_with(MARINA, 1_000_00)
    await world.open_wallets(SERGIO)
    await world.request_investment(MARINA, 1_000_00, investment=number(0x101))
    with pytest.raises(LookupError, match="no rule or no rate of IOF is set for credit to NATURAL persons"):
        await world.fund(1_000_00, 1)
    assert await world.balances(SERGIO) == (0, 0, 0)
    assert await world.rows("SELECT * FROM disbursements") == []


def test_a_reason_is_kept_without_the_space_around_it() -> None:
    assert check_reason("  asked by the bank ") == "asked by the bank"
