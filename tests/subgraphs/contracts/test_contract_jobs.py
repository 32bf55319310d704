"""Of what is due, one that cannot be done holds up no other: it is counted, and done at the next run."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update

from subgraphs.contracts import models
from subgraphs.contracts.domain import provider_answers, provider_requests
from subgraphs.contracts.ports.sandbox_webhooks import Misbehaviour
from tests.builders.deliveries import recorded
from tests.builders.jobs import break_facts, failures_of, run_job
from tests.fixtures.databases import sql_of_the_owner
from tests.subgraphs.contracts.contracts_builders import Contracts
from tests.subgraphs.contracts.renegotiating import late, propose


def at(contracts: Contracts, *day: int) -> None:
    contracts.clock.instant = datetime(*day, 15, tzinfo=UTC)  # type: ignore[arg-type,misc]  # year, month, day


async def due_soon(contracts: Contracts) -> list[UUID]:
    cpr_ids = [await contracts.active(), await contracts.active()]
    at(contracts, 2026, 12, 20)
    return cpr_ids


async def overdue(contracts: Contracts) -> list[UUID]:
    cpr_ids = [await contracts.active(), await contracts.active()]
    at(contracts, 2026, 12, 24)
    return cpr_ids


async def in_default(contracts: Contracts) -> list[UUID]:
    cpr_ids = [await contracts.active(), await contracts.active()]
    at(contracts, 2027, 2, 1)
    return cpr_ids


async def unregistered(contracts: Contracts) -> list[UUID]:
    for _ in range(2):
        contracts.registry.misbehave(Misbehaviour.LOST)
    cpr_ids = [await contracts.registered(), await contracts.registered()]
    at(contracts, 2027, 1, 7)
    return cpr_ids


async def untold(contracts: Contracts) -> list[UUID]:
    cpr_ids = [await contracts.active(), await contracts.active()]
    async with contracts.subgraph.database.begin() as session:
        await session.execute(update(models.CPR).values(terms_told_at=None))
    return cpr_ids


async def unanswered(contracts: Contracts) -> list[UUID]:
    """Two proposals that the farmer does not answer."""
    first = await late(contracts)
    contracts.clock.instant = datetime(2026, 11, 23, 12, tzinfo=UTC)
    cpr_ids = [first, await late(contracts)]
    for cpr_id in cpr_ids:
        await propose(contracts, cpr_id)
    contracts.clock.advance(days=8)
    return cpr_ids


@pytest.mark.parametrize(
    ("job", "due", "fact"),
    [
        ("announce_due_installments", due_soon, "installment_due_soon"),
        ("note_lateness", overdue, "installment_late"),
        ("note_lateness", in_default, "cpr_defaulted"),
        ("cancel_unregistered_cprs", unregistered, "cpr_cancelled"),
        ("tell_terms", untold, "cpr_activated"),
        ("close_renegotiations", unanswered, "renegotiation_ended"),
    ],
)
@pytest.mark.parametrize("place", [0, 1])
async def test_one_that_fails_holds_up_no_other(
    contracts: Contracts, job: str, due: Callable[[Contracts], Awaitable[list[UUID]]], fact: str, place: int
) -> None:
    cpr_ids = await due(contracts)
    earlier, failed = len(await recorded(contracts.subgraph, fact)), failures_of(job)
    with pytest.MonkeyPatch.context() as broken:
        kind = f"contracts.{fact}.v1"
        break_facts(broken, lambda told: told.type == kind and told.cpr_id == cpr_ids[place])  # type: ignore[attr-defined]  # the fact's own
        await run_job(contracts.subgraph, job)
    told = (await recorded(contracts.subgraph, fact))[earlier:]
    assert [one["cpr_id"] for one in told] == [str(cpr_ids[1 - place])]
    assert failures_of(job) == failed + 1
    for _ in range(2):
        await run_job(contracts.subgraph, job)
    told = (await recorded(contracts.subgraph, fact))[earlier:]
    assert sorted(one["cpr_id"] for one in told) == sorted(str(cpr_id) for cpr_id in cpr_ids)
    assert failures_of(job) == failed + 1


async def test_what_only_the_commit_would_find_holds_up_no_other(contracts: Contracts) -> None:
    """A CPR was doctored: its installments repay another principal than it has, which the database asks at commit."""
    doctored, whole = await overdue(contracts)
    for statement in (
        "ALTER TABLE cprs DISABLE TRIGGER USER",
        "UPDATE cprs SET principal_minor = principal_minor - 1 WHERE id = :id",
        "ALTER TABLE cprs ENABLE TRIGGER USER",
    ):
        values = {"id": doctored} if ":id" in statement else {}
        await sql_of_the_owner(contracts.subgraph.database, statement, **values)
    await run_job(contracts.subgraph, "note_lateness")
    assert [told["cpr_id"] for told in await recorded(contracts.subgraph, "installment_late")] == [str(whole)]
    assert (await contracts.installments(doctored))[0].status == "SCHEDULED"


async def test_an_order_that_cannot_be_asked_for_again_holds_up_no_other(
    contracts: Contracts, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(2):
        contracts.registry.misbehave(Misbehaviour.LOST)
    cpr_ids = [await contracts.registered(), await contracts.registered()]
    contracts.clock.advance(seconds=301)
    ask, failed = provider_requests.ask_provider, failures_of("chase_silent_providers")
    number = (await contracts.row(cpr_ids[0])).number

    async def ask_provider(services: Any, order: Any) -> None:
        if order.number == number:
            raise ValueError("not this one")
        await ask(services, order)

    monkeypatch.setattr(provider_requests, "ask_provider", ask_provider)
    await run_job(contracts.subgraph, "chase_silent_providers")
    await contracts.work_off()
    assert [(await contracts.row(cpr_id)).status for cpr_id in cpr_ids] == ["REGISTERING", "REGISTERED"]
    assert failures_of("chase_silent_providers") == failed + 1


async def test_an_answer_that_cannot_be_sealed_holds_up_no_other(
    contracts: Contracts, monkeypatch: pytest.MonkeyPatch
) -> None:
    await contracts.registered()
    async with contracts.subgraph.database.begin() as session:
        order_ids = (await session.scalars(select(models.ProviderOrder.id).order_by(models.ProviderOrder.id))).all()
        session.add_all(models.AnswerToSeal(order_id=order_id, answer={"of": str(order_id)}) for order_id in order_ids)
    seal = provider_answers.seal_answer

    def seal_answer(vault: Any, order_id: UUID, answer: dict[str, Any]) -> bytes:
        if order_id == order_ids[0]:
            raise ValueError("not this one")
        return seal(vault, order_id, answer)

    monkeypatch.setattr(provider_answers, "seal_answer", seal_answer)
    await run_job(contracts.subgraph, "keep_answers")
    async with contracts.subgraph.database.read() as session:
        assert list(await session.scalars(select(models.AnswerToSeal.order_id))) == [order_ids[0]]
