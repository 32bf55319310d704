"""A subgraph over real HTTP, and all the ways it can go wrong: by both carriers alike."""

import asyncio
from decimal import Decimal

import orjson
import pytest

from tests.router.clients.conftest import failure_of
from tests.router.small_graph import raw_answer
from trevo.clients.subgraph_client import Deadline, SubgraphRequest
from trevo.config.limits import Limits


async def test_a_request_carries_document_variables_headers_and_what_is_left_of_the_deadline(client_of):
    async with client_of() as (client, _, subgraph):
        request = SubgraphRequest(
            "query Me { me { name } }", {"x": 1}, {"authorization": "Bearer t"}, Deadline.after(60)
        )
        response = await client.send(request)
    assert response.body == {"data": {"me": {"name": "Ada"}}}
    (received,) = subgraph.requests
    assert (received.document, received.variables) == (request.document, {"x": 1})
    assert received.headers["authorization"] == "Bearer t"
    assert received.headers["accept"] == "application/graphql-response+json, application/json;q=0.9"
    assert 1 <= int(received.headers["x-request-deadline-ms"]) <= 60_000


async def test_one_connection_serves_request_after_request(client_of):
    connections = set()

    async def answer(scope, _receive, send):
        connections.add(scope["client"])
        await raw_answer(send, 200, b'{"data":{}}')

    async with client_of(answer) as (client, _, _subgraph):
        for _ in range(3):
            await client.send(SubgraphRequest("{ me { name } }"))
    assert len(connections) == 1


async def test_a_subgraph_that_is_down(client_of):
    async with client_of() as (client, there, _):
        await there.stop()
        failure = await failure_of(client)
    assert (failure.message, failure.code) == ("The subgraph 'users' could not be reached.", "SUBREQUEST_FAILED")
    assert str(there.port) in failure.detail
    assert str(there.port) not in failure.message


async def test_a_query_is_sent_again_when_a_kept_connection_was_closed(client_at):
    """The first connection is closed after its first answer; the client finds out by using it."""
    requests = []

    async def handle(reader, writer):
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))[15:])
        requests.append(await reader.readexactly(length))
        if len(requests) != 2:
            writer.write(
                b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 11\r\n\r\n" + b'{"data":{}}'
            )
            await writer.drain()
            if len(requests) == 1:
                await handle(reader, writer)
        writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    client = client_at(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/")
    await client.send(SubgraphRequest("{ a }"))
    assert (await client.send(SubgraphRequest("{ b }"))).body == {"data": {}}
    assert [orjson.loads(body)["query"] for body in requests] == ["{ a }", "{ b }", "{ b }"]
    server.close()


async def test_a_mutation_is_never_sent_twice(client_at):
    requests = []

    async def handle(reader, writer):
        requests.append(await reader.readuntil(b"\r\n\r\n"))
        writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    client = client_at(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/")
    failure = await failure_of(client, SubgraphRequest("mutation { a }", is_mutation=True))
    assert (failure.code, len(requests)) == ("SUBREQUEST_FAILED", 1)
    server.close()


async def test_a_slow_subgraph_is_given_up_at_the_deadline(client_of):
    never = asyncio.Event()

    async def answer(_scope, _receive, _send):
        await never.wait()

    async with client_of(answer) as (client, _, _subgraph):
        failure = await failure_of(client, SubgraphRequest("{ me { name } }", deadline=Deadline.after(0.05)))
        never.set()
    assert (failure.message, failure.code) == ("The subgraph 'users' did not answer in time.", "SUBREQUEST_TIMEOUT")


async def test_a_body_that_stops_in_the_middle_is_given_up_at_the_deadline(client_of):
    never = asyncio.Event()

    async def answer(_scope, _receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
        await send({"type": "http.response.body", "body": b'{"data":', "more_body": True})
        await never.wait()

    async with client_of(answer) as (client, _, _subgraph):
        failure = await failure_of(client, SubgraphRequest("{ me { name } }", deadline=Deadline.after(0.05)))
        never.set()
    assert failure.code == "SUBREQUEST_TIMEOUT"


@pytest.mark.parametrize("head", [b"content-length: 100", b"transfer-encoding: chunked"])
async def test_a_truncated_body(client_at, head):
    async def handle(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n" + head + b"\r\n\r\n")
        writer.write(b'{"data":' if b"length" in head else b'8\r\n{"data":\r\n')
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    client = client_at(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/")
    assert (await failure_of(client)).code == "SUBREQUEST_FAILED"
    server.close()


GRAPHQL = b"application/graphql-response+json"
REFUSED = b'{"errors":[{"message":"no"}]}'


@pytest.mark.parametrize(
    ("status", "body", "content_type", "code"),
    [
        (500, b"oops", b"text/plain", "SUBREQUEST_FAILED"),
        (502, b"<html>bad gateway</html>", b"text/html", "SUBREQUEST_FAILED"),
        (400, REFUSED, b"application/json", "SUBREQUEST_FAILED"),
        (404, b"", b"text/plain", "SUBREQUEST_FAILED"),
        (204, b"", b"application/json", "SUBREQUEST_INVALID_RESPONSE"),
        (200, b"", b"application/json", "SUBREQUEST_INVALID_RESPONSE"),
        (200, b"<html>", b"text/html", "SUBREQUEST_INVALID_RESPONSE"),
        (200, b'{"data": NaN}', b"application/json", "SUBREQUEST_INVALID_RESPONSE"),
        (200, b'{"data": "\xff"}', b"application/json", "SUBREQUEST_INVALID_RESPONSE"),
        (200, b"[" * 5000, b"application/json", "SUBREQUEST_INVALID_RESPONSE"),
    ],
)
async def test_answers_that_are_none(client_of, status, body, content_type, code):
    async def answer(_scope, _receive, send):
        await raw_answer(send, status, body, content_type)

    async with client_of(answer) as (client, _, _subgraph):
        assert (await failure_of(client)).code == code


async def test_a_refusal_in_graphqls_own_media_type_is_an_answer(client_of):
    async def answer(_scope, _receive, send):
        await raw_answer(send, 400, REFUSED, GRAPHQL + b"; charset=utf-8")

    async with client_of(answer) as (client, _, _subgraph):
        response = await client.send(SubgraphRequest("{ me { name } }"))
    assert response.body == {"errors": [{"message": "no"}]}


async def test_json_under_another_label_is_still_read(client_of):
    async def answer(_scope, _receive, send):
        await raw_answer(send, 200, b'{"data":{}}', b"text/plain")

    async with client_of(answer) as (client, _, _subgraph):
        assert (await client.send(SubgraphRequest("{ me { name } }"))).body == {"data": {}}


async def test_redirects_are_not_followed(client_of):
    async def answer(_scope, _receive, send):
        await raw_answer(send, 307, b"", b"text/plain", (b"location", b"http://127.0.0.1:1/elsewhere"))

    async with client_of(answer) as (client, _, _subgraph):
        failure = await failure_of(client)
    assert (failure.code, failure.detail) == ("SUBREQUEST_FAILED", "HTTP status 307")


@pytest.mark.parametrize("declares_length", [True, False])
async def test_an_answer_larger_than_the_bound_is_refused(client_of, declares_length):
    async def answer(_scope, _receive, send):
        headers = [(b"content-type", b"application/json")]
        if declares_length:
            headers.append((b"content-length", b"4000000"))
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        for _ in range(400):
            await send({"type": "http.response.body", "body": b" " * 10_000, "more_body": True})
            await asyncio.sleep(0)
        await send({"type": "http.response.body"})

    async with client_of(answer, Limits(subgraph_response_bytes_max=50_000)) as (client, _, _subgraph):
        failure = await failure_of(client)
    assert failure.code == "SUBREQUEST_TOO_LARGE"
    assert failure.message == "The subgraph 'users' gave an answer larger than 50000 bytes."


async def test_an_address_that_is_none(client_at):
    assert (await failure_of(client_at("not a url"))).code == "SUBREQUEST_FAILED"


async def test_a_header_that_cannot_be_sent_fails_the_fetch_only(client_of):
    async with client_of() as (client, _, _subgraph):
        request = SubgraphRequest("{ me { name } }", headers={"x-bad": "a\r\nset-cookie: b"})
        assert (await failure_of(client, request)).code == "SUBREQUEST_FAILED"


async def test_values_from_python_are_sent_as_text_and_whole_numbers_as_they_are(client_of):
    async with client_of() as (client, _, subgraph):
        await client.send(SubgraphRequest("{ me { name } }", {"price": Decimal("1.50"), "big": 2**70}))
        deep = orjson.loads("[" * 300 + "]" * 300)
        await client.send(SubgraphRequest("{ me { name } }", {"deep": deep}))
    assert [request.variables for request in subgraph.requests] == [{"price": "1.50", "big": 2**70}, {"deep": deep}]


async def test_cookies_of_a_subgraph_are_not_kept(client_of):
    seen = []

    async def answer(scope, _receive, send):
        seen.append([name for name, _ in scope["headers"]])
        await raw_answer(send, 200, b'{"data":{}}', b"application/json", (b"set-cookie", b"a=b"))

    async with client_of(answer) as (client, _, _subgraph):
        for _ in range(2):
            await client.send(SubgraphRequest("{ me { name } }"))
    assert all(b"cookie" not in names for names in seen)
