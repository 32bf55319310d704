"""Whose the variables and answers are between router and subgraph in one process."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from trevo.clients.in_process import InProcessSubgraphClient
from trevo.clients.subgraph_client import SubgraphRequest


class Keeping:
    """A subgraph that changes what it is given, and keeps what it gives."""

    def __init__(self) -> None:
        self.given: list[dict[str, Any]] = []
        self.answer = {"data": {"people": [{"id": "1"}]}}

    async def __call__(self, request: SubgraphRequest) -> dict[str, Any]:
        self.given.append(request.variables)
        request.variables["representations"][0].pop("__typename")
        return self.answer

    async def listen(self, request: SubgraphRequest) -> AsyncGenerator[dict[str, Any], None]:
        yield await self(request)


async def test_nothing_is_shared_with_a_subgraph_that_does_not_say_what_it_does() -> None:
    variables = {"representations": [{"__typename": "Person", "id": "1"}]}
    subgraph = Keeping()
    client = InProcessSubgraphClient("people", subgraph, subgraph.listen)
    response = await client.send(SubgraphRequest("{ people }", variables))
    async with aclosing(client.subscribe(SubgraphRequest("subscription { people }", variables))) as events:
        event = await anext(events)
    assert variables == {"representations": [{"__typename": "Person", "id": "1"}]}
    for body in (response.body, event.body):
        assert body == subgraph.answer
        assert body["data"]["people"][0] is not subgraph.answer["data"]["people"][0]


async def test_nothing_is_copied_for_one_that_shares_nothing() -> None:
    variables = {"representations": [{"__typename": "Person", "id": "1"}]}
    subgraph = Keeping()
    client = InProcessSubgraphClient("people", subgraph, shares_nothing=True)
    response = await client.send(SubgraphRequest("{ people }", variables))
    assert subgraph.given[0] is variables
    assert response.body is subgraph.answer
    assert response.size == len(b'{"data":{"people":[{"id":"1"}]}}')
