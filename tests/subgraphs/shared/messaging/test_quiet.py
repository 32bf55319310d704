"""Knowing when everything has been delivered, on every transport."""

import asyncio

from prometheus_client import REGISTRY

from subgraphs.shared.messaging.event import Event
from subgraphs.shared.messaging.quiet import look, quiesced
from subgraphs.shared.messaging.reactions import Delivery, Reactions
from subgraphs.shared.messaging.transport import Binding
from tests.subgraphs.shared.messaging.conftest import World, until
from tests.subgraphs.shared.messaging.harvest import FieldReaped, FieldSown, sow

SHORTLY_S = 0.3


async def test_an_unsent_row_is_not_quiet(world: World) -> None:
    await sow(world.database, 1)
    assert not await quiesced([world.database], world.transport, deadline_s=SHORTLY_S)
    work = await look([world.database], world.transport)
    assert (work.unsent, work.messages.total) == (1, 0)


async def test_a_waiting_message_is_not_quiet(world: World) -> None:
    await world.transport.declare([Binding("barn.store", frozenset({FieldSown.type}))])
    await world.transport.publish([Event.of(FieldSown(field="north", number=1))])
    assert not await quiesced([world.database], world.transport, deadline_s=SHORTLY_S)
    assert (await look([world.database], world.transport)).messages.ready == 1


async def test_a_running_handler_is_not_quiet(world: World) -> None:
    reactions = Reactions("barn")
    started, go_on = asyncio.Event(), asyncio.Event()

    @reactions.on(FieldSown)
    async def store(_: Delivery[FieldSown]) -> None:
        started.set()
        await go_on.wait()

    await world.react(reactions)
    await world.transport.publish([Event.of(FieldSown(field="north", number=1))])
    async with asyncio.timeout(20):
        await started.wait()
    assert not await quiesced([world.database], world.transport, deadline_s=SHORTLY_S)
    assert (await look([world.database], world.transport)).messages.in_flight == 1
    go_on.set()
    await world.all_delivered()


def counted(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(f"peerseed_{name}_total", labels) or 0


async def test_what_happens_is_counted(world: World) -> None:
    reactions = Reactions("barn")

    @reactions.on(FieldSown, FieldReaped)
    async def count(delivery: Delivery[FieldSown | FieldReaped]) -> None:
        if isinstance(delivery.payload, FieldReaped):
            raise ConnectionError("the barn is locked")

    before = {
        "published": counted("events_published", type=FieldSown.type),
        "consumed": counted("events_consumed", queue="barn.count"),
        "retried": counted("events_retried", queue="barn.count", cause="error"),
        "dead": counted("events_dead", queue="barn.count"),
    }
    await world.react(reactions)
    await world.relay()
    await sow(world.database, 1, 2)
    await world.transport.publish([Event.of(FieldReaped(field="north", number=1))])
    await world.all_delivered()

    async def published() -> bool:  # counted after the rows are marked
        return counted("events_published", type=FieldSown.type) - before["published"] == 2

    await until(published)
    # Two sown, one reaped three times: twice put off, then given up.
    assert counted("events_consumed", queue="barn.count") - before["consumed"] == 5
    assert counted("events_retried", queue="barn.count", cause="error") - before["retried"] == 2
    assert counted("events_dead", queue="barn.count") - before["dead"] == 1
