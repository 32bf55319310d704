"""Fixtures of the router's tests: the small graph, answered in process."""

from collections.abc import AsyncIterator, Callable, Iterator
from types import CodeType
from typing import Any

import pytest

from tests.router.program.read_unwritten import read_unwritten
from tests.router.small_graph import SUPERGRAPH, SmallGraph
from trevo.clients.in_process import InProcessSubgraphClient
from trevo.config.settings import Settings
from trevo.gateway.request import GraphQLRequest
from trevo.gateway.result import Result
from trevo.gateway.router import Router
from trevo.main import plan_with_planner
from trevo.program.module import compile_function

Ask = Callable[..., Any]


@pytest.fixture(autouse=True)
def no_program_reads_what_is_not_written(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Whatever program a test of the router writes: a router would not tell, the interpreter would answer."""
    found: set[str] = set()

    def compile_checked(text: str) -> CodeType:
        code = compile_function(text)
        found.update(read_unwritten(text))
        return code

    monkeypatch.setattr("trevo.program.module.compile_function", compile_checked)
    yield
    assert found == set()


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
