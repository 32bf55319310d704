"""Clients over HTTP, by each of the two carriers."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tests.router.small_graph import http_app, make_users, served
from trevo.clients.http_client import HttpSubgraphClient
from trevo.clients.subgraph_client import Deadline, SubgraphFailed, SubgraphRequest
from trevo.config.carriers import CarrierName
from trevo.config.limits import Limits

ClientAt = Callable[..., HttpSubgraphClient]


@pytest.fixture(params=["auto", "library"])
def carrier(request: pytest.FixtureRequest) -> CarrierName:
    name: CarrierName = request.param
    return name


BY_PLAIN_HTTP = pytest.mark.parametrize("carrier", ["auto"], indirect=True)
"""For what the library does otherwise, or cannot tell."""


@pytest.fixture
async def client_at(carrier: CarrierName) -> AsyncIterator[ClientAt]:
    """A client of an address, with other limits than usual if told so."""
    made = []

    def make(url: str, **limits: Any) -> HttpSubgraphClient:
        client = HttpSubgraphClient("users", url, Limits(**limits), carrier)
        made.append(client)
        return client

    yield make
    for client in made:
        await client.close()


@pytest.fixture
def client_of(carrier: CarrierName) -> Callable[..., Any]:
    """A client, the server that it asks, and the subgraph behind that; *answer* may misbehave instead."""

    @asynccontextmanager
    async def make(answer: Any = None, limits: Limits | None = None) -> AsyncIterator[Any]:
        subgraph = make_users()
        async with served(http_app(subgraph, answer)) as there:
            client = HttpSubgraphClient("users", f"{there.origin}/graphql", limits or Limits(), carrier)
            try:
                yield client, there, subgraph
            finally:
                await client.close()

    return make


def query(document: str = "{ a }", seconds: float = 60.0) -> SubgraphRequest:
    """*document*, to be answered within so many *seconds*."""
    return SubgraphRequest(document, deadline=Deadline.after(seconds))


async def failure_of(client: HttpSubgraphClient, request: SubgraphRequest | None = None) -> SubgraphFailed:
    """How *request* fails."""
    with pytest.raises(SubgraphFailed) as caught:
        await client.send(request or SubgraphRequest("{ me { name } }"))
    return caught.value
