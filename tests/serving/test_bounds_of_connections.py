"""What a connection may cost before its request is whole, told by real sockets to the real server."""

import asyncio
import time
from contextlib import AsyncExitStack

import aiohttp
import pytest
from prometheus_client import REGISTRY

from tests.serving.plain_client import REQUEST, echo, server_with, until
from trevo.door.client_address import TrustedProxies
from trevo.serving.protocols import AHEAD_MAX


async def test_a_kept_connection_waits_for_the_next_request_as_long_as_the_setting_says():
    async with server_with(idle_seconds=1) as server, server.connect() as connection:
        for _ in range(2):
            connection.say(REQUEST)
            assert await connection.answer() == (200, b"hi")
        answered = time.monotonic()
        assert await connection.is_closed()
        assert time.monotonic() - answered > 0.9


async def test_what_it_waits_is_counted_from_its_last_answer():
    async with server_with(idle_seconds=3) as server, server.connect() as connection:
        connection.say(REQUEST)
        assert await connection.answer() == (200, b"hi")
        await asyncio.sleep(1)  # it is time itself that this is about
        connection.say(REQUEST)
        assert await connection.answer() == (200, b"hi")
        answered = time.monotonic()
        assert await connection.is_closed()
        assert time.monotonic() - answered > 2.9


async def test_by_default_that_is_longer_than_a_load_balancer_keeps_it():
    async with server_with() as server:
        assert server.config.timeout_keep_alive == 75


@pytest.mark.parametrize("begun", [b"", b"POST / HTTP/1.1\r\nhost: h", b"\r\n\r\n"])
async def test_a_slow_head_is_cut_off(begun):
    async with server_with(head_seconds_max=0.2) as server, server.connect() as connection:
        connection.say(begun)
        if begun:
            assert await connection.answer() == (408, b"The request's head did not arrive in time.")
        assert await connection.is_closed()


async def test_the_next_head_on_a_kept_connection_is_cut_off_too():
    async with server_with(head_seconds_max=1) as server, server.connect() as connection:
        connection.say(REQUEST)
        assert await connection.answer() == (200, b"hi")
        connection.say(b"POST")
        assert await connection.answer() == (408, b"The request's head did not arrive in time.")


async def test_a_slow_body_is_cut_off_by_its_pace():
    bounds = {"body_grace_seconds": 0.1, "body_bytes_per_second_min": 1_000}
    async with server_with(**bounds) as server, server.connect() as connection:
        connection.say(b"POST / HTTP/1.1\r\nhost: here\r\ncontent-length: 1000\r\n\r\nx")
        assert await connection.answer() == (408, b"The request's body did not arrive in time.")
        assert await connection.is_closed()


async def test_a_body_at_a_good_pace_may_take_its_time_up_to_a_bound():
    bounds = {"body_grace_seconds": 0.05, "body_bytes_per_second_min": 10, "body_seconds_max": 0.5}
    async with server_with(**bounds) as server, server.connect() as connection:
        began = time.monotonic()
        connection.say(b"POST / HTTP/1.1\r\nhost: here\r\ncontent-length: 1000\r\n\r\n" + b"x" * 500)
        assert await connection.answer() == (408, b"The request's body did not arrive in time.")
        assert time.monotonic() - began > 0.4


async def test_a_head_too_large_is_refused_before_it_is_whole():
    async with server_with(head_bytes_max=10_000) as server, server.connect() as connection:
        connection.say(b"GET / HTTP/1.1\r\nhost: here\r\nlong: " + b"x" * 20_000)
        assert await connection.answer() == (431, b"The request's head is too large.")
        assert await connection.is_closed()


async def test_a_head_that_comes_at_once_is_measured_too():
    head = b"GET / HTTP/1.1\r\nhost: here\r\nlong: %s\r\n\r\n"
    async with server_with(head_bytes_max=2_000) as server:
        async with server.connect() as connection:
            connection.say(head % (b"x" * 1_900))
            assert await connection.answer() == (200, b"")
        async with server.connect() as connection:
            connection.say(head % (b"x" * 2_000))
            assert (await connection.answer())[0] == 431


@pytest.mark.parametrize("headers", [1, 20])
@pytest.mark.parametrize("at_once", [True, False])
async def test_so_is_one_that_begins_in_the_same_piece_as_another_request(headers, at_once):
    called = []

    async def note(scope, receive, send):
        called.append(scope.get("path"))
        await echo(scope, receive, send)

    ahead = b"GET /a HTTP/1.1\r\nhost: here\r\n\r\nGET /b HTTP/1.1\r\nhost: here\r\n"
    long = b"long: %s\r\n" % (b"x" * (4_000 // headers)) * headers
    async with server_with(note, head_bytes_max=2_000) as server, server.connect() as connection:
        connection.say(ahead + (long + b"\r\n" if at_once else long))
        assert await connection.answer() == (200, b"")
        if not at_once:
            connection.say(b"\r\n")
        assert await connection.answer() == (431, b"The request's head is too large.")
        assert await connection.is_closed()
    assert "/b" not in called


async def test_too_many_headers_are_refused():
    head = b"GET / HTTP/1.1\r\nhost: here\r\n%s\r\n"
    async with server_with(headers_max=10) as server:
        async with server.connect() as connection:
            connection.say(head % (b"a: b\r\n" * 9))
            assert await connection.answer() == (200, b"")
        async with server.connect() as connection:
            connection.say(head % (b"a: b\r\n" * 10))
            assert await connection.answer() == (431, b"The request has too many headers.")


async def test_a_flood_of_one_header_is_not_taken():
    async with server_with() as server, server.connect() as connection:
        connection.say(b"GET / HTTP/1.1\r\nhost: here\r\nlong: ")
        assert await connection.flood() < 10_000_000


async def test_trailers_and_padding_of_a_chunked_body_are_bounded():
    head = b"POST / HTTP/1.1\r\nhost: here\r\nexpect: 100-continue\r\ntransfer-encoding: chunked\r\n\r\n"
    async with server_with(headers_max=5) as server, server.connect() as connection:
        connection.say(head)
        assert await connection.answer() == (100, b"")
        connection.say(b"0\r\n" + b"a: b\r\n" * 10)
        assert (await connection.answer())[0] == 431
    async with server_with(head_bytes_max=1_000) as server, server.connect() as connection:
        connection.say(head)
        assert await connection.answer() == (100, b"")
        connection.say(b"1;" + b"x" * 4_000)
        assert await connection.answer() == (400, b"The request's body is mostly padding.")


async def test_silent_connections_make_way_for_whoever_speaks():
    async with server_with(open_max=20, open_per_address_max=20) as server, AsyncExitStack() as stack:
        silent = [await stack.enter_async_context(server.connect()) for _ in range(30)]
        async with server.connect() as connection:
            connection.say(REQUEST)
            assert await connection.answer() == (200, b"hi")
        for connection in silent[:10]:
            assert await connection.is_closed()
        assert len(server.connections) <= 20


async def test_one_address_is_bounded_and_a_trusted_proxy_is_not():
    async def open_and_count(**options):
        async with server_with(open_per_address_max=5, **options) as server, AsyncExitStack() as stack:
            for _ in range(8):
                connection = await stack.enter_async_context(server.connect())
                connection.say(REQUEST)
                assert await connection.answer() == (200, b"hi")
            return len(server.connections)

    assert await open_and_count() == 5
    assert await open_and_count(trusted=TrustedProxies.of(["127.0.0.0/8"])) == 8


async def test_a_web_socket_keeps_its_place_until_it_closes():
    async with server_with(open_max=1) as server, aiohttp.ClientSession() as http:
        async with http.ws_connect(server.origin) as socket:
            await socket.send_str("hello")
            assert await socket.receive_str() == "hello"
            async with server.connect() as connection:
                assert await connection.answer() == (503, b"Too many connections are open; try again in a moment.")
        await server.until_open(0)
        async with server.connect() as connection:
            connection.say(REQUEST)
            assert await connection.answer() == (200, b"hi")


async def test_figures_tell_how_many_are_open_and_why_others_were_ended():
    def figure(name, **labels):
        return REGISTRY.get_sample_value(name, labels) or 0

    before, cut = figure("http_connections"), figure("http_connections_cut_off_total", why="made way")
    async with server_with(open_max=2) as server, AsyncExitStack() as stack:
        for _ in range(3):
            await stack.enter_async_context(server.connect())
        async with aiohttp.ClientSession() as http, http.ws_connect(server.origin) as socket:
            await socket.send_str("hello")
            assert await socket.receive_str() == "hello"
            assert figure("http_connections_cut_off_total", why="made way") - cut == 2
            assert figure("http_connections") - before == 2
    assert figure("http_connections") == before


async def test_requests_sent_ahead_are_answered_in_order():
    async with server_with() as server, server.connect() as connection:
        connection.say(REQUEST + REQUEST.replace(b"hi", b"ho") + REQUEST[:20])
        assert [await connection.answer(), await connection.answer()] == [(200, b"hi"), (200, b"ho")]
        connection.say(REQUEST[20:])
        assert await connection.answer() == (200, b"hi")


BAD = {
    "a long head": (
        b"GET / HTTP/1.1\r\nlong: " + b"x" * 20_000 + b"\r\n\r\n",
        431,
        b"The request's head is too large.",
    ),
    "many headers": (b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 11 + b"\r\n", 431, b"The request has too many headers."),
    "no HTTP": (b"nonsense\r\n\r\n", 400, b"Invalid HTTP request received."),
    "a slow head": (b"GET / HT", 408, b"The request's head did not arrive in time."),
    "a body of no form": (
        b"POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\nnonsense\r\n",
        400,
        b"Invalid HTTP request received.",
    ),
}


@pytest.mark.parametrize("kind", BAD)
@pytest.mark.parametrize("count", [1, 3])
async def test_what_is_refused_is_told_behind_the_answers_to_what_came_before(kind, count):
    said, status, text = BAD[kind]
    may_answer, called = asyncio.Event(), []

    async def patient(scope, receive, send):
        if scope["type"] == "http":
            called.append(scope["path"])
            await may_answer.wait()
        await echo(scope, receive, send)

    bounds = {"head_bytes_max": 10_000, "headers_max": 10, "head_seconds_max": 0.3 if kind == "a slow head" else 10}
    async with server_with(patient, **bounds) as server, server.connect() as connection:
        connection.say(REQUEST.replace(b"/ ", b"/good ") * count + said)
        await server.until_open(1)
        (there,) = server.server_state.connections
        await until(lambda: there._last_words)
        connection.say(REQUEST.replace(b"/ ", b"/late "))
        await until(lambda: there._ahead_bytes)
        may_answer.set()
        assert [await connection.answer() for _ in range(count)] == [(200, b"hi")] * count
        assert await connection.answer() == (status, text)
        assert await connection.is_closed()
    assert called == ["/good"] * count


async def test_who_floods_behind_an_answer_that_is_not_there_yet_is_not_waited_for():
    async with server_with(held, head_bytes_max=10_000) as server, server.connect() as connection:
        connection.say(REQUEST + b"GET / HTTP/1.1\r\nlong: ")
        assert await connection.flood() < 10_000_000


async def held(scope, receive, send):
    """Answers nobody."""
    if scope["type"] == "http":
        while (await receive())["type"] != "http.disconnect":
            continue


@pytest.mark.parametrize(("ahead", "is_closed"), [(AHEAD_MAX, False), (AHEAD_MAX + 1, True), (7_000, True)])
@pytest.mark.parametrize("in_one_piece", [True, False])
async def test_so_many_requests_may_be_sent_ahead_and_no_more(ahead, is_closed, in_one_piece):
    get = b"GET / HTTP/1.1\r\nhost: a\r\n\r\n"
    async with server_with(held) as server, server.connect() as connection:
        if in_one_piece:
            connection.say(get * (ahead + 1))
        else:
            connection.say(get)
            await server.until_open(1)
            connection.say(get * ahead)
        if is_closed:
            assert await connection.is_closed()
            return
        await server.until_open(1)
        (there,) = server.server_state.connections
        await until(lambda: len(there.pipeline) == ahead)
        assert not there.transport.is_closing()


async def test_what_is_sent_ahead_is_bounded_in_bytes_too():
    async with server_with(held) as server, server.connect() as connection:
        connection.say(REQUEST + b"POST / HTTP/1.1\r\nhost: here\r\ncontent-length: 90000000\r\n\r\n")
        assert await connection.flood() < 10_000_000


async def test_an_answer_that_nobody_takes_is_given_up():
    async def generous(scope, receive, send):
        if scope["type"] == "http":
            await receive()
            await send({"type": "http.response.start", "status": 200, "headers": []})
            for _ in range(1_000):
                await send({"type": "http.response.body", "body": b"x" * 100_000, "more_body": True})

    async with server_with(generous, stall_seconds_max=0.2) as server, server.connect() as connection:
        connection.say(REQUEST)
        await server.until_open(1)
        await server.until_open(0)
