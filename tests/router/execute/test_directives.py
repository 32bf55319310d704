"""A client's directives reach the subgraphs, or the client is told that they do not."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from trevo.clients.in_process import InProcessSubgraphClient
from trevo.clients.subgraph_client import SubgraphRequest
from trevo.config.settings import Settings
from trevo.gateway.request import GraphQLRequest
from trevo.gateway.router import Router
from trevo.main import plan_with_planner

SUPERGRAPH = """
schema
  @link(url: "https://specs.apollo.dev/link/v1.0")
  @link(url: "https://specs.apollo.dev/join/v0.4", for: EXECUTION)
{ query: Query }
directive @loud(times: Int = 1) on FIELD | QUERY
enum join__Graph { A @join__graph(name: "a", url: "http://a.invalid") }
type Query @join__type(graph: A) { word: String name: Name }
type Name @join__type(graph: A) { first: String last: String }
"""


@pytest.fixture
def sent() -> list[tuple[str, dict[str, Any]]]:
    """What the subgraph was asked: document and variables."""
    return []


@pytest.fixture
async def router(sent: list[tuple[str, dict[str, Any]]]) -> AsyncIterator[Router]:
    async def answer(request: SubgraphRequest) -> dict[str, Any]:
        sent.append((request.document, dict(request.variables)))
        return {"data": {"word": "HELLO!!", "name": {"first": "Ada", "last": "LOVELACE!"}}}

    made = Router(
        Settings(),
        supergraph_text=SUPERGRAPH,
        clients={"a": InProcessSubgraphClient("a", answer)},
        make_planner=plan_with_planner,
    )
    yield made
    await made.stop()


async def test_a_directive_on_a_field_is_passed_on_with_its_variables(router: Router, sent: list[object]) -> None:
    result = await router.execute(GraphQLRequest("query ($n: Int) { word @loud(times: $n) }", variables={"n": 2}))
    assert result.body == {"data": {"word": "HELLO!!"}}
    assert sent == [("query ($n: Int) { word @loud(times: $n) }", {"n": 2})]


async def test_of_one_field_with_and_without_it_all_is_asked_and_shown(router: Router, sent: list[object]) -> None:
    result = await router.execute(GraphQLRequest("{ name { first } name @loud { last } }"))
    assert result.body == {"data": {"name": {"first": "Ada", "last": "LOVELACE!"}}}
    assert sent == [("{ name { first } name @loud { last } }", {})]


async def test_one_on_the_operation_is_refused(router: Router, sent: list[object]) -> None:
    result = await router.execute(GraphQLRequest("query @loud { word }"))
    message = "The directive @loud cannot be passed on to a subgraph from the operation. Put it on fields."
    assert (result.status, result.body) == (
        400,
        {"errors": [{"message": message, "extensions": {"code": "DIRECTIVE_NOT_PASSED_ON"}}]},
    )
    assert sent == []


async def test_one_that_the_graph_does_not_have_is_refused(router: Router, sent: list[object]) -> None:
    result = await router.execute(GraphQLRequest("{ word @soft }"))
    assert [each["message"] for each in result.body["errors"]] == ["Unknown directive '@soft'."]
    assert sent == []
