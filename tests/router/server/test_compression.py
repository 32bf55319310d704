"""Answers are packed as their clients take them, and what clients have packed is read within the bounds."""

import asyncio
import gzip
import zlib
from contextlib import asynccontextmanager

import orjson
import pytest

from tests.router.read_parts import MULTIPART
from tests.router.server.deferring import AT_ONCE, LATER, SLOW, Held
from tests.router.server.http_client import GRAPHQL, JSON, code_of, post, serving
from tests.router.server.streams import ADDED, STREAM, a_review, added
from tests.router.small_graph import SmallGraph
from trevo.config.compression import Compression
from trevo.config.limits import Limits
from trevo.config.rates import Rates
from trevo.config.settings import Settings
from trevo.door.content_codings import Coding, canonical, find_coding, readable, unpack
from trevo.gateway.result import Result
from trevo.gateway.shared_answers import Answered
from trevo.server.content_coding import choose_coding, pack_answer

NO_RATES = Rates(enabled=False)
LONG = "{ " + " ".join(f"a{number}: me {{ id name email }}" for number in range(45)) + " }"
SHORT = "{ me { id } }"


async def ask(http, query=LONG, *, accept=JSON, **headers):
    """Status, headers and the body as it came."""
    sent = {"content-type": JSON, "accept": accept, **headers}
    async with http.post("/graphql", data=orjson.dumps({"query": query}), headers=sent) as response:
        return response.status, response.headers, await response.read()


@asynccontextmanager
async def compressing(graph=None, *, limits=None, **compression):
    settings = Settings(rates=NO_RATES, limits=limits or Limits(), compression=Compression(**compression))
    async with serving(settings, graph) as http:
        yield http


@pytest.fixture(scope="module")
async def plain(http):
    """The long answer as it is."""
    _, _, body = await ask(http, **{"accept-encoding": "identity"})
    assert len(body) > 2_000
    return body


@pytest.mark.parametrize("coding", readable(("gzip", "br", "zstd")))
@pytest.mark.parametrize("accept", [JSON, GRAPHQL])
async def test_an_answer_is_packed_as_its_client_takes_it(http, plain, coding, accept):
    status, headers, body = await ask(http, accept=accept, **{"accept-encoding": coding})
    assert (status, headers["content-encoding"], headers["content-type"]) == (200, coding, f"{accept}; charset=utf-8")
    assert headers["content-length"] == str(len(body))
    assert len(body) < len(plain) / 4
    assert unpack(body, coding, len(plain)) == plain
    assert headers["vary"] == "accept, accept-encoding"


@pytest.mark.parametrize("accept_encoding", [None, "", "identity", "gzip;q=0", "compress", "*;q=0", "br;q=nonsense"])
async def test_it_goes_as_it_is_to_who_takes_no_coding_that_there_is(http, plain, accept_encoding):
    sent = {} if accept_encoding is None else {"accept-encoding": accept_encoding}
    async with http.post(
        "/graphql",
        data=orjson.dumps({"query": LONG}),
        headers={"content-type": JSON, **sent},
        skip_auto_headers=["accept-encoding"],
    ) as response:
        assert "content-encoding" not in response.headers
        assert response.headers["vary"] == "accept, accept-encoding"
        assert await response.read() == plain


@pytest.mark.parametrize(
    ("accept_encoding", "chosen"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip, zstd", "zstd"),
        ("gzip;q=0.9, br;q=0.8", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("*", "br"),
        ("*;q=0.5, gzip", "gzip"),
        ("br;q=0, *", "zstd"),
        ("X-GZIP", "gzip"),
        ("GZip ; Q=0.5", "gzip"),
        ("identity;q=0.5, gzip;q=0.2", "identity"),
        ("identity, gzip;q=0.9", "identity"),
        ("identity, gzip", "gzip"),
        ("gzip;q=0", "identity"),
        ("gzip;q=1.001", "identity"),
        ("deflate", "identity"),
        ("", "identity"),
        ("gzip," * 200, "gzip"),
    ],
)
def test_the_coding_that_the_client_likes_best_is_chosen(accept_encoding, chosen):
    """RFC 9110, 12.5.3."""
    assert choose_coding(accept_encoding, ("br", "zstd", "gzip")).coding == chosen


@pytest.mark.parametrize(
    ("accept_encoding", "is_needed"),
    [("gzip", False), ("gzip, identity;q=0", True), ("gzip, *;q=0", True), ("gzip, identity, *;q=0", False)],
)
def test_who_does_not_take_a_body_as_it_is_says_so(accept_encoding, is_needed):
    assert choose_coding(accept_encoding, ("br", "gzip")) == ("gzip", is_needed)


async def test_a_small_answer_goes_as_it_is_unless_it_must_not(http):
    assert "content-encoding" not in (await ask(http, SHORT, **{"accept-encoding": "gzip"}))[1]
    _, headers, body = await ask(http, SHORT, **{"accept-encoding": "gzip, identity;q=0"})
    assert (headers["content-encoding"], gzip.decompress(body)) == ("gzip", b'{"data":{"me":{"id":"u1"}}}')


@pytest.mark.parametrize(("least", "is_packed"), [(27, True), (28, False)])
async def test_how_small_is_a_setting(least, is_packed):
    async with compressing(bytes_min=least) as http:
        _, headers, _ = await ask(http, SHORT, **{"accept-encoding": "gzip"})
    assert ("content-encoding" in headers) == is_packed


async def test_by_what_is_a_setting_and_by_nothing_too():
    for answers, sent, chosen in (((), "gzip", None), (("gzip",), "br, gzip", "gzip")):
        async with compressing(answers=answers) as http:
            _, headers, _ = await ask(http, **{"accept-encoding": sent})
        assert headers.get("content-encoding") == chosen


async def test_a_refusal_is_packed_likewise_where_it_is_long(http):
    query = "{ " + " ".join(f"unknown{number}" for number in range(45)) + " }"
    status, headers, body = await ask(http, query, accept=GRAPHQL, **{"accept-encoding": "gzip"})
    assert (status, headers["content-encoding"]) == (400, "gzip")
    assert code_of(orjson.loads(gzip.decompress(body))) == "GRAPHQL_VALIDATION_FAILED"


async def test_a_large_answer_is_packed_beside_the_loop(monkeypatch):
    beside = []

    async def note(pack, body):
        beside.append(len(body))
        return await asyncio.to_thread(pack, body)

    graph = SmallGraph()
    graph.users.fault = lambda _request: {"data": {"me": {"id": "u1", "name": "Ada " * 100_000}}}
    async with compressing(graph) as http:
        monkeypatch.setattr("trevo.server.content_coding.to_thread", note)
        _, headers, body = await ask(http, "{ me { id name } }", **{"accept-encoding": "gzip"})
    whole = gzip.decompress(body)
    assert (beside, headers["content-encoding"]) == ([len(whole)], "gzip")
    assert orjson.loads(whole) == {"data": {"me": {"id": "u1", "name": "Ada " * 100_000}}}


async def test_an_answer_that_several_have_is_packed_once_for_each_coding():
    packed = []

    def counting(name):
        return Coding(name, lambda body: packed.append(name) or name.encode() + body, find_coding("gzip").begin)

    answered = Answered({}, [], written=b"{}")
    mine, others, own = Result(), Result(), Result()
    for each in (mine, others):
        each.take(answered)
    for name in ("gzip", "br"):
        for result in (mine, others):
            assert await pack_answer(answered.written, counting(name), result) == name.encode() + b"{}"
    assert packed == ["gzip", "br"]
    # What was written for one alone, because an extension added to it, is nobody else's.
    own.take(answered)
    assert await pack_answer(b'{"extensions":{}}', counting("gzip"), own) == b'gzip{"extensions":{}}'


async def test_parts_are_packed_as_they_come():
    graph = SmallGraph()
    held = Held(graph.reviews)
    reading = zlib.decompressobj(16 + zlib.MAX_WBITS)
    async with compressing(graph) as http:
        sent = {"content-type": JSON, "accept": MULTIPART, "accept-encoding": "gzip"}
        async with http.post("/graphql", data=orjson.dumps({"query": SLOW}), headers=sent) as response:
            assert (response.headers["content-encoding"], response.headers["content-type"]) == (
                "gzip",
                'multipart/mixed; boundary="-"',
            )
            text = b""
            while not text.endswith(b'"hasNext":true}\r\n---'):
                text += reading.decompress(await response.content.readany())
            assert orjson.loads(text.split(b"\r\n\r\n")[1].removesuffix(b"\r\n---")) == AT_ONCE
            held.told.set()
            rest = reading.decompress(await response.content.read())
    assert orjson.loads(rest.split(b"\r\n\r\n")[1].removesuffix(b"\r\n-----\r\n")) == LATER
    assert reading.eof


@pytest.mark.parametrize("events", [False, True])
async def test_event_streams_are_packed_only_where_that_is_set(events):
    graph = SmallGraph()
    async with compressing(graph, events=events) as http:
        sent = {"content-type": JSON, "accept": STREAM, "accept-encoding": "gzip"}
        async with http.post("/graphql", data=orjson.dumps({"query": ADDED}), headers=sent) as response:
            assert response.headers.get("content-encoding") == ("gzip" if events else None)
            await graph.reviews.until_listeners(1)
            reading, text = zlib.decompressobj(16 + zlib.MAX_WBITS), b""
            graph.reviews.announce(a_review())
            async with asyncio.timeout(20):
                while not text.endswith(b"}}}}\n\n"):
                    piece = await response.content.readany()
                    text += reading.decompress(piece) if events else piece
    assert text == b":\n\nevent: next\ndata: " + orjson.dumps(added()) + b"\n\n"


# ── requests ──


@pytest.mark.parametrize("coding", [*readable(("gzip", "br", "zstd")), "x-gzip", "deflate", "GZIP"])
async def test_a_packed_request_is_read(http, coding):
    body = packed(orjson.dumps({"query": SHORT}), coding)
    status, _, answer = await post(http, body, **{"content-encoding": coding})
    assert (status, answer) == (200, {"data": {"me": {"id": "u1"}}})


def packed(body, coding):
    return zlib.compress(body) if coding == "deflate" else find_coding(canonical(coding)).pack(body)


@pytest.mark.parametrize("coding", ["compress", "gzip, gzip", "identity, gzip", "nonsense", "*"])
async def test_one_that_is_packed_otherwise_is_answered_415_with_what_is_read(http, coding):
    known = ", ".join(readable(("gzip", "deflate", "br", "zstd")))
    status, headers, answer = await post(http, gzip.compress(b"{}"), **{"content-encoding": coding})
    assert (status, headers["accept-encoding"], code_of(answer)) == (415, known, "UNSUPPORTED_MEDIA_TYPE")
    assert answer["errors"][0]["message"] == (
        f"Send the request uncompressed, without 'content-encoding', or in one of {known}."
    )


async def test_where_requests_are_not_unpacked_all_are_answered_so():
    async with compressing(requests=False) as http:
        status, headers, answer = await post(http, gzip.compress(b"{}"), **{"content-encoding": "gzip"})
    assert (status, headers["accept-encoding"], code_of(answer)) == (415, "identity", "UNSUPPORTED_MEDIA_TYPE")
    assert answer["errors"][0]["message"] == "Send the request uncompressed, without 'content-encoding'."


@pytest.mark.parametrize(
    "body",
    [b"", b"{}", gzip.compress(b'{"query": 1}')[:-3], gzip.compress(b"{}") * 2],
    ids=["nothing", "not packed", "broken off", "two in one"],
)
async def test_one_that_is_not_what_it_says_is_a_bad_request(http, body):
    status, _, answer = await post(http, body, **{"content-encoding": "gzip"})
    assert (status, code_of(answer)) == (400, "BAD_REQUEST")
    assert answer["errors"][0]["message"].startswith("The body is not gzip, as 'content-encoding' says: ")


async def test_one_that_unpacks_to_more_than_a_request_may_have_is_too_large():
    room = orjson.dumps({"query": SHORT}) + b" " * 500
    for padding, status in ((0, 200), (1, 413)):
        async with compressing(limits=Limits(body_bytes_max=len(room))) as http:
            told, _, answer = await post(http, gzip.compress(room + b" " * padding), **{"content-encoding": "gzip"})
        assert told == status
    assert answer["errors"][0]["message"] == f"The request is larger than {len(room)} bytes."
    assert code_of(answer) == "REQUEST_TOO_LARGE"


@pytest.mark.parametrize("coding", [*readable(("gzip", "br", "zstd")), "deflate"])
async def test_a_bomb_is_refused_while_it_is_unpacked(http, coding):
    """A hundred megabytes of blanks are a hundred kilobytes and less."""
    status, _, answer = await post(http, packed(b" " * 100_000_000, coding), **{"content-encoding": coding})
    assert (status, code_of(answer)) == (413, "REQUEST_TOO_LARGE")
