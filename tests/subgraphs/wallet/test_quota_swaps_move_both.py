"""Quotas change hands in the transaction that moves their price, or neither does."""

import asyncio
import random

import asyncpg
import pytest

from subgraphs.wallet.domain import books, swaps
from subgraphs.wallet.schemas import events, heard
from tests.subgraphs.wallet.quota_swaps import INVESTMENT, PURCHASE, REGRESSIVE, lent, pay, wanted
from tests.subgraphs.wallet.tampering import tamper
from tests.subgraphs.wallet.wallet_world import (
    CARLOS,
    CPR,
    MARINA,
    NINE_O_CLOCK,
    SERGIO,
    WalletWorld,
    installment_distributed,
    number,
    payout,
)


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


async def test_a_payment_says_how_many_swaps_came_before_it(world: WalletWorld) -> None:
    first, second = await lent(world)
    await world.deposit(SERGIO, 2_000_00)
    await pay(world, first)
    await world.tell(wanted(paid_installments=1))
    await pay(world, second)
    told = await world.published(events.PaymentConfirmed)
    assert [confirmed.swaps_before for confirmed in told] == [0, 1]


async def test_a_message_of_before_is_read() -> None:
    told = wanted().model_dump_json(exclude={"principal_minor", "unpaid_principal_minor", "offered_at"})
    read = heard.QuotasWanted.model_validate_json(told)
    assert (read.principal_minor, read.unpaid_principal_minor, read.offered_at) == (None, None, None)


async def test_quotas_lent_before_the_wallet_was_told_their_number_are_sold_too(
    world: WalletWorld, owner: asyncpg.Connection
) -> None:
    await world.person_with(MARINA, 1_000_00)
    await world.person_with(CARLOS, 1_000_00)
    await world.open_wallets(SERGIO)
    await world.request_investment(MARINA, 1_000_00, investment=INVESTMENT)
    await tamper(owner, "holds", "UPDATE holds SET quota_count = NULL")
    await world.fund(1_000_00, 1)
    await world.activate(600_00, 550_00)
    with pytest.raises(ValueError, match="quotas of no price"):
        await world.tell(wanted(position_quotas=7))
    await world.tell(wanted())
    assert await world.balances(CARLOS) == (580_00, 0, 0)


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
