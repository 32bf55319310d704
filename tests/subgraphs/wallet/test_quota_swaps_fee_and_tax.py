"""What the platform and the state take of a sale of quotas, and what the quotas had cost."""

from datetime import date, timedelta

import asyncpg
import pytest

from subgraphs.shared.person_kind import PersonKind
from subgraphs.wallet.domain import books
from subgraphs.wallet.schemas import events
from tests.subgraphs.wallet.quota_swaps import PURCHASE, REGRESSIVE, lent, pay, wanted
from tests.subgraphs.wallet.tampering import tamper
from tests.subgraphs.wallet.wallet_world import CARLOS, MARINA, SERGIO, WalletWorld, number


@pytest.mark.parametrize(
    ("held_days", "tax"), [(180, 22_50), (181, 20_00), (360, 20_00), (361, 17_50), (720, 17_50), (721, 15_00)]
)
async def test_a_gain_is_taxed_by_the_time_it_was_held(
    world: WalletWorld, owner: asyncpg.Connection, held_days: int, tax: int
) -> None:
    """R$ 505.05 less the fee of R$ 5.05 and R$ 400 of cost is a gain of R$ 100."""
    await owner.execute(REGRESSIVE)
    await lent(world)
    world.clock.advance(days=held_days)
    await world.tell(wanted(price_minor=505_05))
    (swapped,) = await world.published(events.QuotasSwapped)
    assert (swapped.fee_minor, swapped.tax_minor, swapped.net_minor) == (5_05, tax, 500_00 - tax)


@pytest.mark.parametrize(("held_days", "tax"), [(180, 22_50), (721, 15_00)])
async def test_a_companys_gain_is_taxed_where_a_persons_is_exempt(world: WalletWorld, held_days: int, tax: int) -> None:
    """As the rules stand: R$ 505.05 less the fee of R$ 5.05 and R$ 400 of cost is a gain of R$ 100."""
    await lent(world)
    world.clock.advance(days=held_days)
    await world.tell(wanted(quota_count=2, price_minor=252_52))
    await world.tell(
        wanted(
            purchase_id=number(0xBA2), quota_count=4, price_minor=505_05, seller_person=PersonKind.LEGAL,
            buyer_person=PersonKind.LEGAL,
        )
    )  # fmt: skip
    of_a_person, of_a_company = await world.published(events.QuotasSwapped)
    assert (of_a_person.tax_minor, of_a_person.buyer_person) == (0, PersonKind.NATURAL)
    assert (of_a_company.tax_minor, of_a_company.buyer_person) == (tax, PersonKind.LEGAL)
    assert of_a_company.net_minor == 500_00 - tax


@pytest.mark.parametrize(("price", "fee"), [(49, 0), (50, 1), (1_49, 1), (1_50, 2), (2_50, 3)])
async def test_the_fee_is_rounded_half_up(world: WalletWorld, price: int, fee: int) -> None:
    await lent(world)
    await world.tell(wanted(quota_count=1, price_minor=price))
    (swapped,) = await world.published(events.QuotasSwapped)
    assert (swapped.fee_minor, swapped.net_minor) == (fee, price - fee)


async def test_what_was_paid_for_quotas_is_shared_among_them_to_the_cent(world: WalletWorld) -> None:
    """Carlos bought three quotas for R$ 100 and sells them one by one."""
    await lent(world)
    await world.tell(wanted(quota_count=3, price_minor=100_00))
    for place in range(3):
        await world.tell(
            wanted(
                purchase_id=number(0xBB0 + place), position_id=PURCHASE, position_quotas=3, seller_id=CARLOS,
                buyer_id=MARINA, quota_count=1, price_minor=30_00,
            )
        )  # fmt: skip
    costs = await world.rows("SELECT cost_minor FROM quota_swaps ORDER BY number")
    assert costs == [(300_00,), (33_33,), (33_34,), (33_33,)]


async def test_what_was_paid_back_is_no_cost_any_more(world: WalletWorld, owner: asyncpg.Connection) -> None:
    """Marina has had half of her R$ 1,000 back, and sells two quotas of ten for R$ 190."""
    await owner.execute(REGRESSIVE)
    first, _ = await lent(world)
    await world.deposit(SERGIO, 2_000_00)
    await pay(world, first)
    await world.tell(wanted(quota_count=2, price_minor=190_00, paid_installments=1, unpaid_principal_minor=500_00))
    (swapped,) = await world.published(events.QuotasSwapped)
    assert (swapped.cost_minor, swapped.fee_minor, swapped.tax_minor) == (100_00, 1_90, 19_82)  # 22.5 % of R$ 88.10
    assert await world.balances(MARINA) == (168_28, 0, 0)


async def test_of_what_was_bought_later_only_what_was_paid_back_since_is_no_cost(world: WalletWorld) -> None:
    """Carlos buys four quotas for R$ 180 when R$ 500 are to come, and sells them two by two when R$ 200 are."""
    first, second, _ = await lent(world, installments=(600_00, 350_00, 220_00))
    await world.deposit(SERGIO, 2_000_00)
    await pay(world, first)
    await world.tell(wanted(price_minor=180_00, paid_installments=1, unpaid_principal_minor=500_00))
    await pay(world, second)
    await world.deposit(MARINA, 100_00)
    for place in range(2):
        await world.tell(
            wanted(
                purchase_id=number(0xBB0 + place), position_id=PURCHASE, position_quotas=4, seller_id=CARLOS,
                buyer_id=MARINA, quota_count=2, price_minor=40_00, paid_installments=2, unpaid_principal_minor=200_00,
            )
        )  # fmt: skip
    costs = [swapped.cost_minor for swapped in await world.published(events.QuotasSwapped)]
    assert costs == [200_00, 36_00, 36_00]


async def test_a_purchase_from_before_the_wallet_was_told_what_is_to_come_has_the_whole_cost(
    world: WalletWorld,
) -> None:
    first, _ = await lent(world)
    await world.deposit(SERGIO, 2_000_00)
    await pay(world, first)
    untold = {"principal_minor": None, "unpaid_principal_minor": None, "offered_at": None}
    await world.tell(wanted(price_minor=180_00, paid_installments=1, **untold))
    resold = wanted(
        purchase_id=number(0xBA2), position_id=PURCHASE, position_quotas=4, seller_id=CARLOS, buyer_id=MARINA,
        quota_count=2, price_minor=40_00, paid_installments=1, unpaid_principal_minor=500_00,
    )  # fmt: skip
    await world.tell(resold)
    assert [swapped.cost_minor for swapped in await world.published(events.QuotasSwapped)] == [400_00, 90_00]


async def test_fee_and_tax_are_those_of_the_day(world: WalletWorld, owner: asyncpg.Connection) -> None:
    """From 24 November on 1.5 % of R$ 500, and 10 % of a gain of R$ 92.50 by a table that replaces the old one."""
    await owner.execute("INSERT INTO secondary_fee_rates VALUES ('2026-11-24', 0.015, 'for tests')")
    await owner.execute(REGRESSIVE.replace("2026-01-01", "2026-11-24"))
    await owner.execute("INSERT INTO gain_tax_brackets VALUES ('2026-11-24', 0, 0.1)")
    await lent(world)
    await world.tell(wanted(price_minor=500_00))
    world.clock.advance(days=1)
    await world.deposit(CARLOS, 500_00)
    await world.tell(wanted(purchase_id=number(0xBA2), price_minor=500_00))
    taken = [(swapped.fee_minor, swapped.tax_minor) for swapped in await world.published(events.QuotasSwapped)]
    assert taken == [(5_00, 0), (7_50, 9_25)]


@pytest.mark.parametrize("table", ["secondary_fee_rates", "gain_tax_rules", "gain_tax_brackets"])
async def test_without_a_rule_nothing_changes_hands(world: WalletWorld, owner: asyncpg.Connection, table: str) -> None:
    await owner.execute(REGRESSIVE)
    await tamper(owner, table, f"DELETE FROM {table}")  # noqa: S608  # names above
    await lent(world)
    with pytest.raises(LookupError):
        await world.tell(wanted(price_minor=500_00))
    assert await world.balances(CARLOS) == (1_000_00, 0, 0)
    assert await world.rows("SELECT * FROM swap_requests") == []


async def test_a_loss_is_not_taxed(world: WalletWorld, owner: asyncpg.Connection) -> None:
    await owner.execute(REGRESSIVE)
    await lent(world)
    await world.tell(wanted(price_minor=390_00))
    (swapped,) = await world.published(events.QuotasSwapped)
    assert swapped.tax_minor == 0


FLAT = """
    INSERT INTO gain_tax_rules (person, issued_from, valid_from, treatment, rate, legal_basis, doubt)
    VALUES ('NATURAL', '2026-11-20', '2026-11-20', 'FLAT', 0.05, 'for tests', 'for tests')
"""


@pytest.mark.parametrize(
    ("issued_on", "tax"),
    [(date(2026, 11, 19), 0), (date(2026, 11, 20), 5_00), (None, 5_00)],
)
async def test_a_law_may_tax_cprs_issued_from_a_day_on_and_leave_older_ones_exempt(
    world: WalletWorld, owner: asyncpg.Connection, issued_on: date | None, tax: int
) -> None:
    """One of which the day was not told counts as issued when it was registered, on 23 November."""
    await owner.execute(FLAT)
    await lent(world, issued_on=issued_on)
    world.clock.advance(days=200)
    await world.tell(wanted(price_minor=505_05))
    (swapped,) = await world.published(events.QuotasSwapped)
    assert swapped.tax_minor == tax
    report = await books.check_books(world.subgraph.database, now=world.clock.now() + timedelta(hours=2))
    assert report.problems == ()


async def test_a_rule_may_go_by_a_scale_of_its_own(world: WalletWorld, owner: asyncpg.Connection) -> None:
    await owner.execute(
        "INSERT INTO gain_tax_rules (valid_from, treatment, legal_basis, doubt, scale)"
        " VALUES ('2026-11-01', 'REGRESSIVE', 'for tests', 'for tests', 'NEW')"
    )
    await owner.execute(
        "INSERT INTO gain_tax_brackets (scale, valid_from, days_from, rate) VALUES ('NEW', '2026-11-01', 0, 0.1)"
    )
    await lent(world)
    await world.tell(wanted(price_minor=505_05))
    (swapped,) = await world.published(events.QuotasSwapped)
    assert swapped.tax_minor == 10_00
    report = await books.check_books(world.subgraph.database, now=world.clock.now() + timedelta(hours=2))
    assert report.problems == ()


async def test_the_books_name_a_tax_by_another_rule_than_that_of_the_cprs_day(
    world: WalletWorld, owner: asyncpg.Connection
) -> None:
    await lent(world, issued_on=date(2026, 11, 20))
    await world.tell(wanted(price_minor=505_05))
    await owner.execute(FLAT)
    report = await books.check_books(world.subgraph.database, now=world.clock.now() + timedelta(hours=2))
    assert report.problems == (f"swap {PURCHASE}: 505 and 0 cents are of no rule",)
