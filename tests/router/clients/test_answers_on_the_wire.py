"""Answers byte by byte, right and wrong ones: both carriers read the right ones, and refuse the others in time."""

import asyncio
import gzip
import zlib

import pytest

from tests.router.clients.conftest import BY_PLAIN_HTTP, failure_of
from tests.router.clients.wire import GOOD, answer, wire
from trevo.clients.subgraph_client import Deadline, SubgraphRequest

QUERY = SubgraphRequest("{ a }", deadline=Deadline.after(86_400))  # from when this file is read
BODY = b'{"data":{"a":"' + b"x" * 500 + b'"}}'
JSON = {"data": {"a": "x" * 500}}
CHUNKED = b"transfer-encoding: chunked"


def raw_deflate(body):
    packing = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packing.compress(body) + packing.flush()


def chunked(body, size, extension=b""):
    parts = [body[start : start + size] for start in range(0, len(body), size)]
    return b"".join(b"%x%s\r\n%s\r\n" % (len(part), extension, part) for part in (*parts, b""))


@pytest.mark.parametrize(
    "said",
    [
        pytest.param(answer(BODY), id="of a length"),
        pytest.param(answer(BODY).replace(b"content-length", b"Content-Length"), id="names in any case"),
        pytest.param(answer(chunked(BODY, 1), CHUNKED, length=False), id="in chunks of a byte"),
        pytest.param(answer(chunked(BODY, 100, b";x=1"), CHUNKED, length=False), id="with extensions of chunks"),
        pytest.param(
            answer(chunked(BODY, 100).removesuffix(b"\r\n") + b"x-trailer: 1\r\n\r\n", CHUNKED, length=False),
            id="with a trailer",
        ),
        pytest.param([answer(BODY, length=False), None], id="until the end of the connection"),
        pytest.param([answer(BODY, length=False).replace(b"/1.1", b"/1.0"), None], id="of HTTP/1.0"),
        pytest.param(b"HTTP/1.1 100 Continue\r\n\r\n" + answer(BODY), id="after 100"),
        pytest.param(b"HTTP/1.1 103 Early Hints\r\nlink: <a>\r\n\r\n" * 2 + answer(BODY), id="after hints"),
        pytest.param(answer(gzip.compress(BODY), b"content-encoding: gzip"), id="gzip"),
        pytest.param(answer(gzip.compress(BODY), b"Content-Encoding: GZIP"), id="GZIP"),
        pytest.param(
            answer(chunked(gzip.compress(BODY), 10), b"content-encoding: gzip", CHUNKED, length=False),
            id="gzip in chunks",
        ),
        pytest.param(answer(zlib.compress(BODY), b"content-encoding: deflate"), id="deflate"),
        pytest.param(answer(raw_deflate(BODY), b"content-encoding: deflate"), id="deflate without its front"),
        pytest.param(answer(BODY, b"content-encoding: identity"), id="identity"),
        pytest.param([answer(BODY)[:30], answer(BODY)[30:]], id="in two parts"),
        pytest.param(answer(BODY, b"x-long: " + b"x" * 8_000), id="with a long header"),
        pytest.param(answer(BODY, *(b"x-%d: 1" % number for number in range(100))), id="with many headers"),
    ],
)
async def test_an_answer_is_read(client_at, said):
    async with wire(said, GOOD) as there:
        client = client_at(there.url)
        assert (await client.send(QUERY)).body == JSON
        assert (await client.send(QUERY)).body == {"data": {}}


@pytest.mark.parametrize(
    "said",
    [
        pytest.param(b"SSH-2.0-OpenSSH_9.6\r\n", id="not HTTP"),
        pytest.param(b"\x15\x03\x01\x00\x02\x02\x46", id="not even text"),
        pytest.param(b"HTTP/1.1 OK\r\n\r\n", id="no status"),
        pytest.param(answer().replace(b"HTTP/1.1", b"HTTP/9.1"), id="a version to come"),
        pytest.param(answer(b"{}", b"content-length: 3"), id="two lengths"),
        pytest.param(answer(b"0\r\n\r\n", CHUNKED), id="a length and chunks"),
        pytest.param(answer(b"{}", b"content-length: -2", length=False), id="a negative length"),
        pytest.param(answer(b"zz\r\n{}\r\n0\r\n\r\n", CHUNKED, length=False), id="a chunk of no length"),
        pytest.param(answer(b"2\r\n{}{}\r\n0\r\n\r\n", CHUNKED, length=False), id="a chunk of another length"),
        pytest.param(answer(b"{}", b"x-bad\x00: 1"), id="a zero in a header"),
        pytest.param(answer(b"{}", b"x-long: " + b"x" * 9_000), id="a header too long"),
        pytest.param([answer(b"{}", b"x-long: " + b"x" * 4_000_000)], id="a header without end"),
        pytest.param(answer(b"{}", *(b"x-%d: 1" % number for number in range(200))), id="too many headers"),
        pytest.param(answer(b"not packed", b"content-encoding: gzip"), id="gzip that is none"),
        pytest.param(answer(b"packed", b"content-encoding: br"), id="packed in a way not asked for"),
        pytest.param([GOOD[:-3], None], id="a body that breaks off"),
        pytest.param([answer(chunked(BODY, 100)[:-5], CHUNKED, length=False), None], id="chunks that break off"),
    ],
)
async def test_what_is_no_whole_answer_costs_the_fetch_and_nothing_else(client_at, said):
    async with wire(said, GOOD) as there:
        client = client_at(there.url)
        # At once: what is not told by a byte would be told by the deadline, a minute away.
        async with asyncio.timeout(20):
            failure = await failure_of(client, QUERY)
        assert (failure.code, failure.message) == (
            "SUBREQUEST_FAILED",
            "The subgraph 'users' could not be reached.",
        )
        assert failure.is_outage
        assert (await client.send(QUERY)).body == {"data": {}}
        assert there.documents == ["{ a }"] * 2


@BY_PLAIN_HTTP
@pytest.mark.parametrize(
    "said",
    [
        pytest.param(
            b"HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n",
            id="another protocol",
        ),
        pytest.param([GOOD[:40], None], id="a head that breaks off"),
        pytest.param(b"HTTP/1.1 100 Continue\r\n\r\n" * 4_000, id="an answer that never comes"),
        pytest.param(answer(b"1;x=" + b"x" * 4_000_000, CHUNKED, length=False), id="an extension without end"),
        pytest.param(answer(b"0\r\nx: " + b"x" * 4_000_000, CHUNKED, length=False), id="a trailer without end"),
        pytest.param(answer(BODY, b"transfer-encoding: gzip", length=False), id="packed for the way"),
        pytest.param(answer(gzip.compress(BODY)[:-9], b"content-encoding: gzip"), id="gzip that breaks off"),
        pytest.param(answer(gzip.compress(BODY) + b"x", b"content-encoding: gzip"), id="gzip and something else"),
    ],
)
async def test_nor_is_what_the_library_takes_for_something_else(client_at, said):
    async with wire(said) as there:
        client = client_at(there.url)
        async with asyncio.timeout(20):
            failure = await failure_of(client, QUERY)
        assert (failure.code, failure.is_outage) == ("SUBREQUEST_FAILED", True)
        assert there.documents == ["{ a }"]


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (304, b"HTTP/1.1 304 Not Modified\r\ncontent-length: 100\r\n\r\n"),
        (307, b"HTTP/1.1 307 Temporary Redirect\r\nlocation: /elsewhere\r\ncontent-length: 0\r\n\r\n"),
        (503, b"HTTP/1.1 503 Service Unavailable\r\n\r\n"),
        (502, answer(b"x" * 9_000_000, status=b"502 Bad Gateway")),
        (500, answer(b"x", b"content-encoding: gzip", status=b"500 Internal Server Error")),
    ],
)
async def test_of_an_error_the_status_is_told_and_the_body_not_waited_for(client_at, status, said):
    async with wire(said, GOOD) as there:
        client = client_at(there.url)
        async with asyncio.timeout(20):
            assert (await failure_of(client, QUERY)).detail == f"HTTP status {status}"
        assert (await client.send(QUERY)).body == {"data": {}}


@pytest.mark.parametrize(
    "said",
    [
        pytest.param(answer(b'"' + b"x" * 9_999 + b'"'), id="by its length"),
        pytest.param(answer(chunked(b" " * 10_001, 100), CHUNKED, length=False), id="in chunks"),
        pytest.param([answer(b" " * 10_001, length=False), None], id="until the end of the connection"),
        pytest.param(answer(gzip.compress(b" " * 10_000_000), b"content-encoding: gzip"), id="unpacked"),
    ],
)
async def test_an_answer_of_a_byte_more_than_the_bound_is_too_large(client_at, said):
    async with wire(said, answer(b'"' + b"x" * 9_998 + b'"')) as there:
        client = client_at(there.url, subgraph_response_bytes_max=10_000)
        failure = await failure_of(client, QUERY)
        assert failure.code == "SUBREQUEST_TOO_LARGE"
        assert failure.message == "The subgraph 'users' gave an answer larger than 10000 bytes."
        assert (await client.send(QUERY)).size == 10_000


@pytest.mark.parametrize("declared", [b"application/graphql-response+json", b"Application/GraphQL-Response+JSON ; a=b"])
async def test_media_types_are_compared_without_case_and_parameters(client_at, declared):
    refused = answer(b'{"errors":[]}', status=b"400 Bad Request").replace(b"application/json", declared)
    async with wire(refused) as there:
        assert (await client_at(there.url).send(QUERY)).body == {"errors": []}
