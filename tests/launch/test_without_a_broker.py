"""Subgraphs start and work while the broker is away, say so, and begin to tell and hear when it comes."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import aiohttp
import pytest
import pytest_asyncio
from pydantic import SecretStr

from launch.queues import FILE, PLACEHOLDERS, collect_queues, read_queues, render_queues
from launch.services import Running
from subgraphs.notifications.core.settings import NotificationsSettings
from subgraphs.notifications.main import create_subgraph
from subgraphs.notifications.models import ClosedPerson
from subgraphs.notifications.schemas import heard
from subgraphs.shared.http import create_http_app
from subgraphs.shared.messaging import outbox
from subgraphs.shared.messaging.embedded import EmbeddedTransport
from subgraphs.shared.messaging.rabbitmq import RabbitMQTransport
from subgraphs.shared.messaging.republish import republish
from subgraphs.shared.messaging.transport import Binding, Message, Outcome, Settled, Transport
from subgraphs.shared.settings import EventSettings
from subgraphs.shared.subgraph import Subgraph
from tests.builders.serving import served
from tests.fixtures.databases import MakeDatabase, Server
from tests.fixtures.people import KnownPeople
from tests.fixtures.tokens import TokenIssuer
from tests.subgraphs.shared.messaging.conftest import QUICK, Broker, make_embedded, make_rabbitmq, until
from upkeep import republish as republish_command

CLOSED = heard.AccountClosed(user_id=uuid4())


@pytest_asyncio.fixture(params=["embedded", "rabbitmq"])
async def broker(request: pytest.FixtureRequest, postgres: Server) -> AsyncIterator[Broker]:
    make = make_rabbitmq if request.param == "rabbitmq" else make_embedded
    async for made in make(postgres):
        yield made


@pytest_asyncio.fixture
async def subgraph(make_database: MakeDatabase, tokens: TokenIssuer) -> Subgraph:
    database = await make_database("notifications")
    settings = NotificationsSettings(
        database_url=SecretStr(database.url), people_secret=SecretStr("nobody-else-knows-this")
    )
    return create_subgraph(settings, verifier=tokens.verifier, people=KnownPeople())


def transport_of(broker: Broker) -> Transport:
    if broker.kind == "rabbitmq":
        return RabbitMQTransport(broker.url, retry=QUICK, namespace=broker.namespace)
    return EmbeddedTransport(broker.url, retry=QUICK)


async def readiness(address: str) -> tuple[int, dict[str, Any]]:
    async with aiohttp.ClientSession() as client, client.get(f"{address}/ready") as response:
        return response.status, await response.json()


async def tell(subgraph: Subgraph) -> None:
    async with subgraph.database.begin() as session:
        outbox.record(session, CLOSED)


async def is_known(subgraph: Subgraph) -> bool:
    async with subgraph.database.read() as session:
        return await session.get(ClosedPerson, CLOSED.user_id) is not None


async def test_without_a_broker_a_subgraph_works_and_says_that_events_do_not_flow(
    subgraph: Subgraph, broker: Broker
) -> None:
    await broker.road.cut()
    transport = transport_of(broker)
    running = Running({"notifications": subgraph}, transport, subgraph.reactions.bindings())
    queues = len(subgraph.reactions.bindings())
    async with AsyncExitStack() as stack:
        await running.start()
        stack.push_async_callback(running.stop)
        address = await stack.enter_async_context(served(lambda _: create_http_app(subgraph)))
        status, told = await readiness(address)
        assert (status, told["ready"], told["database"], told["events"]) == (200, True, True, False)
        assert told["relay"] == {"running": False, "sending": True, "refused_types": []}
        assert told["consumer"] == {"queues": queues, "consumed": 0}
        assert (told["broker"]["transport"], told["broker"]["connected"]) == (broker.kind, False)

        await tell(subgraph)
        await broker.road.open()

        async def all_flows() -> bool:
            return bool((await readiness(address))[1]["events"])

        await until(all_flows)
        status, told = await readiness(address)
        assert (status, told["relay"]["running"], told["broker"]["connected"]) == (200, True, True)
        assert told["consumer"] == {"queues": queues, "consumed": queues}

        async def arrived() -> bool:
            return await is_known(subgraph)

        await until(arrived)

        await broker.road.cut()

        async def events_do_not_flow() -> bool:
            return not (await readiness(address))[1]["events"]

        await until(events_do_not_flow)
        status, told = await readiness(address)
        assert (status, told["ready"], told["broker"]["connected"]) == (200, True, False)


async def test_a_lost_queue_is_told_again_what_it_should_have_heard(subgraph: Subgraph, broker: Broker) -> None:
    """Its events were sent while another queue took them, so the outbox has nothing left to send."""
    lost = Binding("barn.paint", frozenset({CLOSED.type}))
    before = datetime.now(UTC) - timedelta(seconds=60)
    transport = transport_of(broker)
    running = Running({"notifications": subgraph}, transport, subgraph.reactions.bindings())
    received: list[Message] = []

    async def take(message: Message) -> Outcome:
        received.append(message)
        return Settled()

    async with AsyncExitStack() as stack:
        await running.start()
        stack.push_async_callback(running.stop)
        await tell(subgraph)

        async def arrived() -> bool:
            return await is_known(subgraph)

        await until(arrived)
        await transport.declare([lost])
        subscription = await transport.consume(lost.queue, take, concurrency=1)
        for since, count in ((datetime.now(UTC) + timedelta(seconds=60), 0), (before, 1)):
            sent = await republish(subgraph.database, transport, queue=lost.queue, types=lost.types, since=since)
            assert sent == count

        async def taken() -> bool:
            return len(received) == 1

        await until(taken)
        await subscription.cancel()
    assert str(CLOSED.user_id).encode() in received[0].body


async def test_the_command_names_the_queues_where_there_is_none_of_that_name(capsys: pytest.CaptureFixture) -> None:
    assert await republish_command.run("barn.paint", datetime.now(UTC)) == 2
    assert "There is no queue barn.paint. There are: accounts.deliver_message, " in capsys.readouterr().err


async def test_sent_events_are_kept_for_as_many_days_as_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    assert EventSettings().outbox_kept_days == 30
    monkeypatch.setenv("OUTBOX_KEPT_DAYS", "7")
    assert EventSettings().outbox_kept_days == 7


async def test_the_file_of_queues_is_what_the_reactions_need(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in PLACEHOLDERS.items():
        monkeypatch.setenv(name, value)
    bindings = await collect_queues()
    assert FILE.read_bytes() == render_queues(bindings), "run `make schema`"
    assert sorted(read_queues(), key=lambda binding: binding.queue) == sorted(bindings, key=lambda b: b.queue)
