"""Connections that are kept: when they are used again, and when a request is sent again."""

import asyncio
import select
import socket
from threading import Event, Thread

import orjson
import pytest

from tests.router.clients.conftest import BY_PLAIN_HTTP, failure_of, query
from tests.router.clients.wire import GOOD, answer, wire
from trevo.clients import library_http
from trevo.clients.plain_http import pool
from trevo.clients.subgraph_client import Deadline, SubgraphRequest

MUTATION = SubgraphRequest(
    "mutation { a }",
    deadline=Deadline.after(86_400),  # from when this is read
    is_mutation=True,
)


async def test_a_connection_that_the_answer_keeps_is_used_again(client_at):
    async with wire(GOOD) as there:
        client = client_at(there.url)
        for request in (query(), MUTATION, query()):
            await client.send(request)
        assert there.connections == [0, 0, 0]


@pytest.mark.parametrize(
    "said", [answer(b"{}", b"connection: close"), answer(b"{}").replace(b"HTTP/1.1", b"HTTP/1.0"), GOOD + GOOD]
)
async def test_a_connection_that_the_answer_ends_or_confuses_is_not(client_at, said):
    async with wire(said, GOOD) as there:
        client = client_at(there.url)
        await client.send(query())
        assert (await client.send(query())).body == {"data": {}}
        assert there.connections == [0, 1]


async def test_a_query_is_sent_once_more_if_its_kept_connection_was_closed(client_at):
    async with wire(GOOD, None, GOOD) as there:
        client = client_at(there.url)
        for _ in range(2):
            await client.send(query())
        assert there.connections == [0, 0, 1]
        assert there.documents == ["{ a }"] * 3


async def test_and_not_a_third_time(client_at):
    async with wire(GOOD, None) as there:
        client = client_at(there.url)
        await client.send(query())
        assert (await failure_of(client, query())).code == "SUBREQUEST_FAILED"
        assert there.connections == [0, 0, 1]


async def test_a_mutation_is_not_sent_again(client_at):
    async with wire(GOOD, None, GOOD) as there:
        client = client_at(there.url)
        await client.send(query())
        failure = await failure_of(client, MUTATION)
        assert (failure.code, failure.is_outage) == ("SUBREQUEST_FAILED", True)
        assert there.documents == ["{ a }", "mutation { a }"]


async def test_nor_is_it_on_a_connection_that_never_answered(client_at):
    async with wire(None, GOOD) as there:
        assert (await failure_of(client_at(there.url), MUTATION)).code == "SUBREQUEST_FAILED"
        assert there.documents == ["mutation { a }"]


@BY_PLAIN_HTTP
async def test_a_query_is_not_sent_again_on_a_connection_that_never_answered(client_at):
    async with wire(None, GOOD) as there:
        assert (await failure_of(client_at(there.url), query())).is_outage
        assert there.documents == ["{ a }"]


@BY_PLAIN_HTTP
async def test_a_mutation_passes_over_a_connection_whose_end_the_loop_has_not_seen_yet(client_at):
    def serve(listener, asked):
        for _ in range(2):
            connection, _ = listener.accept()
            asked.append(connection.recv(65_536).rpartition(b"\r\n\r\n")[2])
            connection.sendall(GOOD)
            connection.close()

    asked = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(60)
        serving = Thread(target=serve, args=(listener, asked), daemon=True)
        serving.start()
        client = client_at(f"http://127.0.0.1:{listener.getsockname()[1]}/")
        await client.send(query())
        kept = client._carrier._kept[0]
        end = select.poll()
        end.register(kept._transport.get_extra_info("socket"), select.POLLIN)
        assert end.poll(20_000)  # the loop stands still meanwhile
        assert not kept._transport.is_closing()
        assert (await client.send(MUTATION)).body == {"data": {}}
        await asyncio.to_thread(serving.join)
    assert [orjson.loads(body)["query"] for body in asked] == ["{ a }", "mutation { a }"]


@BY_PLAIN_HTTP
async def test_an_unasked_answer_that_the_loop_has_not_seen_yet_is_nobodys(client_at):
    def serve(listener):
        for said in (GOOD + answer(b'{"data":{"a":"unasked"}}'), GOOD):
            connection, _ = listener.accept()
            connections.append(connection)
            connection.recv(65_536)
            connection.sendall(said[: len(GOOD)])
            may_go_on.wait(60)
            connection.sendall(said[len(GOOD) :])

    may_go_on, connections = Event(), []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(60)
        serving = Thread(target=serve, args=(listener,), daemon=True)
        serving.start()
        client = client_at(f"http://127.0.0.1:{listener.getsockname()[1]}/")
        await client.send(query())
        said = select.poll()
        said.register(client._carrier._kept[0]._transport.get_extra_info("socket"), select.POLLIN)
        may_go_on.set()
        assert said.poll(20_000)  # the loop stands still meanwhile
        assert (await client.send(query())).body == {"data": {}}
        await asyncio.to_thread(serving.join)
    for each in connections:
        each.close()


@BY_PLAIN_HTTP
async def test_what_nobody_asked_for_ends_a_connection(client_at):
    more = asyncio.Event()
    async with wire([GOOD, more, GOOD], GOOD) as there:
        client = client_at(there.url)
        await client.send(query())
        more.set()
        assert await there.ended.get() == 0
        await client.send(query())
        assert there.connections == [0, 1]


@BY_PLAIN_HTTP
async def test_who_asks_or_waits_when_the_client_is_closed_is_told_so(client_at):
    never = asyncio.Event()
    async with wire([never]) as there:
        client = client_at(there.url, subgraph_connections_max=1)
        asking = [asyncio.create_task(client.send(query())) for _ in range(2)]
        await there.came.get()
        await client.close()
        ends = await asyncio.gather(*asking, return_exceptions=True)
        assert [end.detail.split(": ")[1] for end in ends] == ["closed by the client", "the client was closed"]
        never.set()


@BY_PLAIN_HTTP
async def test_nothing_is_sent_again_of_whose_answer_a_byte_has_come(client_at):
    async with wire(GOOD, [GOOD[:1], None], GOOD) as there:
        client = client_at(there.url)
        await client.send(query())
        await failure_of(client, query())
        assert len(there.asked) == 2


async def test_a_connection_is_closed_after_its_time(client_at, monkeypatch):
    for carrier in (pool, library_http):
        monkeypatch.setattr(carrier, "KEPT_SECONDS", 0.05)
    async with wire(GOOD) as there:
        await client_at(there.url).send(query())
        assert await there.ended.get() == 0


@pytest.mark.filterwarnings("ignore:Sending a large body:ResourceWarning")
async def test_an_answer_before_the_request_was_taken_ends_the_connection(client_at):
    """A server that refuses a large body answers at once and does not read it."""
    never = asyncio.Event()

    async def serve(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.transport.pause_reading()
        writer.write(answer(b'{"errors":[]}'))
        await never.wait()
        writer.transport.abort()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, limit=1_000)
    client = client_at(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/")
    large = SubgraphRequest("{ a }", {"x": "x" * 20_000_000}, deadline=Deadline.after(60))
    assert (await client.send(large)).body == {"errors": []}
    # On the same connection this would wait behind what is left of the first.
    assert (await client.send(query("{ b }"))).body == {"errors": []}
    never.set()
    server.close()


@BY_PLAIN_HTTP
async def test_an_end_is_told_before_a_large_request_is_written(client_at):
    """A server that says no more and reads no more: what is left to be written would never be."""
    never = asyncio.Event()

    async def serve(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.transport.pause_reading()
        writer.write_eof()
        await never.wait()
        writer.transport.abort()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, limit=1_000)
    client = client_at(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/")
    large = SubgraphRequest("{ a }", {"x": "x" * 20_000_000}, deadline=Deadline.after(60))
    async with asyncio.timeout(20):
        assert "closed without an answer" in (await failure_of(client, large)).detail
    never.set()
    server.close()


async def test_a_client_that_was_closed_can_be_used_again(client_at):
    async with wire(GOOD) as there:
        client = client_at(there.url)
        await client.send(query())
        await client.close()
        assert await there.ended.get() == 0
        await client.send(query())
        assert there.connections == [0, 1]
