"""What stands before a request's body; no value and no name can add to it."""

import pytest

from tests.router.clients.conftest import failure_of
from tests.router.clients.wire import GOOD, wire
from trevo.clients.subgraph_client import Deadline, SubgraphRequest


def request(headers):
    return SubgraphRequest("{ a }", headers=headers, deadline=Deadline.after(60))


async def test_headers_are_sent_as_they_are_and_those_of_the_client_itself_beside_them(client_at):
    sent = {"authorization": "Bearer %s%d", "x-1": "", "x-2": "tab\there", "x-3": "é", "accept": "text/html"}
    async with wire(GOOD) as there:
        client = client_at(there.url)
        for _ in range(2):
            await client.send(request(sent))
        for head in there.heads:
            start, *lines = head.removesuffix(b"\r\n\r\n").decode().split("\r\n")
            got = {name.lower(): value for name, value in (line.split(":", 1) for line in lines)}
            assert start == "POST /graphql HTTP/1.1"
            assert len(got) == len(lines) == 10
            assert {name: got[name].strip() for name in got.keys() - {"x-request-deadline-ms"}} == {
                **sent,
                "host": there.url.split("/")[2],
                "accept": "application/graphql-response+json, application/json;q=0.9",
                "accept-encoding": "gzip, deflate",
                "content-type": "application/json",
                "content-length": "17",
            }


@pytest.mark.parametrize(
    "headers",
    [
        {"x-a": "1\r\nx-b: 2"},
        {"x-a": "1\nx-b: 2"},
        {"x-a": "1\rx-b: 2"},
        {"x-a": "1\0"},
        {"x-a": "1\r\n\r\nPOST / HTTP/1.1\r\nhost: elsewhere\r\n\r\n"},
        {"x-a": "\r\n"},
        {"x-a\r\nx-b": "1"},
        {"x-a: 1\r\nx-b": "2"},
        {"x a": "1"},
        {"x-a:": "1"},
        {"": "1"},
        {"x-é": "1"},
        {"content-length": "0"},
        {"Content-Length": "0"},
        {"transfer-encoding": "chunked"},
        {"host": "elsewhere"},
        {"connection": "upgrade"},
        {"expect": "100-continue"},
    ],
)
async def test_what_would_change_the_request_is_not_sent_at_all(client_at, headers):
    async with wire(GOOD) as there:
        client = client_at(there.url)
        failure = await failure_of(client, request({"x-first": "1", **headers}))
        assert (failure.code, failure.message, failure.is_outage) == (
            "SUBREQUEST_FAILED",
            "The subgraph 'users' could not be asked.",
            False,
        )
        assert there.asked == []
        await client.send(request({"x-first": "1"}))


async def test_a_crowd_of_header_sets_is_answered_too(client_at):
    async with wire(GOOD) as there:
        client = client_at(there.url)
        for number in range(300):
            await client.send(request({f"x-{number}": "1"}))
        assert len(there.asked) == 300
