"""What may fail, by the names that plans use. Each comes back by itself, or is made good as an operator would."""

import asyncio
import os
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime
from http import HTTPStatus

import aiohttp
from sqlalchemy import select

from launch.databases import DOMAINS
from launch.queues import read_queues
from subgraphs.shared.messaging.catalogue import passing_types
from subgraphs.shared.messaging.event import Event
from subgraphs.shared.messaging.outbox import event_of
from subgraphs.shared.messaging.republish import republish
from subgraphs.shared.messaging.tables import OutboxRow
from subgraphs.shared.messaging.transport import Binding
from tests.chaos.plan import Fault
from tests.chaos.stage import InParts, Stage
from tests.fixtures.parts import ROUTER
from tests.fixtures.rabbitmq import stopped

FROZEN_SECONDS = 4.0
HELD_BACK = "2 seconds"
BROKER_AWAY_SECONDS = 3.0

Strike = Callable[[Stage, Fault], Awaitable[None]]
FAULTS: dict[str, Strike] = {}


def _fault(what: str) -> Callable[[Strike], Strike]:
    def register(strike: Strike) -> Strike:
        FAULTS[what] = strike
        return strike

    return register


@_fault("kill the product")
async def _kill_product(stage: Stage, _fault: Fault) -> None:
    await stage.kill_product(database_too=False)


@_fault("cut the power")
async def _cut_power(stage: Stage, _fault: Fault) -> None:
    await stage.kill_product(database_too=True)


@_fault("kill the database")
async def _kill_database(stage: Stage, _fault: Fault) -> None:
    await stage.kill_database()


@_fault("kill a part")
async def _kill_part(stage: Stage, fault: Fault) -> None:
    assert isinstance(stage, InParts)
    assert fault.part is not None
    await stage.kill_part(fault.part)


@_fault("kill the router")
async def _kill_router(stage: Stage, _fault: Fault) -> None:
    assert isinstance(stage, InParts)
    await stage.kill_part(ROUTER)


@_fault("freeze a part")
async def _freeze_part(stage: Stage, fault: Fault) -> None:
    assert isinstance(stage, InParts)
    assert fault.part is not None
    await stage.freeze_part(fault.part, seconds=FROZEN_SECONDS)


@_fault("cut connections")
async def _cut_connections(stage: Stage, fault: Fault) -> None:
    """Every session of one database ends in the middle of what it does."""
    assert fault.part is not None
    connection = await stage.connect(fault.part)
    try:
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    finally:
        await connection.close()


@_fault("send events again")
async def _send_again(stage: Stage, fault: Fault) -> None:
    """Every queue gets some of what it has had before once more: late, and in another order."""
    assert fault.number is not None
    draw = random.Random(fault.number)  # not a secret
    async with stage.transport() as transport:
        for binding in read_queues():
            events = [event for domain in _tellers(binding) for event in await _sent(stage, domain, binding)]
            again = draw.sample(events, len(events) // 2)
            if again:
                await transport.send_to(binding.queue, again)


@_fault("hold events back")
async def _hold_back(stage: Stage, _fault: Fault) -> None:
    """Of what the next seconds tell, every other event waits, so that those after it overtake it."""
    for domain in DOMAINS:
        connection = await stage.connect(domain)
        try:
            await connection.execute(HOLD_BACK)
        finally:
            await connection.close()
    await asyncio.sleep(2 * FROZEN_SECONDS)
    for domain in DOMAINS:
        connection = await stage.connect(domain)
        try:
            await connection.execute("DROP FUNCTION chaos_hold_back CASCADE")
        finally:
            await connection.close()


HOLD_BACK = f"""
CREATE FUNCTION chaos_hold_back() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.id % 2 = 0 THEN NEW.due_at := now() + interval '{HELD_BACK}'; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER chaos_hold_back BEFORE INSERT ON outbox FOR EACH ROW EXECUTE FUNCTION chaos_hold_back();
"""


@_fault("lose a queue")
async def _lose_queue(stage: Stage, fault: Fault) -> None:
    """What waits in one queue is gone; the operator has it told again (`make republish`)."""
    assert fault.number is not None
    queues = read_queues()
    binding = queues[fault.number % len(queues)]
    async with stage.transport() as transport:
        await stage.empty_queue(binding.queue)
        for domain in _tellers(binding):
            database = stage.database(domain)
            try:
                await republish(
                    database,
                    transport,
                    queue=binding.queue,
                    types=binding.types,
                    since=datetime(2026, 1, 1, tzinfo=UTC),
                )
            finally:
                await database.close()


@_fault("carry badly")
async def _carry_badly(stage: Stage, _fault: Fault) -> None:
    """What goes out is refused, or taken and denied: it is sent again under the same name."""
    url = f"{stage.base('notifications')}/sandbox/notifications"
    async with aiohttp.ClientSession() as http:
        for channel, how in (("PUSH", "REFUSE"), ("EMAIL", "TAKE_SILENTLY")):
            with suppress(aiohttp.ClientError):  # it is away: nothing goes out either
                async with http.post(url, json={"channel": channel, "misbehave": how, "times": 3}) as response:
                    assert response.status == HTTPStatus.NO_CONTENT, await response.text()


@_fault("stop the broker")
async def _stop_broker(_stage: Stage, _fault: Fault) -> None:
    async with stopped(os.environ["RABBITMQCTL"].split()):
        await asyncio.sleep(BROKER_AWAY_SECONDS)


def _tellers(binding: Binding) -> list[str]:
    return sorted({event_type.partition(".")[0] for event_type in binding.types})


async def _sent(stage: Stage, domain: str, binding: Binding) -> list[Event]:
    types = binding.types - frozenset(passing_types(domain))
    database = stage.database(domain)
    try:
        async with database.begin() as session:
            statement = select(OutboxRow).where(OutboxRow.type.in_(types), OutboxRow.sent_at.is_not(None))
            return [event_of(row) for row in await session.scalars(statement.order_by(OutboxRow.id))]
    finally:
        await database.close()
