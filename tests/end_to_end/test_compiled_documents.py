"""What the router sends for the operations that clients ship is executed by code, and that changes no answer."""

from pathlib import Path

import aiohttp
import pytest
from graphql import OperationType, parse

from launch.home import ROOT
from subgraphs.shared.graphql.compiled.asked import AskedDocument
from subgraphs.shared.graphql.compiled.write import write_program
from tests.end_to_end.asking import schema_of
from tests.end_to_end.conftest import World
from tests.end_to_end.test_operations import OPERATIONS, answer_of, definition_of
from tests.router.operation_tree import tree_of
from trevo.plan.nodes import QueryPlan
from trevo.planner import Planner
from trevo.supergraph import Supergraph, load_supergraph

QUERIES = [path for path in OPERATIONS if definition_of(path).operation is OperationType.QUERY]


@pytest.fixture(scope="module")
def supergraph() -> Supergraph:
    return load_supergraph((ROOT / "schema" / "supergraph.graphql").read_text())


@pytest.mark.parametrize("path", QUERIES, ids=lambda path: path.stem)
def test_all_that_the_router_sends_for_an_operation_has_code(path: Path, supergraph: Supergraph) -> None:
    plan: QueryPlan = Planner(supergraph).plan(tree_of(path.read_text(), supergraph.public_schema))
    assert plan.fetches
    for fetch in plan.fetches:
        asked = AskedDocument.of(parse(fetch.document), None)
        program = write_program(schema_of(fetch.subgraph), asked, dict.fromkeys(asked.conditions, True))
        assert "raw_info" not in program.text, "no field of ours takes the long way through Strawberry"


async def figures(world: World, name: str) -> dict[str, float]:
    """By subgraph and outcome."""
    async with aiohttp.ClientSession() as http, http.get(world.client.addresses.metrics) as response:
        lines = (await response.text()).splitlines()
    return {line.split(" ")[0]: float(line.split(" ")[1]) for line in lines if line.startswith(f"{name}{{")}


def total(counted: dict[str, float], *, done: bool) -> float:
    return sum(count for name, count in counted.items() if ('outcome="done"' in name) is done)


@pytest.mark.parametrize("path", QUERIES, ids=lambda path: path.stem)
async def test_an_operation_is_answered_alike_by_code(path: Path, world: World) -> None:
    first = await answer_of(world.client, world.told, path)
    for _ in range(3):
        assert await answer_of(world.client, world.told, path) == first
    before = await figures(world, "subgraph_compiled_runs_total")
    assert await answer_of(world.client, world.told, path) == first
    after = await figures(world, "subgraph_compiled_runs_total")
    assert total(after, done=True) > total(before, done=True)
    assert total(after, done=False) == total(before, done=False)
