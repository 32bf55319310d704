"""Fixtures of the router's tests: the small graph, answered in process."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from tests.router.small_graph import SUPERGRAPH, SmallGraph
from trevo.clients.in_process import InProcessSubgraphClient
from trevo.config.settings import Settings
from trevo.gateway.request import GraphQLRequest
from trevo.gateway.result import Result
from trevo.gateway.router import Router
from trevo.main import plan_with_planner

Ask = Callable[..., Any]


@pytest.fixture
def graph() -> SmallGraph:
    return SmallGraph()


@pytest.fixture
async def router(graph: SmallGraph) -> AsyncIterator[Router]:
    clients = {
        subgraph.name: InProcessSubgraphClient(subgraph.name, subgraph, subgraph.listen) for subgraph in graph.subgraphs
    }
    made = Router(Settings(), supergraph_text=SUPERGRAPH, clients=clients, make_planner=plan_with_planner)
    yield made
    await made.stop()


@pytest.fixture
def ask(router: Router) -> Ask:
    """Ask the router in process; gives the response's body."""

    async def ask(query: str, **variables: Any) -> dict[str, Any]:
        result: Result = await router.execute(GraphQLRequest(query, variables=variables))
        return result.body

    return ask
