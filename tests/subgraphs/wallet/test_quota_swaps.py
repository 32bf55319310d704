"""Quotas change hands in the transaction that moves their price, or neither does."""

import asyncio
import random
import uuid
from datetime import timedelta
from typing import Any

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from subgraphs.shared.messaging.reactions import NotYet
from subgraphs.shared.standing import facts
from subgraphs.wallet.domain import books, swaps
from subgraphs.wallet.schemas import events
from tests.builders.statements import explain, noted_statements
from tests.subgraphs.wallet.test_money_out import PAUSE
from tests.subgraphs.wallet.test_withdrawals import marina_with_an_account, withdraw
from tests.subgraphs.wallet.wallet_world import (
    CARLOS,
    CPR,
    MARINA,
    NINE_O_CLOCK,
    SERGIO,
    WalletWorld,
    cpr_registered,
    installment_distributed,
    investment_requested,
    lock_all,
    number,
    offering_funded,
    payout,
)

INVESTMENT = number(0x101)
PURCHASE = number(0xBA1)
PAY = """mutation($id: ID!, $key: String!) {
  payInstallment(input: {installmentId: $id, idempotencyKey: $key}) { ... on InstallmentPayment { id } } }"""
OTHER_INSTALLMENTS = """
    INSERT INTO installments (id, cpr_id, farmer_id, number, due_on, amount_minor)
    SELECT gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 1, '2026-12-23', 1 FROM generate_series(1, 5000);
    ANALYZE installments"""
REGRESSIVE = "INSERT INTO gain_tax_rules VALUES ('2026-01-01', 'REGRESSIVE', 'for tests', 'for tests')"


async def lent(
    world: WalletWorld, quotas: int = 10, installments: tuple[int, ...] = (600_00, 550_00)
) -> list[uuid.UUID]:
    """Marina has lent R$ 100 for each quota to Sérgio, who owes two installments; Carlos has R$ 1,000."""
    await world.person_with(MARINA, quotas * 100_00)
    await world.person_with(CARLOS, 1_000_00)
    await world.open_wallets(SERGIO)
    await world.request_investment(MARINA, quotas * 100_00, investment=INVESTMENT)
    await world.fund(quotas * 100_00, 1)
    return await world.activate(*installments)


def wanted(**changes: Any) -> events.QuotasWanted:
    """Carlos wants four of Marina's ten quotas for R$ 420."""
    values: dict[str, Any] = {
        "purchase_id": PURCHASE,
        "cpr_id": CPR,
        "investment_id": INVESTMENT,
        "position_id": INVESTMENT,
        "position_quotas": 10,
        "seller_id": MARINA,
        "buyer_id": CARLOS,
        "quota_count": 4,
        "price_minor": 420_00,
        "paid_installments": 0,
        "principal_minor": 1_000_00,
        "unpaid_principal_minor": 1_000_00,
        "offered_at": NINE_O_CLOCK - timedelta(hours=1),
        "good_until": NINE_O_CLOCK + timedelta(days=900),
    }
    return events.QuotasWanted(**(values | changes))


async def pay(world: WalletWorld, installment: uuid.UUID) -> uuid.UUID:
    data = await world.get(PAY, SERGIO, "farmer", id=str(installment), key=f"payment-{installment}")
    return uuid.UUID(data["payInstallment"]["id"])


async def refusals(world: WalletWorld) -> list[str]:
    return [refused.reason for refused in await world.published(events.QuotaSwapRefused)]


async def test_quotas_and_their_price_change_hands_together(world: WalletWorld) -> None:
    await lent(world)
    await world.tell(wanted())
    assert await world.balances(CARLOS) == (580_00, 0, 0)
    assert await world.balances(MARINA) == (415_80, 0, 0)  # less one percent
    (swapped,) = await world.published(events.QuotasSwapped)
    assert swapped == events.QuotasSwapped(
        purchase_id=PURCHASE,
        number=1,
        cpr_id=CPR,
        investment_id=INVESTMENT,
        seller_position_id=INVESTMENT,
        seller_id=MARINA,
        buyer_id=CARLOS,
        quota_count=4,
        price_minor=420_00,
        cost_minor=400_00,
        fee_minor=4_20,
        tax_minor=0,
        net_minor=415_80,
        swapped_at=NINE_O_CLOCK,
    )
    held = await world.rows("SELECT id, owner_id, quota_count, sold_quotas FROM quota_positions ORDER BY id")
    assert held == [(INVESTMENT, MARINA, 10, 4), (PURCHASE, CARLOS, 4, 0)]
    assert (await books.check_books(world.subgraph.database, now=world.clock.now())).problems == ()


async def test_the_statements_of_both_show_the_swap(world: WalletWorld) -> None:
    await lent(world)
    await world.tell(wanted())
    query = """{ _entities(representations: [{__typename: "User", id: "%s"}]) { ... on User { wallet {
      statement(kinds: [QUOTA_SWAP]) { nodes { kind amount { amount } balanceAfter { amount } reference } } } } } }"""
    for person, amount, balance in ((MARINA, "415.80", "415.80"), (CARLOS, "-420.00", "580.00")):
        (user,) = (await world.get(query % person, person))["_entities"]
        assert user["wallet"]["statement"]["nodes"] == [
            {
                "kind": "QUOTA_SWAP",
                "amount": {"amount": amount},
                "balanceAfter": {"amount": balance},
                "reference": str(PURCHASE),
            }
        ]


async def test_a_purchase_told_again_buys_nothing_again(world: WalletWorld) -> None:
    await lent(world)
    await world.tell(wanted())
    await world.tell(wanted())
    assert await world.balances(CARLOS) == (580_00, 0, 0)
    assert len(await world.published(events.QuotasSwapped)) == 1


async def test_what_is_bought_is_sold_on(world: WalletWorld) -> None:
    await lent(world)
    await world.tell(wanted())
    resold = wanted(
        purchase_id=number(0xBA2), position_id=PURCHASE, position_quotas=4, seller_id=CARLOS, buyer_id=MARINA,
        quota_count=3, price_minor=300_00,
    )  # fmt: skip
    await world.tell(resold)
    assert [(row.number, row.cost_minor) for row in await world.published(events.QuotasSwapped)] == [
        (1, 400_00),
        (2, 315_00),
    ]
    assert await world.balances(CARLOS) == (877_00, 0, 0)


async def test_who_cannot_pay_gets_nothing_also_when_asked_again_later(world: WalletWorld) -> None:
    await lent(world)
    await world.tell(wanted(price_minor=1_000_01))
    assert await refusals(world) == ["INSUFFICIENT_FUNDS"]
    await world.deposit(CARLOS, 100_00)
    await world.tell(wanted(price_minor=1_000_01))
    assert await world.balances(CARLOS) == (1_100_00, 0, 0)
    assert await world.balances(MARINA) == (0, 0, 0)
    assert await world.rows("SELECT * FROM quota_swaps") == []


async def test_no_more_is_sold_than_there_is(world: WalletWorld) -> None:
    """Ten purchases of three of ten quotas, at once: three come about."""
    await lent(world)
    many = [wanted(purchase_id=number(0xB00 + place), quota_count=3, price_minor=3_00) for place in range(10)]
    await asyncio.gather(*(world.tell(each) for each in many))
    assert sorted(await refusals(world)) == ["QUOTAS_SOLD"] * 7
    assert [swapped.number for swapped in await world.published(events.QuotasSwapped)] == [1, 2, 3]
    assert await world.rows("SELECT sold_quotas FROM quota_positions WHERE id = :id", id=INVESTMENT) == [(9,)]
    costs = await world.rows("SELECT cost_minor FROM quota_swaps ORDER BY number")
    assert costs == [(300_00,), (300_00,), (300_00,)]


async def test_a_payment_says_how_many_swaps_came_before_it(world: WalletWorld) -> None:
    first, second = await lent(world)
    await world.deposit(SERGIO, 2_000_00)
    await pay(world, first)
    await world.tell(wanted(paid_installments=1))
    await pay(world, second)
    told = await world.published(events.PaymentConfirmed)
    assert [confirmed.swaps_before for confirmed in told] == [0, 1]


async def test_an_installment_that_was_paid_meanwhile_overtakes_a_purchase(world: WalletWorld) -> None:
    first, second = await lent(world)
    await world.deposit(SERGIO, 2_000_00)
    await pay(world, first)
    await world.tell(wanted())
    await pay(world, second)
    await world.tell(wanted(purchase_id=number(0xBA2), paid_installments=2))
    assert await refusals(world) == ["INSTALLMENT_PAID_MEANWHILE", "CPR_SETTLED"]
    assert await world.balances(CARLOS) == (1_000_00, 0, 0)


async def test_a_purchase_that_comes_too_late_is_refused(world: WalletWorld) -> None:
    await lent(world)
    await world.tell(wanted(good_until=NINE_O_CLOCK))
    assert await refusals(world) == ["TIMED_OUT"]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"cpr_id": number(0xC9)}, NotYet),
        ({"position_id": number(0x999)}, NotYet),
        ({"buyer_id": number(0x999)}, NotYet),
        ({"position_quotas": 5}, ValueError),
    ],
    ids=["schedule not known", "position not known", "buyer not known", "other figures"],
)
async def test_what_cannot_be_swapped_is_refused_when_its_time_is_over(
    world: WalletWorld, change: dict[str, Any], fault: type[Exception]
) -> None:
    await lent(world)
    purchase = wanted(good_until=NINE_O_CLOCK + timedelta(hours=1), **change)
    with pytest.raises(fault):
        await world.tell(purchase)
    assert await refusals(world) == []
    world.clock.advance(hours=1)
    await world.tell(purchase)
    await world.tell(purchase)
    assert await refusals(world) == ["TIMED_OUT"]


async def test_a_purchase_that_was_overtaken_waits_for_nobodys_money(world: WalletWorld) -> None:
    await lent(world)
    async with asyncio.timeout(30), world.begin() as session:
        await lock_all(session)
        await world.tell(wanted(paid_installments=1))
        assert await refusals(world) == ["INSTALLMENT_PAID_MEANWHILE"]


async def test_a_cprs_installments_are_counted_without_a_look_at_all_others(
    world: WalletWorld, owner: asyncpg.Connection
) -> None:
    await lent(world)
    await owner.execute(OTHER_INSTALLMENTS)
    with noted_statements(world.subgraph.database) as sent:
        await world.tell(wanted())
    (counted,) = [each for each in sent if "count(installments.id)" in each[0]]
    plan = await explain(world.subgraph.database, counted)
    assert "ix_installments_cpr_id" in plan, plan
    assert "Seq Scan on installments" not in plan, plan


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


async def test_a_message_of_before_is_read() -> None:
    told = wanted().model_dump_json(exclude={"principal_minor", "unpaid_principal_minor", "offered_at"})
    read = events.QuotasWanted.model_validate_json(told)
    assert (read.principal_minor, read.unpaid_principal_minor, read.offered_at) == (None, None, None)


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
    await owner.execute(f"DELETE FROM {table}")  # noqa: S608  # names above
    await lent(world)
    with pytest.raises(LookupError):
        await world.tell(wanted(price_minor=500_00))
    assert await world.balances(CARLOS) == (1_000_00, 0, 0)
    assert await world.rows("SELECT * FROM swap_requests") == []


@pytest.mark.parametrize(("who", "reason"), [(MARINA, "SELLER_UNAVAILABLE"), (CARLOS, "PERSON_NOT_ACTIVE")])
@pytest.mark.parametrize("fact", [facts.UserSuspended, facts.AccountClosed])
async def test_who_is_locked_out_or_has_left_neither_buys_nor_sells(
    world: WalletWorld, who: uuid.UUID, reason: str, fact: Any
) -> None:
    """The buyer is not told why the seller cannot sell."""
    await lent(world)
    before = await world.trial_balance()
    await world.tell(facts.UserSuspended(user_id=who))
    if fact is facts.AccountClosed:
        await world.tell(events.AccountClosed(user_id=who))
        before = await world.trial_balance()
    await world.tell(wanted())
    assert await refusals(world) == [reason]
    assert await world.trial_balance() == before
    assert await world.rows("SELECT sold_quotas FROM quota_positions") == [(0,)]


@pytest.mark.usefixtures("rules")
@pytest.mark.parametrize(("who", "reason"), [(MARINA, "SELLER_UNAVAILABLE"), (CARLOS, "MONEY_OUT_PAUSED")])
@pytest.mark.parametrize("is_owners", [True, False], ids=["stopped", "cooling off"])
async def test_while_money_may_not_leave_freely_quotas_and_their_price_do_not_either(
    world: WalletWorld, who: uuid.UUID, reason: str, is_owners: bool
) -> None:
    """What a thief would sell for a cent, or buy for too much, is as lost as what is withdrawn."""
    await lent(world)
    if is_owners:
        await world.get(PAUSE, who)
    else:
        await world.tell(events.SecurityAlert(user_id=who, kind="PASSWORD_RESET"))
    await world.tell(wanted())
    assert await refusals(world) == [reason]
    assert await world.rows("SELECT * FROM quota_swaps") == []
    world.clock.advance(hours=24)
    await world.tell(wanted(purchase_id=number(0xBA2), offered_at=world.clock.now()))
    assert await world.balances(CARLOS) == (580_00, 0, 0)


@pytest.mark.usefixtures("rules")
@pytest.mark.parametrize("is_owners", [True, False], ids=["stopped", "disowned"])
async def test_an_offer_from_before_its_seller_said_it_was_not_them_is_never_bought(
    world: WalletWorld, is_owners: bool
) -> None:
    await lent(world)
    if is_owners:
        await world.get(PAUSE, MARINA)
    else:
        await world.tell(events.SecurityAlert(user_id=MARINA, kind="CHANGE_DISOWNED"))
    world.clock.advance(days=30)
    await world.tell(wanted(offered_at=NINE_O_CLOCK))
    assert await refusals(world) == ["SELLER_UNAVAILABLE"]
    await world.tell(wanted(purchase_id=number(0xBA2), offered_at=NINE_O_CLOCK + timedelta(seconds=1)))
    assert await world.balances(CARLOS) == (580_00, 0, 0)


@pytest.mark.usefixtures("rules")
async def test_an_offer_outlives_a_cooling_off_time(world: WalletWorld) -> None:
    """Nobody has said that it was not them."""
    await lent(world)
    await world.tell(events.SecurityAlert(user_id=MARINA, kind="PASSWORD_RESET"))
    world.clock.advance(days=1)
    await world.tell(wanted())
    assert await world.balances(CARLOS) == (580_00, 0, 0)


@pytest.mark.usefixtures("rules")
async def test_a_pause_and_a_swap_at_once_come_one_after_the_other(world: WalletWorld) -> None:
    await lent(world)
    await asyncio.gather(world.tell(wanted()), world.get(PAUSE, MARINA))
    assert await refusals(world) in ([], ["SELLER_UNAVAILABLE"])
    await world.tell(wanted(purchase_id=number(0xBA2), quota_count=1, price_minor=1))
    assert (await refusals(world))[-1] == "SELLER_UNAVAILABLE"


async def test_two_who_buy_of_each_other_at_once_wait_for_each_other(world: WalletWorld) -> None:
    """In two CPRs, so that the register's row does not keep them apart: both lock two wallets."""
    await lent(world)
    investment, other = number(0x102), {"cpr_id": number(0xCF2)}
    await world.request_investment(CARLOS, 1_000_00, investment=investment, offering=number(0x0E))
    await world.tell(cpr_registered().model_copy(update=other))
    await world.tell(offering_funded(1_000_00, 1).model_copy(update=other | {"offering_id": number(0x0E)}))
    owed = {"installment_id": number(0x1B0), "number": 1, "due_on": "2026-12-23", "amount_minor": 1_100_00}
    await world.tell(events.CPRActivated.model_validate(other | {"farmer_id": SERGIO, "installments": [owed]}))
    await world.deposit(CARLOS, 1_000_00)
    await world.deposit(MARINA, 1_000_00)
    sales = [wanted(purchase_id=number(0xD00 + place), quota_count=1, price_minor=100_00) for place in range(6)]
    mirrored = [
        wanted(
            purchase_id=number(0xE00 + place), quota_count=1, price_minor=100_00, position_id=investment,
            investment_id=investment, seller_id=CARLOS, buyer_id=MARINA, **other,
        )
        for place in range(6)
    ]  # fmt: skip
    await asyncio.gather(*(world.tell(each) for pair in zip(sales, mirrored, strict=True) for each in pair))
    assert await refusals(world) == []
    assert [await world.balances(person) for person in (MARINA, CARLOS)] == [(994_00, 0, 0)] * 2


async def test_money_is_held_for_an_investment_or_pays_for_quotas_not_both(world: WalletWorld) -> None:
    """Carlos has R$ 1,000 and wants to lend R$ 600 and buy quotas for R$ 600, at once."""
    await lent(world)
    lending = investment_requested(CARLOS, 600_00, investment=number(0x1FF), offering=number(0x0E))
    await asyncio.gather(world.tell(wanted(price_minor=600_00)), world.tell(lending))
    refused = [*await world.published(events.HoldRefused), *await world.published(events.QuotaSwapRefused)]
    assert [each.reason for each in refused] == ["INSUFFICIENT_FUNDS"]
    assert sum(await world.balances(CARLOS)) in (400_00, 1_000_00)


async def test_money_is_withdrawn_or_pays_for_quotas_not_both(world: WalletWorld) -> None:
    """Marina has R$ 915.80, buys back what she sold for R$ 500, and has R$ 500 sent to her bank, at once."""
    await lent(world)
    account = await marina_with_an_account(world)
    await world.tell(wanted())
    back = wanted(
        purchase_id=number(0xBA2), position_id=PURCHASE, position_quotas=4, seller_id=CARLOS, buyer_id=MARINA,
        price_minor=500_00,
    )  # fmt: skip
    answer, _ = await asyncio.gather(withdraw(world, "500.00", account), world.tell(back))
    swaps = len(await world.published(events.QuotasSwapped))
    assert (answer["__typename"], swaps) in (("Withdrawal", 1), ("InsufficientFunds", 2))
    assert (await world.balances(MARINA))[0] == 415_80


@pytest.mark.parametrize("attempt", range(4))
async def test_a_payment_and_a_swap_at_once_know_which_was_first(world: WalletWorld, attempt: int) -> None:
    first, _ = await lent(world)
    await world.deposit(SERGIO, 2_000_00)
    swap = world.tell(wanted())
    both = (pay(world, first), swap) if attempt % 2 else (swap, pay(world, first))
    await asyncio.gather(*both)
    (confirmed,) = await world.published(events.PaymentConfirmed)
    swaps_before = len(await world.published(events.QuotasSwapped))
    assert confirmed.swaps_before == swaps_before
    assert await refusals(world) == [] if swaps_before else ["INSTALLMENT_PAID_MEANWHILE"]


async def test_quotas_lent_before_the_wallet_was_told_their_number_are_sold_too(
    world: WalletWorld, owner: asyncpg.Connection
) -> None:
    await world.person_with(MARINA, 1_000_00)
    await world.person_with(CARLOS, 1_000_00)
    await world.open_wallets(SERGIO)
    await world.request_investment(MARINA, 1_000_00, investment=INVESTMENT)
    await owner.execute("UPDATE holds SET quota_count = NULL")
    await world.fund(1_000_00, 1)
    await world.activate(600_00, 550_00)
    with pytest.raises(ValueError, match="quotas of no price"):
        await world.tell(wanted(position_quotas=7))
    await world.tell(wanted())
    assert await world.balances(CARLOS) == (580_00, 0, 0)


async def test_a_loss_is_not_taxed(world: WalletWorld, owner: asyncpg.Connection) -> None:
    await owner.execute(REGRESSIVE)
    await lent(world)
    await world.tell(wanted(price_minor=390_00))
    (swapped,) = await world.published(events.QuotasSwapped)
    assert swapped.tax_minor == 0


class Died(Exception):
    """The process has."""


async def swap_and_die(world: WalletWorld) -> None:
    async with world.begin() as session:
        assert await swaps.swap_quotas(session, wanted(), now=world.clock.now()) is not None
        raise Died


async def test_a_process_that_dies_in_between_has_moved_neither(world: WalletWorld) -> None:
    await lent(world)
    with pytest.raises(Died):
        await swap_and_die(world)
    assert await world.balances(CARLOS) == (1_000_00, 0, 0)
    assert await world.rows("SELECT * FROM quota_positions") == []
    await world.tell(wanted())
    assert await world.balances(CARLOS) == (580_00, 0, 0)


async def test_what_does_not_fit_its_position_is_for_people_to_look_at(world: WalletWorld) -> None:
    await lent(world)
    # Five quotas at R$ 200 would be as much money; but Marina lent it for ten.
    for change in ({"seller_id": SERGIO}, {"position_quotas": 5}, {"investment_id": number(0x999)}):
        with pytest.raises(ValueError, match="purchase"):
            await world.tell(wanted(**change))
    for change in ({"buyer_id": number(0x999)}, {"position_id": number(0x999)}):
        with pytest.raises(NotYet):
            await world.tell(wanted(**change))
    assert await world.rows("SELECT * FROM swap_requests") == []


async def test_a_part_of_a_payment_goes_to_no_other_than_the_holder(world: WalletWorld) -> None:
    first, _ = await lent(world)
    await world.deposit(SERGIO, 2_000_00)
    payment = await pay(world, first)
    await world.tell(wanted(paid_installments=1))
    for position, investor in ((PURCHASE, CARLOS), (INVESTMENT, CARLOS)):
        part = payout(1, investor, net_minor=600_00) | {"position_id": position}
        with pytest.raises(ValueError, match="is not for who held"):
            await world.tell(installment_distributed(payment, first, [part], total_minor=600_00))
    part = payout(1, MARINA, net_minor=600_00) | {"position_id": INVESTMENT}
    await world.tell(installment_distributed(payment, first, [part], total_minor=600_00))
    assert await world.balances(MARINA) == (415_80 + 600_00, 0, 0)


@pytest.mark.parametrize(
    "statement",
    [
        # Quotas without their price, and a price without quotas.
        """INSERT INTO quota_swaps SELECT gen_random_uuid(), cpr_id, 2, seller_position_id, seller_id, buyer_id,
           1, 1, 0, 0, 0, 0, (SELECT id FROM ledger_transfers WHERE kind = 'DEPOSIT' LIMIT 1), now()
           FROM quota_swaps""",
        """WITH sale AS (
             INSERT INTO ledger_transfers (id, kind, cause_id, reference_id, occurred_at)
             SELECT gen_random_uuid(), 'QUOTA_SWAP', gen_random_uuid(), gen_random_uuid(), now() RETURNING id),
           moved AS (
             INSERT INTO ledger_entries (id, transfer_id, account_id, side, amount_minor)
             SELECT gen_random_uuid(), sale.id, account.id, side, 1
               FROM sale, ledger_accounts AS account, (VALUES ('DEBIT'), ('CREDIT')) AS sides (side)
              WHERE account.kind = 'BANK' RETURNING id)
           SELECT count(*) FROM moved""",
        "UPDATE quota_swaps SET price_minor = 1",
        "DELETE FROM quota_swaps",
        "UPDATE quota_positions SET owner_id = gen_random_uuid()",
        "UPDATE quota_positions SET sold_quotas = 0",
        """INSERT INTO quota_positions
           SELECT gen_random_uuid(), investment_id, cpr_id, owner_id, 5, 0, 1, now() FROM quota_positions LIMIT 1""",
        "DELETE FROM quota_positions WHERE sold_quotas = 0",
        "UPDATE swap_requests SET reason = 'TIMED_OUT'",
        "INSERT INTO secondary_fee_rates VALUES ('2027-01-01', 0.0151, 'too much')",
        "INSERT INTO secondary_fee_rates VALUES ('2027-01-01', 0.0099, 'too little')",
    ],
)
async def test_the_owner_of_the_tables_cannot_either(
    world: WalletWorld, owner: asyncpg.Connection, statement: str
) -> None:
    await lent(world)
    await world.tell(wanted())
    with pytest.raises(asyncpg.PostgresError):
        await owner.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE quota_positions SET sold_quotas = sold_quotas",
        "UPDATE quota_registers SET swap_count = 7",
        "INSERT INTO quota_registers VALUES (gen_random_uuid(), 0)",
        "DELETE FROM swap_requests",
    ],
)
async def test_the_service_counts_nothing_by_itself(world: WalletWorld, statement: str) -> None:
    await lent(world)
    await world.tell(wanted())
    with pytest.raises(DBAPIError, match="permission denied"):
        async with world.begin() as session:
            await session.execute(text(statement))


@pytest.mark.parametrize("seed", range(4))
async def test_no_sequence_of_trades_makes_or_loses_a_quota_or_a_cent(
    world: WalletWorld, owner: asyncpg.Connection, seed: int
) -> None:
    """Three people trade at random, some of it twice or with what they do not have, while installments are paid."""
    if seed % 2:
        await owner.execute(REGRESSIVE)
    chance = random.Random(seed)
    unpaid, paid = await lent(world), 0
    people = (MARINA, CARLOS, SERGIO)
    await world.deposit(SERGIO, 5_000_00)
    before = sum([(await world.balances(person))[0] for person in people])
    positions = [(INVESTMENT, 10, MARINA)]
    for place in range(12):
        if place in (4, 8) and unpaid:
            await pay(world, unpaid.pop(0))
            paid += 1
        position, quotas, seller = chance.choice(positions)
        buyer = chance.choice([person for person in (MARINA, CARLOS) if person != seller])
        asked = wanted(
            purchase_id=number(0xC00 + place), position_id=position, position_quotas=quotas, seller_id=seller,
            buyer_id=buyer, quota_count=chance.randint(1, 4), price_minor=chance.randint(1, 600_00),
            paid_installments=chance.choice([paid, paid, paid - 1, paid]) if paid else 0,
            unpaid_principal_minor=1_000_00 - paid * 500_00,
        )  # fmt: skip
        await asyncio.gather(*(world.tell(asked) for _ in range(chance.randint(1, 2))))
        if await world.rows("SELECT id FROM quota_positions WHERE id = :id", id=asked.purchase_id):
            positions.append((asked.purchase_id, asked.quota_count, asked.buyer_id))
    held = await world.scalar("SELECT sum(quota_count - sold_quotas) FROM quota_positions")
    numbers = [row[0] for row in await world.rows("SELECT number FROM quota_swaps ORDER BY number")]
    taken = await world.scalar("SELECT coalesce(sum(fee_minor + tax_minor), 0) FROM quota_swaps")
    parts = await world.rows("SELECT price_minor, fee_minor, tax_minor, cost_minor FROM quota_swaps")
    after = sum([(await world.balances(person))[0] for person in people])
    in_clearing = await world.scalar("SELECT coalesce(sum(amount_minor), 0) FROM installment_payments")
    assert held in (None, 10)
    assert numbers == list(range(1, len(numbers) + 1))
    assert before == after + taken + in_clearing
    assert any(tax for _, _, tax, _ in parts) == bool(seed % 2)
    assert all(tax == 0 or price - fee > cost for price, fee, tax, cost in parts)
    assert (await books.check_books(world.subgraph.database, now=world.clock.now())).problems == ()
