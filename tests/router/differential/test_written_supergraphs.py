"""The supergraphs that the differential test writes by itself are what the composer would have written."""

import json
import re
from typing import Any

import pytest
from graphql import build_schema, lexicographic_sort_schema, print_schema

from builds.node import NodeFailed, find_node, install_packages
from builds.supergraph import COMPOSER
from tests.router.differential.cases import Cases
from tests.router.differential.make_world import make_world
from tests.router.differential.world import World
from tests.router.differential.write_sdl import write_plain_schema, write_subgraph, write_supergraph
from trevo.supergraph import Supergraph, load_supergraph

WORLDS_IN_SUITE = 5


@pytest.fixture(scope="module")
def node() -> Any:
    try:
        found = find_node()
        install_packages(found, COMPOSER)
    except NodeFailed as error:
        pytest.skip(str(error))
    return found


def test_the_composer_writes_the_same(node: Any, cases: Cases) -> None:
    for number in range(max(WORLDS_IN_SUITE, (cases.fuzz or 0) // 200)):
        world = make_world(cases.seed * 1_000_000 + number)
        if any(each.named_type == "Query" for _, each in world.all_fields()):
            # This composer does not know that the root can be asked again in any subgraph; others do.
            continue
        composed = load_supergraph(_compose(node, world))
        written = load_supergraph(write_supergraph(world))
        assert _facts(written) == _facts(composed), world.seed
        assert _printed(written.public_schema) == _printed(composed.public_schema), world.seed


def _compose(node: Any, world: World) -> str:
    services = [
        {"name": name, "url": f"http://{name}.invalid", "sdl": write_subgraph(world, name)} for name in world.subgraphs
    ]
    answer = json.loads(node.run("compose.mjs", folder=COMPOSER, stdin=json.dumps(services)).printed)
    assert "errors" not in answer, (world.seed, answer["errors"])
    return str(answer["supergraph"])


def _facts(supergraph: Supergraph) -> dict[str, Any]:
    """All that planning knows, in an order of its own; field sets may be spaced otherwise."""
    return {
        name: (
            definition.kind,
            sorted(_closed_up(join) for join in definition.joins),
            {each: sorted(names) for each, names in sorted(definition.implements.items())},
            {each: sorted(names) for each, names in sorted(definition.members.items())},
            {
                each.name: (
                    each.type.text,
                    {argument: reference.text for argument, reference in sorted(each.arguments.items())},
                    sorted(_closed_up(join) for join in each.joins),
                )
                for each in definition.fields.values()
            },
        )
        for name, definition in supergraph.types.items()
    }


def _closed_up(join: object) -> str:
    return re.sub(r"[\s,\\]+", "", str(join))


def _printed(schema: Any) -> str:
    return print_schema(lexicographic_sort_schema(schema))


def test_clients_see_the_plain_schema() -> None:
    for seed in range(20):
        world = make_world(seed)
        public = load_supergraph(write_supergraph(world)).public_schema
        assert _printed(public) == _printed(build_schema(write_plain_schema(world))), seed
