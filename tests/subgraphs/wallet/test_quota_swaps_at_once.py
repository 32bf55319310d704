"""Swaps beside each other, and beside whatever else moves the same money or quotas."""

import asyncio
from datetime import timedelta

import pytest

from subgraphs.wallet.domain import books
from subgraphs.wallet.schemas import events, heard
from tests.subgraphs.wallet.quota_swaps import INVESTMENT, PAY, PURCHASE, lent, pay, refusals, wanted
from tests.subgraphs.wallet.test_money_out import PAUSE
from tests.subgraphs.wallet.test_withdrawals import marina_with_an_account, withdraw
from tests.subgraphs.wallet.wallet_world import (
    CARLOS,
    MARINA,
    SERGIO,
    WalletWorld,
    cpr_registered,
    investment_requested,
    lock_all,
    number,
    offering_funded,
)


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


async def test_a_purchase_that_was_overtaken_waits_for_nobodys_money(world: WalletWorld) -> None:
    await lent(world)
    async with asyncio.timeout(30), world.begin() as session:
        await lock_all(session)
        await world.tell(wanted(paid_installments=1))
        assert await refusals(world) == ["INSTALLMENT_PAID_MEANWHILE"]


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
    await world.tell(heard.CPRActivated.model_validate(other | {"farmer_id": SERGIO, "installments": [owed]}))
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


async def test_a_payment_that_looked_at_the_clock_before_it_waited_for_a_swap_balances(world: WalletWorld) -> None:
    first, _ = await lent(world)
    await world.deposit(SERGIO, 2_000_00)
    await world.tell(wanted())
    world.clock.advance(seconds=-1)
    await world.get(PAY, SERGIO, "farmer", id=str(first), key="payment-0001")
    (confirmed,) = await world.published(events.PaymentConfirmed)
    assert confirmed.swaps_before == 1
    report = await books.check_books(world.subgraph.database, now=world.clock.now() + timedelta(seconds=1))
    assert report.problems == ()
