"""The wallet's answers are said again to who waits for them, and its own waiting for distribution is found."""

import uuid
from typing import Any

import pytest

from subgraphs.shared.messaging.event import EventPayload
from subgraphs.wallet.schemas import events, heard
from tests.fixtures.databases import sql_of_the_owner
from tests.subgraphs.wallet.wallet_world import (
    ANA,
    CPR,
    MARINA,
    SERGIO,
    WalletWorld,
    installment_distributed,
    number,
    payout,
)

INVESTED = number(0x101)
LIST = "{ walletStuckSagas { nodes { id what waitsFor } hasMore } }"
RESUME = """mutation($id: ID!) {
  resumeWalletSaga(input: {id: $id, what: "PAYMENT", reason: "the queue was lost"}) {
    __typename ... on StuckSaga { id } ... on Refusal { code } } }"""
PAY = """mutation($id: ID!) {
  payInstallment(input: {installmentId: $id, idempotencyKey: "payment-0001"}) { ... on InstallmentPayment { id } } }"""


async def unsent(world: WalletWorld) -> list[tuple[str, uuid.UUID]]:
    """What waits to be sent, by type and event."""
    rows = await world.rows("SELECT type, event_id FROM outbox WHERE sent_at IS NULL ORDER BY id")
    return [(row.type, row.event_id) for row in rows]


async def all_is_sent(world: WalletWorld) -> None:
    await sql_of_the_owner(world.subgraph.database, "UPDATE outbox SET sent_at = now() WHERE sent_at IS NULL")


async def lend(world: WalletWorld) -> uuid.UUID:
    """Marina's R$ 1,000 are Sérgio's, who owes them in one installment."""
    await world.person_with(MARINA, 1_000_00)
    await world.person_with(SERGIO, 500_00)
    await world.request_investment(MARINA, 1_000_00, investment=INVESTED)
    await world.fund(1_000_00, 1)
    (installment,) = await world.activate(1_000_00)
    return installment


async def pay(world: WalletWorld, installment: uuid.UUID) -> events.PaymentConfirmed:
    await world.get(PAY, SERGIO, "farmer", id=str(installment))
    (confirmed,) = await world.published(events.PaymentConfirmed)
    return confirmed


async def stuck(world: WalletWorld) -> Any:
    return (await world.get(LIST, ANA, "admin"))["walletStuckSagas"]["nodes"]


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        (heard.MarketplaceAnswerAwaited(what="INVESTMENT", subject_id=INVESTED), events.HoldPlaced),
        (heard.MarketplaceAnswerAwaited(what="DISBURSEMENT", subject_id=CPR), events.CPRDisbursed),
    ],
    ids=["investment", "disbursement"],
)
async def test_an_answer_is_said_again_as_it_was(
    world: WalletWorld, asked: EventPayload, answer: type[EventPayload]
) -> None:
    await lend(world)
    was = await world.scalar("SELECT event_id FROM outbox WHERE type = :type", type=answer.type)
    balance = await world.trial_balance()
    await all_is_sent(world)
    for _ in range(2):
        await world.tell(asked)
        assert await unsent(world) == [(answer.type, was)]
    assert await world.trial_balance() == balance


async def test_payouts_are_told_again_part_by_part(world: WalletWorld) -> None:
    installment = await lend(world)
    paid = await pay(world, installment)
    for part in (1, 2):
        await world.tell(
            installment_distributed(
                paid.payment_id,
                installment,
                [payout(part, MARINA, net_minor=500_00)],
                part=part,
                parts=2,
                total_minor=1_000_00,
            )
        )
        world.clock.advance(hours=1)
    await all_is_sent(world)
    await world.tell(heard.DistributionAnswerAwaited(what="DISTRIBUTION", subject_id=number(0xD1)))
    assert [type_ for type_, _ in await unsent(world)] == [events.PayoutCredited.type] * 2


@pytest.mark.parametrize("what", ["INVESTMENT", "QUOTA_PURCHASE", "DISBURSEMENT", "PAYMENT", "NOTHING"])
async def test_what_has_no_answer_yet_or_is_anothers_to_answer_says_nothing(world: WalletWorld, what: str) -> None:
    await lend(world)
    await all_is_sent(world)
    await world.tell(heard.MarketplaceAnswerAwaited(what=what, subject_id=uuid.uuid4()))
    assert await unsent(world) == []


async def test_a_payment_waits_for_its_distribution_and_is_told_again(world: WalletWorld) -> None:
    installment = await lend(world)
    paid = await pay(world, installment)
    assert await stuck(world) == []
    world.clock.advance(minutes=5)
    waiting = {"id": str(paid.payment_id), "what": "PAYMENT", "waitsFor": ["distribution.installment_distributed.v1"]}
    assert await stuck(world) == [waiting]
    was = await world.scalar("SELECT event_id FROM outbox WHERE type = :type", type=events.PaymentConfirmed.type)
    await all_is_sent(world)
    resumed = (await world.get(RESUME, ANA, "admin", id=str(paid.payment_id)))["resumeWalletSaga"]
    assert resumed == {"__typename": "StuckSaga", "id": str(paid.payment_id)}
    confirmed, awaited = await unsent(world)
    assert confirmed == (events.PaymentConfirmed.type, was)
    assert awaited[0] == events.AnswerAwaited.type
    assert [(row.action, row.actor_id) for row in await world.rows("SELECT action, actor_id FROM staff_acts")] == [
        ("PAYMENT_RESUMED", ANA)
    ]
    whole = [payout(1, MARINA, net_minor=1_000_00)]
    await world.tell(installment_distributed(paid.payment_id, installment, whole, total_minor=1_000_00))
    assert await stuck(world) == []
    refused = (await world.get(RESUME, ANA, "admin", id=str(paid.payment_id)))["resumeWalletSaga"]
    assert refused["code"] == "NotStuck"
