"""A subgraph's `/graphql` on our own server, where requests are read and answers written without messages."""

import asyncio
from types import SimpleNamespace

import orjson
import pytest
import pytest_asyncio
import structlog

from subgraphs.shared.http import create_http_app
from tests.serving.plain_client import server_with


class Answering(SimpleNamespace):
    """As much of a subgraph as its port needs: remembers what it was asked, and answers what it is told to."""

    async def execute(self, request):
        self.request = request
        if self.answer is None:
            raise LookupError("row 7 of secrets")
        return self.answer


@pytest.fixture
def subgraph():
    return Answering(name="users", routes=[], internal_routes=[], request_bytes_max=100, answer={"data": {"me": None}})


@pytest_asyncio.fixture
async def wire(subgraph):
    """A connection to it."""
    async with server_with(create_http_app(subgraph)) as server:
        port = server.servers[0].sockets[0].getsockname()[1]
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        yield Wire(reader, writer)
        writer.close()


class Wire:
    def __init__(self, reader, writer):
        self._reader, self._writer = reader, writer

    async def ask(self, *pieces, line="POST /graphql", headers=()):
        """Status, headers and body of the answer to a request whose body comes in *pieces*."""
        head = [f"{line} HTTP/1.1", "host: here", "content-type: application/json", *headers]
        head.append(f"content-length: {sum(map(len, pieces))}")
        self._writer.write("\r\n".join([*head, "", ""]).encode())
        for piece in pieces:
            await self._writer.drain()
            self._writer.write(piece)
        status, *lines = (await self._reader.readuntil(b"\r\n\r\n")).decode().strip().split("\r\n")
        told = dict(line.lower().split(": ", 1) for line in lines)
        body = await self._reader.readexactly(int(told["content-length"]))
        return int(status.split()[1]), told, body


QUERY = b'{"query": "{ me { id } }"}'


async def test_a_request_in_one_piece_or_in_several_is_answered_on_the_same_connection(wire, subgraph):
    for pieces in ([QUERY], [QUERY[:9], QUERY[9:]], [QUERY]):
        status, headers, body = await wire.ask(*pieces)
        assert (status, headers["content-type"], body) == (200, "application/json", b'{"data":{"me":null}}')
        assert headers["x-content-type-options"] == "nosniff"
        assert subgraph.request.query == "{ me { id } }"
        del subgraph.request


@pytest.mark.parametrize(
    ("asked", "status", "message"),
    [
        ({"pieces": [QUERY + b" " * 100]}, 413, "The body is larger than 100 bytes."),
        ({"pieces": [QUERY, b" " * 100]}, 413, "The body is larger than 100 bytes."),
        ({"headers": ["content-encoding: gzip"]}, 415, "Send the body uncompressed, without 'content-encoding'."),
        ({"pieces": [b"{"]}, 400, "The body is not JSON."),
        ({"pieces": [b"[]"]}, 400, "The request must have a string 'query'."),
        (
            {"line": "PUT /graphql"},
            405,
            "Send queries and subscriptions by GET or POST, mutations by POST.",
        ),
    ],
)
async def test_what_is_no_request_is_told_why(wire, subgraph, asked, status, message):
    pieces = asked.pop("pieces", [QUERY])
    answered, headers, body = await wire.ask(*pieces, **asked)
    assert (answered, orjson.loads(body)["errors"][0]["message"]) == (status, message)
    assert headers.get("allow") == ("get, post" if status == 405 else None)
    assert not hasattr(subgraph, "request")


async def test_headers_that_come_twice_are_one_list(wire, subgraph):
    twice = ["authorization: Bearer a", "authorization: Bearer b", "X-Correlation-Id: trace-12345678"]
    assert (await wire.ask(QUERY, headers=twice))[0] == 200
    assert subgraph.request.headers["authorization"] == "Bearer a, Bearer b"
    assert subgraph.request.headers["x-correlation-id"] == "trace-12345678"


async def test_a_fault_of_ours_is_masked_and_logged_in_full(wire, subgraph):
    subgraph.answer = None
    with structlog.testing.capture_logs() as logged:
        status, _, body = await wire.ask(QUERY)
    assert (status, orjson.loads(body)["code"]) == (500, "INTERNAL_SERVER_ERROR")
    assert b"secrets" not in body
    assert [(line["event"], line["path"], str(line.pop("exc_info"))) for line in logged] == [
        ("route failed", "/graphql", "row 7 of secrets")
    ]


async def test_a_slash_too_many_leads_to_the_endpoint(wire):
    status, headers, _ = await wire.ask(QUERY, line="POST /graphql/")
    assert (status, headers["location"]) == (307, "http://here/graphql")


async def test_what_is_not_graphql_has_its_own_routes(wire):
    assert (await wire.ask(line="GET /health"))[0] == 200
    assert (await wire.ask(line="GET /graphqls"))[0] == 404
