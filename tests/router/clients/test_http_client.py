"""A subgraph over real HTTP, and all the ways it can go wrong: by both carriers alike."""

import asyncio
from decimal import Decimal

import orjson
import pytest

from tests.router.clients.conftest import failure_of
from tests.router.small_graph import raw_answer
from trevo.clients.subgraph_client import Deadline, SubgraphRequest


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


async def test_a_subgraph_that_is_down(client_of):
    async with client_of() as (client, there, _):
        await there.stop()
        failure = await failure_of(client)
    assert (failure.message, failure.code) == ("The subgraph 'users' could not be reached.", "SUBREQUEST_FAILED")
    assert str(there.port) in failure.detail
    assert str(there.port) not in failure.message


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


async def test_an_address_that_is_none(client_at):
    assert (await failure_of(client_at("not a url"))).code == "SUBREQUEST_FAILED"


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
