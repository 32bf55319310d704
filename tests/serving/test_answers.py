"""How an answer gets onto the wire, and what an application is told of its connection."""

import asyncio

import pytest
from uvicorn.protocols.http.flow_control import FlowControl

from tests.serving.plain_client import REQUEST, server_with
from trevo.serving import cycle as cycle_module
from trevo.serving.asgi import connection_of
from trevo.serving.cycle import Cycle

LARGE = b"POST / HTTP/1.1\r\nhost: here\r\ncontent-length: 200000\r\n\r\n" + b"x" * 200_000


def an_app(answer):
    """*answer* for requests; lifespan and the rest is nothing to it."""

    async def app(scope, receive, send):
        if scope["type"] == "http":
            await answer(scope, receive, send)

    return app


def start(*headers, status=200):
    return {"type": "http.response.start", "status": status, "headers": headers}


def body(text=b"", *, more=False):
    return {"type": "http.response.body", "body": text, "more_body": more}


class Wire:
    """A transport that notes each write."""

    def __init__(self):
        self.written = []

    def write(self, data):
        self.written.append(data)

    def is_closing(self):
        return False

    def close(self):
        self.written.append("closed")

    def resume_reading(self):
        self.written.append("reads again")


def a_cycle(wire, *, keep_alive=True, method="POST", expects_to_be_told=False, http_version="1.1"):
    return Cycle(
        asyncio.get_running_loop(),
        scope={"type": "http", "method": method, "http_version": http_version},
        transport=wire,
        flow=FlowControl(wire),
        logger=None,
        access_logger=None,
        access_log=False,
        default_headers=[],
        message_event=asyncio.Event(),
        expect_100_continue=expects_to_be_told,
        keep_alive=keep_alive,
        on_response=lambda: wire.written.append("answered"),
    )


async def test_head_and_body_are_written_at_once():
    cycle = a_cycle(wire := Wire())
    await cycle.send(start((b"Content-Length", b"2")))
    await cycle.send(body(b"hi"))
    await asyncio.sleep(0)
    assert wire.written == [b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi", "answered"]


async def test_a_head_whose_body_is_not_there_goes_alone():
    cycle = a_cycle(wire := Wire())
    await cycle.send(start())
    await asyncio.sleep(0)
    await cycle.send(body(b"hi", more=True))
    await cycle.send(body())
    head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
    assert wire.written == [head, b"2\r\nhi\r\n", b"0\r\n\r\n", "answered"]


async def test_a_client_of_http_1_0_gets_no_chunks():
    cycle = a_cycle(wire := Wire(), keep_alive=False, http_version="1.0")
    await cycle.send(start())
    await cycle.send(body(b"hi", more=True))
    await cycle.send(body(b"ho"))
    head = b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n"
    assert wire.written == [head + b"hi", b"ho", "closed", "answered"]


async def test_the_last_answer_of_a_connection_says_so():
    cycle = a_cycle(wire := Wire(), keep_alive=False)
    await cycle.send(start((b"content-length", b"2")))
    await cycle.send(body(b"hi"))
    expected = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nhi"
    assert wire.written == [expected, "closed", "answered"]


async def test_an_application_may_say_that_the_connection_ends():
    cycle = a_cycle(wire := Wire())
    await cycle.send(start((b"content-length", b"0"), (b"connection", b"Keep, Close")))
    await cycle.send(body())
    expected = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: Keep, Close\r\n\r\n"
    assert wire.written == [expected, "closed", "answered"]


async def test_who_asks_for_a_head_gets_no_body():
    cycle = a_cycle(wire := Wire(), method="HEAD")
    await cycle.send(start((b"content-length", b"2")))
    await cycle.send(body(b"hi"))
    assert wire.written == [b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n", "answered"]


@pytest.mark.parametrize(
    "header",
    [
        (b"x-a", b"1\r\nx-b: 2"),
        (b"x-a", b"1\nx-b: 2"),
        (b"x-a", b"1\rx-b: 2"),
        (b"x-a", b"\x00"),
        (b"x-a", b"\x7f"),
        (b"x a", b"1"),
        (b"x-a:", b"1"),
        (b"", b"1"),
        (b"x-a\r\n", b"1"),
    ],
)
async def test_no_header_becomes_two(header):
    cycle = a_cycle(wire := Wire())
    with pytest.raises(RuntimeError, match="cannot be sent"):
        await cycle.send(start(header))
    await asyncio.sleep(0)
    assert wire.written == []


@pytest.mark.parametrize("value", [b"1\r\nx-b: 2", b"1\nx-b: 2", b"1\rx-b: 2", b"1\r\n\r\nHTTP/1.1 200 OK", b"\x00"])
async def test_nor_does_one_whose_form_is_known(value):
    assert a_cycle(Wire()).answer(200, ((b"content-length", b"0"), (b"x-known", b"1")), b"")
    cycle = a_cycle(wire := Wire())
    with pytest.raises(RuntimeError, match="cannot be sent"):
        cycle.answer(200, ((b"content-length", b"0"), (b"x-known", value)), b"")
    assert wire.written == []


async def test_values_are_those_of_this_answer_in_the_order_given():
    for first, second in ((b"1", b"2"), (b"%b", b"%")):
        cycle = a_cycle(wire := Wire())
        assert cycle.answer(200, ((b"x-a", first), (b"content-length", b"0"), (b"x-a", second)), b"")
        head = b"HTTP/1.1 200 OK\r\nx-a: " + first + b"\r\ncontent-length: 0\r\nx-a: " + second + b"\r\n\r\n"
        assert wire.written == [head, "answered"]


async def test_of_what_applications_name_only_so_many_forms_are_kept(monkeypatch):
    monkeypatch.setattr(cycle_module, "_forms", forms := {})
    monkeypatch.setattr(cycle_module, "_FORMS_MAX", 2)
    for name in (b"x-long" * 400, b"x-1", b"x-2", b"x-3"):
        cycle = a_cycle(wire := Wire())
        assert cycle.answer(200, ((b"content-length", b"0"), (name, b"v")), b"")
        assert wire.written[0] == b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n" + name + b": v\r\n\r\n"
    assert [names[1] for _, names, _ in forms] == [b"x-1", b"x-2"]


async def test_a_whole_answer_is_one_write_and_takes_no_turn_of_the_loop():
    cycle = a_cycle(wire := Wire())
    assert cycle.answer(200, ((b"content-length", b"2"),), b"hi")
    assert wire.written == [b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi", "answered"]


async def test_a_whole_answer_has_to_wait_for_a_client_that_does_not_take_what_it_has():
    cycle = a_cycle(wire := Wire())
    cycle.flow.pause_writing()
    assert not cycle.answer(200, ((b"content-length", b"2"),), b"hi")
    assert wire.written == []


async def test_nobody_who_has_gone_is_answered():
    cycle = a_cycle(wire := Wire())
    cycle.be_gone()
    assert not cycle.answer(200, ((b"content-length", b"2"),), b"hi")
    assert wire.written == []


async def test_an_answer_has_what_is_said_beside_its_headers():
    def beside(names):
        return () if b"x-a" in names else ((b"x-a", b"100%"),)

    for given, expected in (((), b"x-a: 100%"), (((b"x-a", b"2"),), b"x-a: 2")):
        cycle = a_cycle(wire := Wire())
        cycle.add_headers(beside)
        assert cycle.answer(200, ((b"content-length", b"0"), *given), b"")
        head = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n" + expected + b"\r\n\r\n"
        assert wire.written == [head, "answered"]


async def test_who_says_something_else_beside_the_same_headers_is_not_given_the_form_of_another():
    for value in (b"1", b"2"):
        cycle = a_cycle(wire := Wire())
        cycle.add_headers(lambda _names, value=value: ((b"x-a", value),))
        assert cycle.answer(200, ((b"content-length", b"0"),), b"")
        assert wire.written[0] == b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nx-a: " + value + b"\r\n\r\n"


async def test_a_percent_sign_is_a_name_like_others():
    cycle = a_cycle(wire := Wire())
    assert cycle.answer(200, ((b"content-length", b"0"), (b"X-%b", b"%s")), b"")
    assert wire.written == [b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nx-%b: %s\r\n\r\n", "answered"]


@pytest.mark.parametrize("text", [b"h", b"hi!"])
async def test_a_body_has_the_length_that_it_announced(text):
    cycle = a_cycle(wire := Wire())
    await cycle.send(start((b"content-length", b"2")))
    with pytest.raises(RuntimeError, match="'content-length'"):
        await cycle.send(body(text))
    assert wire.written == []


async def test_nothing_is_sent_twice_or_out_of_order():
    cycle = a_cycle(Wire())
    with pytest.raises(RuntimeError, match=r"'http\.response\.body' cannot be sent now"):
        await cycle.send(body())
    await cycle.send(start((b"content-length", b"0")))
    await cycle.send(body())
    for message in (start(), body()):
        with pytest.raises(RuntimeError, match="cannot be sent now"):
            await cycle.send(message)


async def test_an_application_that_fails_before_its_body_is_told_as_a_failure():
    async def fails(_scope, receive, send):
        await receive()
        await send(start((b"content-length", b"2")))
        raise ValueError

    async with server_with(an_app(fails)) as server, server.connect() as connection:
        connection.say(REQUEST)
        assert await connection.answer() == (500, b"Internal Server Error")


async def test_a_body_that_is_there_is_taken_without_waiting():
    taken = []

    async def take(scope, receive, send):
        there = connection_of(scope, receive).take_body()
        taken.append(there)
        if there is None:
            there = (await receive())["body"]
        await send(start((b"content-length", b"2")))
        await send(body(there))

    async with server_with(an_app(take)) as server, server.connect() as connection:
        connection.say(REQUEST)
        assert await connection.answer() == (200, b"hi")
        connection.say(REQUEST[:-2])
        while len(taken) < 2:  # noqa: ASYNC110  # the application is called when it is called
            await asyncio.sleep(0.01)
        connection.say(b"ho")
        assert await connection.answer() == (200, b"ho")
    assert taken == [b"hi", None]


CAREFUL = REQUEST.replace(b"\r\n\r\n", b"\r\nexpect: 100-continue\r\n\r\n")


async def test_who_was_not_told_to_go_on_has_no_next_request_on_this_connection():
    """It may have kept its body to itself: then the next request would be read as that."""
    calls = []

    async def refuse(scope, _receive, send):
        calls.append(scope["path"])
        await send(start((b"content-length", b"2"), status=413))
        await send(body(b"no"))

    async with server_with(an_app(refuse)) as server, server.connect() as connection:
        connection.say(CAREFUL[:-2])
        assert await connection.answer() == (413, b"no")
        assert await connection.is_closed()
    assert calls == ["/"]


@pytest.mark.parametrize("has_come", [True, False])
async def test_whose_body_has_come_all_the_same_has_a_next_request(has_come):
    cycle = a_cycle(wire := Wire(), expects_to_be_told=True)
    cycle.more_body = not has_come
    await cycle.send(start((b"content-length", b"0")))
    await cycle.send(body())
    assert ("closed" in wire.written, b"connection: close" in wire.written[0]) == (not has_come, not has_come)


async def test_who_waits_hears_that_the_client_has_gone_though_it_sent_another_request_ahead():
    heard = []
    waits, done = asyncio.Event(), asyncio.Event()

    async def wait(scope, receive, _send):
        await receive()
        waits.set()
        heard.append(await receive())
        done.set()

    async with server_with(an_app(wait)) as server:
        async with server.connect() as connection:
            connection.say(REQUEST + REQUEST)
            async with asyncio.timeout(20):
                await waits.wait()
        async with asyncio.timeout(20):
            await done.wait()
    assert heard == [{"type": "http.disconnect"}]


@pytest.mark.parametrize("request_bytes", [REQUEST, LARGE, REQUEST + REQUEST])
async def test_an_application_is_told_that_its_client_has_gone(request_bytes):
    """Also while what was sent is large, or more than one request, so that reading has been held."""
    arrived, gone = asyncio.Event(), asyncio.Event()

    async def wait(scope, receive, _send):
        connection = connection_of(scope, receive)
        while connection.take_body() is None and (await receive()).get("more_body"):
            continue
        connection.when_gone(gone.set)
        arrived.set()
        await gone.wait()

    async with server_with(an_app(wait)) as server:
        async with server.connect() as connection:
            connection.say(request_bytes)
            async with asyncio.timeout(20):
                await arrived.wait()
        async with asyncio.timeout(20):
            await gone.wait()


async def test_who_has_gone_before_is_told_at_once_and_who_has_its_answer_is_not_told():
    cycle, told = a_cycle(Wire()), []
    cycle.be_gone()
    cycle.when_gone(lambda: told.append("gone"))
    answered = a_cycle(Wire())
    answered.when_gone(lambda: told.append("answered"))
    await answered.send(start((b"content-length", b"0")))
    await answered.send(body())
    answered.be_gone()
    assert told == ["gone"]
