"""Subgraphs that answer anything at all: the router's own answer stays true to its schema, and explains its nulls."""

import asyncio
from typing import Any

from graphql import GraphQLNonNull, GraphQLObjectType, get_named_type, is_list_type
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.router.small_graph import SUPERGRAPH, SmallGraph
from trevo.clients.in_process import InProcessSubgraphClient
from trevo.config.settings import Settings
from trevo.gateway.request import GraphQLRequest
from trevo.gateway.router import Router
from trevo.main import plan_with_planner
from trevo.supergraph import load_supergraph

SCHEMA = load_supergraph(SUPERGRAPH).public_schema
QUERY = """
{ me { name reviews { id body product { name inStock shippingEstimate maker { name email } } } }
  users { id email }
  topProducts { upc kind price reviews { author { name } } } }
"""

odd = st.sampled_from([None, "", "text", 7, -1.5, True, [], {}, [None], [[]], {"__typename": []}, {"id": {}}])


def spoil(value: Any, draw: Any) -> Any:
    """*value* with some of its parts replaced by something else."""
    if draw(st.integers(0, 30)) == 0:
        return draw(odd)
    if isinstance(value, dict):
        kept = {key: spoil(child, draw) for key, child in value.items() if draw(st.integers(0, 40)) > 0}
        return kept | ({"__typename": draw(odd)} if draw(st.integers(0, 30)) == 0 else {})
    if isinstance(value, list):
        items = [spoil(item, draw) for item in value]
        return items[: draw(st.integers(0, len(items)))] if draw(st.integers(0, 30)) == 0 else items
    return value


class Spoiled:
    """A subgraph whose answers are spoiled on their way."""

    def __init__(self, subgraph: Any, draw: Any) -> None:
        self.subgraph = subgraph
        self.draw = draw

    async def send(self, request: Any) -> Any:
        response = await InProcessSubgraphClient(self.subgraph.name, self.subgraph).send(request)
        body = spoil(response.body, self.draw)
        if isinstance(body, dict) and self.draw(st.integers(0, 10)) == 0:
            path = self.draw(st.lists(st.sampled_from(["_entities", "_e0", "me", "name", "users", 0, 1, 99, -1, None])))
            body["errors"] = [{"message": "m", "path": path}]
        return type(response)(body)

    async def close(self) -> None:
        pass


def faults_of(type_: Any, value: Any, path: tuple[Any, ...]) -> Any:
    """Places of *value* that *type_* does not allow, and the nulls that stand for a failure in a list or an object."""
    if isinstance(type_, GraphQLNonNull):
        if value is None:
            yield f"null at {path}"
        else:
            yield from faults_of(type_.of_type, value, path)
    elif value is None:
        return
    elif is_list_type(type_):
        if not isinstance(value, list):
            yield f"no list at {path}"
        else:
            for index, item in enumerate(value):
                yield from faults_of(type_.of_type, item, (*path, index))
    elif isinstance(type_, GraphQLObjectType):
        if not isinstance(value, dict):
            yield f"no object at {path}"
        else:
            for key, child in value.items():
                yield from faults_of(type_.fields[key].type, child, (*path, key))
    elif isinstance(value, (dict, list)):
        yield f"no {get_named_type(type_)} at {path}"


def exists(data: Any, path: list[Any]) -> bool:
    """Whether *path* leads somewhere in *data*, or to where a null now stands for all below."""
    for part in path:
        if data is None:
            return True
        if isinstance(part, int):
            if not isinstance(data, list) or not 0 <= part < len(data):
                return False
            data = data[part]
        elif not isinstance(data, dict) or part not in data:
            return False
        else:
            data = data[part]
    return True


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.data())
def test_whatever_subgraphs_answer_the_response_is_one_of_the_schema(data):
    graph = SmallGraph()
    router = Router(
        Settings(),
        supergraph_text=SUPERGRAPH,
        clients={subgraph.name: Spoiled(subgraph, data.draw) for subgraph in graph.subgraphs},
        make_planner=plan_with_planner,
    )

    async def ask() -> Any:
        result = await router.execute(GraphQLRequest(QUERY))
        await router.stop()
        return result

    with asyncio.Runner() as runner:
        result = runner.run(ask())
    assert result.was_executed, result.errors
    assert not [error for error in result.errors if error["extensions"]["code"] == "INTERNAL_SERVER_ERROR"]
    if result.data is None:
        assert result.errors
        return
    assert list(faults_of(SCHEMA.query_type, result.data, ())) == []
    assert [error for error in result.errors if not exists(result.data, error.get("path", []))] == []
