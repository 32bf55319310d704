"""Connections that are kept: when they are used again, when a request is sent again, and who waits for whom."""

import asyncio
import gc
import select
import socket
import time
from contextlib import contextmanager, suppress
from queue import Queue
from threading import Event, Thread

import orjson
import pytest

from tests.router.clients.conftest import BY_PLAIN_HTTP, failure_of
from tests.router.clients.wire import GOOD, answer, wire
from trevo.clients import library_http
from trevo.clients.plain_http import connect, pool
from trevo.clients.plain_http.address import Address
from trevo.clients.subgraph_client import Deadline, SubgraphFailed, SubgraphRequest
from trevo.config.limits import Limits


def query(document="{ a }", seconds=60.0):
    return SubgraphRequest(document, deadline=Deadline.after(seconds))


MUTATION = SubgraphRequest(
    "mutation { a }", deadline=Deadline.after(86_400), is_mutation=True
)  # from when this is read


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


async def test_who_is_cancelled_closes_the_connection(client_at):
    never = asyncio.Event()
    async with wire(GOOD, never, GOOD) as there:
        client = client_at(there.url)
        await client.send(query())
        asking = asyncio.create_task(client.send(query("{ b }")))
        assert [await there.came.get() for _ in range(2)] == ["{ a }", "{ b }"]
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        never.set()
        assert await there.ended.get() == 0
        await client.send(query())
        assert there.connections == [0, 0, 1]


async def test_a_late_answer_is_nobody_elses(client_at):
    late = asyncio.Event()
    async with wire([late, answer(b'{"data":{"a":1}}')], GOOD) as there:
        client = client_at(there.url)
        asking = asyncio.create_task(failure_of(client, query(seconds=1.0)))
        await there.came.get()
        assert (await asking).code == "SUBREQUEST_TIMEOUT"
        late.set()
        assert (await client.send(query())).body == {"data": {}}


@pytest.mark.parametrize("seconds", [0, -1])
async def test_after_the_deadline_nothing_is_sent(client_at, seconds):
    async with wire(GOOD) as there:
        failure = await failure_of(client_at(there.url), query(seconds=seconds))
        assert (failure.code, there.asked) == ("SUBREQUEST_TIMEOUT", [])


async def test_each_waits_until_its_own_deadline_whoever_asked_before_it(client_at):
    held = asyncio.Event()
    async with wire([held, GOOD]) as there:
        client = client_at(there.url)

        async def ask(seconds):
            begun = time.monotonic()
            error = await failure_of(client, query(seconds=seconds))
            return error.code, time.monotonic() - begun >= seconds - 0.01

        patient = asyncio.ensure_future(client.send(query()))
        assert await asyncio.gather(*map(ask, (0.6, 0.2, 0.4))) == [("SUBREQUEST_TIMEOUT", True)] * 3
        assert not patient.done()
        held.set()
        await patient


@BY_PLAIN_HTTP
async def test_the_deadline_of_who_has_been_answered_is_nobodys(client_at):
    async with wire(GOOD, [late := asyncio.Event(), GOOD]) as there:
        client = client_at(there.url)
        await client.send(query(seconds=0.2))
        alarm = client._carrier._alarm
        patient = asyncio.ensure_future(client.send(query()))
        while len(there.asked) < 2:
            await there.came.get()
        assert client._carrier._alarm is alarm
        rung = asyncio.Event()
        asyncio.get_running_loop().call_at(alarm.when() + 0.001, rung.set)
        await rung.wait()
        assert client._carrier._alarm is not alarm
        late.set()
        assert (await patient).body == {"data": {}}
        assert there.connections == [0, 0]


async def test_whose_deadline_is_not_over_is_answered_when_that_of_another_is(client_at):
    answered = asyncio.Event()
    async with wire([answered, GOOD]) as there:
        client = client_at(there.url)
        patient = asyncio.ensure_future(client.send(query()))
        await there.came.get()
        assert (await failure_of(client, query(seconds=0.1))).code == "SUBREQUEST_TIMEOUT"
        answered.set()
        assert (await patient).body == {"data": {}}


async def test_no_more_connections_than_may_be_and_who_came_first_is_first(client_at):
    turn = asyncio.Event()
    async with wire([turn, GOOD]) as there:
        client = client_at(there.url, subgraph_connections_max=2)
        asking = [asyncio.create_task(client.send(query(f"{{ f{number} }}"))) for number in range(6)]
        assert {await there.came.get() for _ in range(2)} == {"{ f0 }", "{ f1 }"}
        assert len(there.asked) == 2
        turn.set()
        await asyncio.gather(*asking)
        assert set(there.connections) == {0, 1}
        assert sorted(there.documents[2:4]) == ["{ f2 }", "{ f3 }"]
        assert sorted(there.documents[4:]) == ["{ f4 }", "{ f5 }"]


async def test_who_waits_too_long_or_leaves_takes_no_place(client_at):
    turn = asyncio.Event()
    async with wire([turn, GOOD]) as there:
        client = client_at(there.url, subgraph_connections_max=1)
        first = asyncio.create_task(client.send(query("{ first }")))
        await there.came.get()
        left = asyncio.create_task(client.send(query("{ left }")))
        late = asyncio.create_task(client.send(query("{ late }", seconds=0.02)))
        patient = asyncio.create_task(client.send(query("{ patient }")))
        with pytest.raises(SubgraphFailed, match="did not answer in time"):
            await late
        left.cancel()
        turn.set()
        await asyncio.gather(first, patient)
        assert there.documents == ["{ first }", "{ patient }"]


async def test_a_place_is_given_on_when_its_connection_breaks(client_at):
    turn = asyncio.Event()
    async with wire([turn, None], [None], GOOD) as there:
        client = client_at(there.url, subgraph_connections_max=1)
        asking = [
            asyncio.create_task(client.send(SubgraphRequest(f"mutation {{ m{n} }}", is_mutation=True)))
            for n in range(3)
        ]
        await there.came.get()
        turn.set()
        ends = await asyncio.gather(*asking, return_exceptions=True)
        assert [isinstance(end, SubgraphFailed) for end in ends] == [True, True, False]
        assert there.documents == ["mutation { m0 }", "mutation { m1 }", "mutation { m2 }"]


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


@contextmanager
def answering_beside(*answers):
    """
    A server with threads of its own, whose n-th request gets the n-th of *answers*, or none.

    Gives who asks it, and what it hears.
    """

    def serve():
        while True:
            try:
                connections.append(listener.accept()[0])
            except OSError:
                return
            Thread(target=talk, args=(len(connections), connections[-1]), daemon=True).start()

    def talk(number, connection):
        with suppress(OSError):
            while connection.recv(65_536):
                heard.put(("asked", number))
                if (said := next(left, None)) is not None:
                    connection.sendall(said)
        heard.put(("ended", number))

    connections, heard, left = [], Queue(), iter(answers)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        Thread(target=serve, daemon=True).start()
        try:
            yield pool.PlainHttp(Address("127.0.0.1", listener.getsockname()[1], "/"), Limits()), heard
        finally:
            for each in (listener, *connections):
                with suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)
    for connection in connections:
        connection.close()


def test_the_alarm_of_a_loop_that_has_ended_is_not_relied_on():
    async def ask_in_vain(carrier, heard):
        loop = asyncio.get_running_loop()
        asking = asyncio.create_task(carrier.post(b"x", {}, seconds=60, may_repeat=True))
        await asyncio.to_thread(heard.get, timeout=20)
        loop.time = lambda: time.monotonic() + 61
        await asyncio.wait([asking], timeout=5)
        return asking.done() and type(asking.exception())

    with answering_beside(answer(b"{}", b"connection: close")) as (carrier, heard):
        asyncio.run(carrier.post(b"x", {}, seconds=60, may_repeat=True))
        assert [heard.get(timeout=20), heard.get(timeout=20)] == [("asked", 1), ("ended", 1)]
        assert asyncio.run(ask_in_vain(carrier, heard)) is TimeoutError


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
def test_the_connections_of_a_loop_that_has_ended_are_left_behind(monkeypatch):
    """Nothing that comes on them would be heard; nor is anything else of that loop waited for."""

    async def ask_twice_at_once(carrier):
        async with asyncio.timeout(20):
            await asyncio.gather(*(carrier.post(b"x", {}, seconds=60, may_repeat=True) for _ in range(2)))

    async def ask_and_wait_until_they_are_cleared(carrier, heard):
        monkeypatch.setattr(pool, "KEPT_SECONDS", 0.05)
        await ask_twice_at_once(carrier)
        still_open = {("ended", 3), ("ended", 4)}
        while still_open:
            still_open.discard(await asyncio.to_thread(heard.get, timeout=20))
        return carrier._places_left

    monkeypatch.setattr(connect, "KNOWN_SECONDS", -1)
    with answering_beside(*[GOOD] * 4) as (carrier, heard):
        asyncio.run(ask_twice_at_once(carrier))
        places_left = asyncio.run(ask_and_wait_until_they_are_cleared(carrier, heard))
    assert places_left == Limits().subgraph_connections_max
    gc.collect()  # nobody else closes what the loop left open
