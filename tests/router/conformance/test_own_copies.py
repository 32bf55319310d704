"""
A client's own copy of what the router needs for itself: under every kind of condition, held or not.

The plain executor over the same objects says what is right. What the client leaves out is needed all the same, by the
field next to it.
"""

from collections.abc import AsyncIterator
from functools import cache
from typing import Any

import orjson
import pytest
from graphql import GraphQLSchema, build_schema, execute_sync, parse, print_schema

from tests.router.conformance.given_world import GivenStore
from tests.router.conformance.test_conformance import CASES, read_cases
from tests.router.differential.read_world import read_world
from tests.router.differential.store import Below, root_of
from tests.router.differential.subgraph import Subgraph, make_subgraphs, plain_resolver
from trevo.config.settings import Settings
from trevo.gateway.request import GraphQLRequest
from trevo.gateway.router import Router
from trevo.main import plan_with_planner
from trevo.supergraph import load_supergraph

GRAPH = read_cases(CASES / "names_and_conditions.md")[0]
COPIES = {
    "a key": ("sacks { %s bids { sum } }", "id"),
    "a key by another name": ("sacks { %s bids { sum } }", "name: id"),
    "a required field": ("sacks { %s freight }", "weight"),
    "a required field by another's name": ("sacks { %s freight }", "price: weight"),
    "a required object": ("sacks { %s label }", "grain { kind year }"),
    "the other part of a required object": ("sacks { %s label }", "grain { year }"),
    "a provided field": ("stall { best { %s name } }", "id"),
    "a provided field by another name": ("stall { best { %s price } }", "name: id"),
}
"""What stands around a client's copy, and the copy."""
PLACES = {
    "on the field": "COPY_NAME CONDITION COPY_BELOW",
    "on a fragment": "... CONDITION { COPY }",
    "on a fragment for the type": "... on Sack CONDITION { COPY }",
    "on a spread": "...F CONDITION",
    "besides plainly": "COPY COPY_NAME CONDITION COPY_BELOW",
}
CONDITIONS = (
    *("@include(if: true)", "@include(if: false)", "@skip(if: true)", "@skip(if: false)"),
    *("@include(if: $yes)", "@include(if: $no)", "@skip(if: $yes)", "@skip(if: $no)"),
    *("@include(if: $yes) @skip(if: $no)", "@include(if: $yes) @skip(if: $yes)"),
)


@pytest.fixture(scope="module")
def subgraphs() -> dict[str, Subgraph]:
    return make_subgraphs(GivenStore(read_world(GRAPH.supergraph), objects=GRAPH.objects))


@pytest.fixture(scope="module")
async def router(subgraphs: dict[str, Subgraph]) -> AsyncIterator[Router]:
    clients = {name: each.client() for name, each in subgraphs.items()}
    router = Router(Settings(), supergraph_text=GRAPH.supergraph, clients=clients, make_planner=plan_with_planner)
    yield router
    await router.stop()


def operation(copy: str, place: str, condition: str) -> str:
    around, selection = COPIES[copy]
    name, _, below = selection.partition(" {")
    text = PLACES[place].replace("COPY_NAME", name).replace("COPY_BELOW", f"{{{below}" if below else "")
    text = text.replace("COPY", selection).replace("CONDITION", condition)
    variables = ", ".join(f"${each}: Boolean!" for each in ("yes", "no") if f"${each}" in condition)
    fragment = f" fragment F on Sack {{ {selection} }}" if "...F" in text else ""
    return f"query {f'({variables})' if variables else ''} {{ {around % text} }}{fragment}"


@cache
def plain_schema() -> GraphQLSchema:
    return build_schema(print_schema(load_supergraph(GRAPH.supergraph).public_schema))


def answer_plainly(subgraph: Subgraph, text: str) -> dict[str, Any]:
    document = parse(text)
    result = execute_sync(
        plain_schema(),
        document,
        Below(root_of(document)),
        variable_values={"yes": True, "no": False},
        field_resolver=plain_resolver(subgraph.store),
    )
    return dict(result.formatted)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("copy", COPIES)
async def test_a_condition_on_the_copy_takes_nothing_away(
    copy: str, place: str, router: Router, subgraphs: dict[str, Subgraph]
) -> None:
    for condition in CONDITIONS:
        text = operation(copy, place, condition)
        for each in subgraphs.values():
            each.violations.clear()
        result = await router.execute(GraphQLRequest(text, variables={"yes": True, "no": False}))
        expected = answer_plainly(next(iter(subgraphs.values())), text)
        assert orjson.dumps(result.body) == orjson.dumps(expected), text
        assert [text for each in subgraphs.values() for text in each.violations] == []
