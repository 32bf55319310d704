"""Payouts that the wallet has not credited are found, and what distribution told is told again to who asks."""

import uuid
from typing import Any

from subgraphs.distribution.schemas import heard
from tests.subgraphs.distribution.register import ADMINISTRATOR, MARINA, Register, activated

LIST = "{ distributionStuckSagas { nodes { id what waitsFor } } }"
RESUME = """mutation($id: ID!) {
  resumeDistributionSaga(input: {id: $id, what: "DISTRIBUTION", reason: "the queue was lost"}) {
    __typename ... on StuckSaga { id } ... on Refusal { code } } }"""
DISTRIBUTED = "distribution.installment_distributed.v1"


async def ask(register: Register, query: str, **variables: Any) -> Any:
    answer = await register.ask(query, register.signed_in(ADMINISTRATOR, "admin"), **variables)
    assert "errors" not in answer, answer["errors"]
    (found,) = answer["data"].values()
    return found


async def unsent(register: Register) -> list[tuple[str, uuid.UUID]]:
    rows = await register.sql("SELECT type, event_id FROM outbox WHERE sent_at IS NULL ORDER BY id")
    return [(row["type"], row["event_id"]) for row in rows]


async def one_distribution(register: Register) -> dict[str, Any]:
    """Its row, of a payment that is split and not credited; all that was told is sent."""
    await register.hold((MARINA, 8))
    await register.deliver(activated((80_000, 1_000)))
    await register.pay(81_000)
    await register.sql("UPDATE outbox SET sent_at = now()")
    (row,) = await register.sql("SELECT id, payment_id FROM distributions")
    return row


async def told_as(register: Register) -> uuid.UUID:
    (row,) = await register.sql("SELECT event_id FROM outbox WHERE type = :type", type=DISTRIBUTED)
    found: uuid.UUID = row["event_id"]
    return found


async def test_a_distribution_waits_until_all_of_it_is_credited(register: Register) -> None:
    distribution = await one_distribution(register)
    assert (await ask(register, LIST))["nodes"] == []
    register.clock.advance(minutes=5)
    assert (await ask(register, LIST))["nodes"] == [
        {"id": str(distribution["id"]), "what": "DISTRIBUTION", "waitsFor": ["wallet.payout_credited.v1"]}
    ]
    assert (await ask(register, RESUME, id=str(distribution["id"])))["__typename"] == "StuckSaga"
    again, awaited = await unsent(register)
    assert again == (DISTRIBUTED, await told_as(register))
    assert awaited[0] == "distribution.answer_awaited.v1"
    await register.credit_all()
    assert (await ask(register, LIST))["nodes"] == []
    assert (await ask(register, RESUME, id=str(distribution["id"])))["code"] == "NotStuck"
    acts = await register.sql("SELECT action, actor_id, subject_id FROM staff_acts")
    assert acts == [{"action": "DISTRIBUTION_RESUMED", "actor_id": ADMINISTRATOR, "subject_id": distribution["id"]}]


async def test_what_became_of_a_payment_is_told_again(register: Register) -> None:
    distribution = await one_distribution(register)
    for _ in range(2):
        await register.deliver(heard.AnswerAwaited(what="PAYMENT", subject_id=distribution["payment_id"]))
        assert await unsent(register) == [(DISTRIBUTED, await told_as(register))]
    await register.sql("UPDATE outbox SET sent_at = now()")
    await register.deliver(heard.AnswerAwaited(what="PAYMENT", subject_id=uuid.uuid4()))
    assert await unsent(register) == []
