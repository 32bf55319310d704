"""What is asked of each has no price, costs no request and no wait, and is bounded; plans: `cases/asked_of_each.md`."""

import sys

import pytest
from graphql import build_schema

from tests.router.differential.make_operation import make_operation
from tests.router.differential.make_world import make_world
from tests.router.differential.write_sdl import write_plain_schema, write_supergraph
from tests.router.operation_tree import tree_of
from trevo.graph import QueryGraph
from trevo.plan.nodes import QueryPlan
from trevo.planner import Planner
from trevo.planner.build_fetch_steps import ask_of_each
from trevo.planner.choose_paths import Tree
from trevo.supergraph import Supergraph, load_supergraph


def a_graph(*, nick: str = "", text: str = "") -> Supergraph:
    """People of two subgraphs, with directives for a field and a scalar that both have."""
    return load_supergraph(f"""
        schema
          @link(url: "https://specs.apollo.dev/link/v1.0")
          @link(url: "https://specs.apollo.dev/join/v0.5", for: EXECUTION)
          @link(url: "https://specs.apollo.dev/cost/v0.1")
        {{ query: Query }}
        enum join__Graph {{
          MARKET @join__graph(name: "market", url: "")
          WALLET @join__graph(name: "wallet", url: "")
        }}
        scalar Text {text} @join__type(graph: MARKET) @join__type(graph: WALLET)
        type Query @join__type(graph: MARKET) @join__type(graph: WALLET) {{ me: Person }}
        type Person @join__type(graph: MARKET) @join__type(graph: WALLET) {{
          nick: String {nick}
          word: Text
          offers: Int @join__field(graph: MARKET)
          balance: Int @join__field(graph: WALLET)
        }}
    """)


def asked(supergraph: Supergraph) -> list[str]:
    plan = Planner(supergraph).plan(tree_of("{ me { nick word offers balance } }"))
    return [fetch.document for fetch in plan.fetches]


def test_what_costs_nothing_is_asked_of_each() -> None:
    assert asked(a_graph()) == ["{ me { nick word offers } }", "{ me { balance nick word } }"]


def test_a_field_with_a_price_is_asked_once() -> None:
    assert asked(a_graph(nick="@cost(weight: 2)")) == ["{ me { nick word offers } }", "{ me { balance word } }"]


def test_so_is_one_whose_scalar_has_a_price() -> None:
    assert asked(a_graph(text="@cost(weight: 0.5)")) == ["{ me { nick word offers } }", "{ me { balance nick } }"]


def test_a_field_that_is_said_to_cost_nothing_is_asked_of_each_whatever_its_scalar_costs() -> None:
    priced = a_graph(text="@cost(weight: 0.5)")
    priced.cost_rules.weights["Person.word"] = 0  # type: ignore[index]  # a dictionary of this test's own
    assert asked(priced) == ["{ me { nick word offers } }", "{ me { balance nick word } }"]


def test_of_a_large_operation_only_some_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ask_of_each, "_WORK_MAX", 1)
    assert asked(a_graph()) == ["{ me { nick word offers } }", "{ me { balance nick } }"]


@pytest.mark.parametrize("world_seed", [0, 2, 4, 7, 9, 11])
def test_nobody_is_asked_more_often_or_later_for_it(world_seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    world = make_world(world_seed)
    supergraph = load_supergraph(write_supergraph(world))
    schema = build_schema(write_plain_schema(world), no_location=True)
    labels = world.active_labels()

    def plans() -> list[QueryPlan]:
        planner = Planner(supergraph)
        drawn = (make_operation(schema, f"{world_seed} {number}") for number in range(12))
        return [planner.plan(tree_of(each.text), labels) for each in drawn]

    asked_of_each = plans()
    monkeypatch.setattr(sys.modules["trevo.planner.build_fetch_steps.build_fetch_steps"], "ask_of_each", _nothing)
    asked_of_one = plans()
    assert list(map(_who_after_whom, asked_of_each)) == list(map(_who_after_whom, asked_of_one))
    assert asked_of_each != asked_of_one


def _nothing(_graph: QueryGraph, _tree: Tree) -> None: ...


def _who_after_whom(plan: QueryPlan) -> list[tuple[str, list[tuple[int, ...]]]]:
    return [(fetch.subgraph, [part.after for part in fetch.parts]) for fetch in plan.fetches]
