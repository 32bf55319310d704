"""Many at once: nobody overdraws, nothing happens twice, nobody deadlocks."""

import asyncio
import uuid
from typing import Any

from sqlalchemy.exc import IntegrityError

from subgraphs.shared.messaging.reactions import NotYet
from subgraphs.wallet.domain import books, chart, holds, ledger
from subgraphs.wallet.models import TransferKind
from subgraphs.wallet.schemas import events, heard
from tests.subgraphs.wallet.wallet_world import (
    CARLOS,
    MARINA,
    SERGIO,
    WalletWorld,
    number,
)

CREATE_DEPOSIT = """mutation {
  createDeposit(input: {amount: {amount: "10.00"}, idempotencyKey: "deposit-0001"}) { ... on Deposit { id } }
}"""
PAY = """mutation($id: ID!, $key: String!) {
  payInstallment(input: {installmentId: $id, idempotencyKey: $key}) { __typename }
}"""


async def test_twenty_holds_at_once_never_overdraw_a_wallet(world: WalletWorld) -> None:
    await world.person_with(MARINA, 1_000_00)
    await asyncio.gather(
        *(world.request_investment(MARINA, 150_00, investment=number(0x200 + place)) for place in range(20))
    )
    assert await world.balances(MARINA) == (100_00, 900_00, 0)
    assert len(await world.published(events.HoldPlaced)) == 6
    assert len(await world.published(events.HoldRefused)) == 14


async def test_one_request_told_ten_times_at_once_places_one_hold(world: WalletWorld) -> None:
    await world.person_with(MARINA, 1_000_00)
    await asyncio.gather(*(world.request_investment(MARINA, 50_00, investment=number(0x200)) for _ in range(10)))
    assert await world.balances(MARINA) == (950_00, 50_00, 0)
    assert len(await world.published(events.HoldPlaced)) == 1


async def test_capture_and_release_at_once_end_a_hold_exactly_once(world: WalletWorld) -> None:
    await world.person_with(MARINA, 1_000_00)
    await world.open_wallets(SERGIO)
    for place in range(5):
        await world.request_investment(MARINA, 100_00, investment=number(0x200 + place))
    hold_id = await world.scalar("SELECT id FROM holds ORDER BY id LIMIT 1")

    async def capture() -> bool:
        try:
            await world.fund(500_00, 5)
        except NotYet:
            return False
        return True

    async def release() -> bool:
        async with world.begin() as session:
            return await holds.release_hold(session, hold_id, now=world.clock.now())

    is_captured, *released = await asyncio.gather(capture(), release(), release())
    assert (is_captured, sum(released)) in {(True, 0), (False, 1)}
    captured = await world.scalar("SELECT count(*) FROM holds WHERE status = 'CAPTURED'")
    assert captured == (5 if is_captured else 0)
    assert await world.balances(MARINA) == ((500_00, 0, 0) if is_captured else (600_00, 400_00, 0))


async def test_placing_and_cancelling_at_once_leave_no_money_held(world: WalletWorld) -> None:
    await world.person_with(MARINA, 1_000_00)
    investments = [number(0x200 + place) for place in range(8)]

    async def both(investment: uuid.UUID) -> None:
        await asyncio.gather(
            world.request_investment(MARINA, 100_00, investment=investment),
            world.tell(heard.InvestmentCancelled(investment_id=investment)),
        )

    await asyncio.gather(*map(both, investments))
    assert await world.balances(MARINA) == (1_000_00, 0, 0)
    placed, released = await world.published(events.HoldPlaced), await world.published(events.HoldReleased)
    assert {event.hold_id for event in placed} == {event.hold_id for event in released}


async def test_cancelling_an_offering_while_holds_are_placed_leaves_no_money_held(world: WalletWorld) -> None:
    await world.person_with(MARINA, 1_000_00)
    requests = [world.request_investment(MARINA, 100_00, investment=number(0x200 + place)) for place in range(8)]
    cancel = world.tell(heard.OfferingCancelled(offering_id=number(0x0F)))
    await asyncio.gather(*requests[:4], cancel, *requests[4:])
    assert await world.balances(MARINA) == (1_000_00, 0, 0)


async def test_one_payment_reported_ten_times_at_once_counts_once(world: WalletWorld) -> None:
    await world.open_wallets(MARINA)
    await world.get(CREATE_DEPOSIT, MARINA)
    txid = await world.scalar("SELECT txid FROM charges")
    await asyncio.gather(*(world.arrive(txid, 10_00, end_to_end_id="E1") for _ in range(10)))
    assert await world.balances(MARINA) == (10_00, 0, 0)


async def test_one_unknown_payment_reported_ten_times_at_once_counts_once(world: WalletWorld) -> None:
    await asyncio.gather(*(world.arrive("x" * 30, 10_00, end_to_end_id="E1") for _ in range(10)))
    assert await world.scalar("SELECT sum(amount_minor) FROM gateway_payments") == 10_00


async def test_one_key_sent_ten_times_at_once_makes_one_deposit(world: WalletWorld) -> None:
    await world.open_wallets(MARINA)
    answers = await asyncio.gather(*(world.get(CREATE_DEPOSIT, MARINA) for _ in range(10)))
    assert len({answer["createDeposit"]["id"] for answer in answers}) == 1
    assert await world.scalar("SELECT count(*) FROM charges") == 1


async def test_an_installment_paid_in_ten_ways_at_once_is_paid_once(world: WalletWorld) -> None:
    await world.person_with(SERGIO, 5_000_00)
    (installment,) = await world.activate(300_00)
    charge = await world.get(
        """mutation($id: ID!) { createCharge(input: {
            installmentId: $id, method: PIX, idempotencyKey: "charge-0001"}) { ... on Charge { pix { txid } } } }""",
        SERGIO,
        "farmer",
        id=str(installment),
    )
    txid = charge["createCharge"]["pix"]["txid"]
    from_wallet = [world.get(PAY, SERGIO, "farmer", id=str(installment), key=f"payment-{n:04d}") for n in range(5)]
    by_pix = [world.arrive(txid, 300_00, end_to_end_id=f"E{n}") for n in range(5)]
    answers: list[Any] = await asyncio.gather(*from_wallet, *by_pix)
    paid = [answer["payInstallment"]["__typename"] for answer in answers[:5]].count("InstallmentPayment")
    assert len(await world.published(events.PaymentConfirmed)) == 1
    # What did not pay the installment stayed Sérgio's: five Pix payments came, one installment was paid.
    assert await world.balances(SERGIO) == (5_000_00 + 5 * 300_00 - 300_00, 0, 0)
    assert len(await world.published(events.SurplusCredited)) == 5 - (1 - paid)


async def test_transfers_that_cross_wait_for_each_other(world: WalletWorld) -> None:
    """Of what people do no two transfers cross; of what the ledger lets be posted they may, and it waits."""
    await world.person_with(MARINA, 1_000_00)
    await world.person_with(CARLOS, 1_000_00)
    marina, carlos = chart.available(MARINA).id, chart.available(CARLOS).id

    async def move(debit: uuid.UUID, credit: uuid.UUID) -> str:
        transfer = ledger.move(1_00, debit=debit, credit=credit, kind=TransferKind.SURPLUS, cause_id=uuid.uuid4())
        try:
            async with world.begin() as session:
                await ledger.post(session, transfer, now=world.clock.now())
        except IntegrityError as error:
            # Nobody deadlocked, or waited for ever: each came to its commit, which asks for a cause.
            return str(error.orig)
        return ""

    crossing = [move(marina, carlos) if place % 2 else move(carlos, marina) for place in range(40)]
    answers = await asyncio.gather(*crossing)
    assert all("moves something else than its cause says" in answer for answer in answers)
    assert await world.balances(MARINA) == (1_000_00, 0, 0)
    assert (await books.check_books(world.subgraph.database, now=world.clock.now())).balanced


async def test_an_offering_is_funded_by_two_messages_at_once_but_disbursed_once(world: WalletWorld) -> None:
    await world.person_with(MARINA, 1_000_00)
    await world.open_wallets(SERGIO)
    for place in range(10):
        await world.request_investment(MARINA, 100_00, investment=number(0x200 + place))
    await asyncio.gather(*(world.fund(1_000_00, 10) for _ in range(4)))
    assert len(await world.published(events.CPRDisbursed)) == 1
    assert await world.balances(SERGIO) == (980_00, 0, 0)
