"""Large graphs are planned at a bounded cost, and what would cost more is refused."""

from collections.abc import Iterator

import pytest

from tests.router.operation_tree import tree_of
from trevo.plan.nodes import QueryPlan
from trevo.planner import Planner, PlanningError, PlanningLimitError, PlanningLimits
from trevo.supergraph import Supergraph, load_supergraph

SUBGRAPHS = 12
KEYS = 6
TYPES = 40


def a_large_supergraph() -> Supergraph:
    """
    40 types of one interface in each of 12 subgraphs, 6 keys each; every subgraph has some fields of its own.

    Of two types, neither has its name where the other has, so nothing can be asked of the interface as it is.
    """
    return load_supergraph("\n".join(_lines()))


def _lines() -> Iterator[str]:
    graphs = [f"S{number}" for number in range(SUBGRAPHS)]
    everywhere = " ".join(f"@join__type(graph: {graph})" for graph in graphs)
    yield """schema
      @link(url: "https://specs.apollo.dev/link/v1.0")
      @link(url: "https://specs.apollo.dev/join/v0.4", for: EXECUTION)
    { query: Query }"""
    yield "enum join__Graph {"
    for graph in graphs:
        yield f'{graph} @join__graph(name: "{graph.lower()}", url: "")'
    yield "}"
    yield f"type Query {everywhere} {{"
    yield "thing: Thing @join__field(graph: S0) t0: T0 @join__field(graph: S0) value: Value }"
    yield f"interface Thing {everywhere} {{ name: String @join__field(graph: S0) next: Thing }}"
    yield f"type Value {everywhere} {{ text: String inner: Value }}"
    for number in range(TYPES):
        yield f"type T{number} implements Thing"
        for index, graph in enumerate(graphs):
            yield f'@join__implements(graph: {graph}, interface: "Thing")'
            for key in range(KEYS):
                yield f'@join__type(graph: {graph}, key: "k{(index + key) % SUBGRAPHS}")'
        yield "{"
        for index in range(SUBGRAPHS):
            joins = " ".join(f"@join__field(graph: S{(index - key) % SUBGRAPHS})" for key in range(KEYS))
            yield f"k{index}: ID! {joins}"
            yield f"f{index}: String @join__field(graph: S{index})"
        external = " @join__field(graph: S0, external: true)" if number % SUBGRAPHS else ""
        yield f"name: String @join__field(graph: S{number % SUBGRAPHS}){external}"
        yield f"next: Thing @join__field(graph: S{number % SUBGRAPHS}){external}"
        yield "}"


SUPERGRAPH = a_large_supergraph()


def plan(text: str, limits: PlanningLimits | None = None, supergraph: Supergraph = SUPERGRAPH) -> QueryPlan:
    return Planner(supergraph, limits).plan(tree_of(text, supergraph.public_schema))


def test_every_subgraph_is_asked_once_however_many_keys_there_are() -> None:
    fields = " ".join(f"f{index}" for index in range(SUBGRAPHS))
    assert plan(f"{{ t0 {{ {fields} }} }}", PlanningLimits(moves_max=2_000)).fetch_count == SUBGRAPHS


def test_a_subgraph_without_a_common_key_is_entered_through_others() -> None:
    # The keys of subgraphs that are 6 apart have nothing in common.
    assert plan("{ t0 { f6 } }", PlanningLimits(moves_max=2_000)).fetch_count == 3


def test_an_interface_field_of_forty_types_is_one_request_to_each_owner() -> None:
    assert plan("{ thing { name } }", PlanningLimits(moves_max=20_000)).fetch_count == 12


def test_objects_that_every_subgraph_has_are_asked_of_one() -> None:
    nested = "text"
    for _ in range(20):
        nested = f"text inner {{ {nested} }}"
    assert plan(f"{{ value {{ {nested} }} }}", PlanningLimits(moves_max=60_000)).fetch_count == 1


def test_types_that_multiply_at_every_level_are_refused() -> None:
    nested = "name"
    for _ in range(6):
        nested = f"next {{ {nested} }}"
    with pytest.raises(PlanningLimitError) as refusal:
        plan(f"{{ thing {{ {nested} }} }}", PlanningLimits(seconds_max=600))
    assert str(refusal.value) == (
        "The operation is too large to plan: its fields on interfaces and unions stand for too many types. "
        "Select fewer fields, or split it into several operations."
    )


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        (PlanningLimits(moves_max=100), "it can be answered in too many ways"),
        (PlanningLimits(seconds_max=-1), "planning took longer than -1 seconds of CPU time"),
        (PlanningLimits(steps_max=10), "its fields are spread over too many subgraphs"),
        (PlanningLimits(fetches_max=5), "it needs 12 requests to subgraphs, more than 5"),
    ],
)
def test_each_limit_says_what_was_too_much(limits: PlanningLimits, reason: str) -> None:
    with pytest.raises(PlanningLimitError) as refusal:
        plan("{ thing { name } }", limits)
    assert refusal.value.code == "PLANNING_LIMIT_EXCEEDED"
    assert str(refusal.value) == (
        f"The operation is too large to plan: {reason}. Select fewer fields, or split it into several operations."
    )


def test_what_no_interface_leads_to_is_not_looked_for_in_vain_again_at_every_level() -> None:
    """Each level below could be asked by type as well, and each such attempt would lead nowhere."""
    supergraph = load_supergraph("""
    schema
      @link(url: "https://specs.apollo.dev/link/v1.0")
      @link(url: "https://specs.apollo.dev/join/v0.4", for: EXECUTION)
    { query: Query }
    enum join__Graph { A @join__graph(name: "a", url: "") B @join__graph(name: "b", url: "") }
    type Query @join__type(graph: A) @join__type(graph: B) { asset: Asset @join__field(graph: A) }
    interface Asset @join__type(graph: A) { part: Part }
    type Farm implements Asset
      @join__type(graph: A, key: "id") @join__type(graph: B, key: "id") @join__implements(graph: A, interface: "Asset")
    { id: ID! part: Part }
    interface Part @join__type(graph: A) @join__type(graph: B) { part: Part soil: Soil }
    type Field implements Part
      @join__type(graph: A) @join__type(graph: B)
      @join__implements(graph: A, interface: "Part") @join__implements(graph: B, interface: "Part")
    { part: Part soil: Soil }
    type Soil @join__type(graph: A) @join__type(graph: B) { depth: Int kind: String @join__field(graph: B) }
    """)
    nested = "soil { kind }"
    for _ in range(16):
        nested = f"part {{ {nested} }}"
    assert plan(f"{{ asset {{ {nested} }} }}", PlanningLimits(moves_max=1_000), supergraph).fetch_count == 2


def test_keys_that_need_each_other_come_to_an_end() -> None:
    supergraph = load_supergraph("""
    schema
      @link(url: "https://specs.apollo.dev/link/v1.0")
      @link(url: "https://specs.apollo.dev/join/v0.4", for: EXECUTION)
    { query: Query }
    enum join__Graph {
      A @join__graph(name: "a", url: "") B @join__graph(name: "b", url: "") C @join__graph(name: "c", url: "")
    }
    type Query @join__type(graph: A) @join__type(graph: B) @join__type(graph: C) { hen: Hen @join__field(graph: A) }
    type Hen
      @join__type(graph: A)
      @join__type(graph: B, key: "egg { id }")
      @join__type(graph: C, key: "coop")
    {
      egg: Egg @join__field(graph: B) @join__field(graph: C)
      coop: String @join__field(graph: B) @join__field(graph: C)
      farm: String @join__field(graph: C)
    }
    type Egg @join__type(graph: B, key: "hen { coop }") @join__type(graph: C) {
      id: ID!
      hen: Hen @join__field(graph: B)
    }
    """)
    with pytest.raises(PlanningError) as refusal:
        plan("{ hen { farm } }", supergraph=supergraph)
    assert str(refusal.value) == (
        "The field Hen.farm cannot be resolved from a: c resolves it, but its key { coop } cannot be had."
    )


def test_nothing_is_fetched_for_what_needs_no_subgraph() -> None:
    assert plan("{ __typename }").fetches == ()
    assert plan("{ __typename }").fetch_count == 0


def test_a_mutation_whose_order_depends_on_too_many_conditions_is_refused() -> None:
    supergraph = load_supergraph("""
    schema
      @link(url: "https://specs.apollo.dev/link/v1.0")
      @link(url: "https://specs.apollo.dev/join/v0.4", for: EXECUTION)
    { query: Query mutation: Mutation }
    enum join__Graph { A @join__graph(name: "a", url: "") }
    type Query @join__type(graph: A) { n: Int }
    type Mutation @join__type(graph: A) { n: Int m: Int }
    """)
    names = "abcde"
    variables = ", ".join(f"${name}: Boolean!" for name in names)
    fields = " ".join(f"n{name}: n @include(if: ${name}) m n{name}: n" for name in names)
    with pytest.raises(PlanningLimitError) as refusal:
        plan(f"mutation ({variables}) {{ {fields} }}", supergraph=supergraph)
    assert "the order of its fields depends on too many conditions" in str(refusal.value)
