"""
Planning costs what the operation is worth, however large or tangled the supergraph is.

What is bounded is the moves looked at, which are counted; times would depend on the machine.
"""

import pytest

from tests.router.conformance.test_conformance import HEADER
from tests.router.operation_tree import tree_of
from trevo.clients.in_process import InProcessSubgraphClient
from trevo.config.settings import Settings
from trevo.gateway.request import GraphQLRequest
from trevo.gateway.router import Router
from trevo.plan.nodes import QueryPlan
from trevo.planner import Planner, PlanningError, PlanningLimitError, PlanningLimits
from trevo.supergraph import Supergraph, load_supergraph


def supergraph_of(subgraphs: int, types: str) -> str:
    names = " ".join(f'S{n} @join__graph(name: "s{n}", url: "http://s{n}.invalid")' for n in range(subgraphs))
    return HEADER % "" + f"enum join__Graph {{ {names} }}\n{types}"


def joined(subgraphs: int, key: str = "") -> str:
    return " ".join(f"@join__type(graph: S{n}{key})" for n in range(subgraphs))


def plan(supergraph: Supergraph, text: str, *, moves_max: int) -> QueryPlan:
    operation = tree_of(text, supergraph.public_schema)
    return Planner(supergraph, PlanningLimits(seconds_max=60, moves_max=moves_max)).plan(operation)


def fetches(found: object) -> int:
    return str(found).count("Fetch(")


def many_interfaces() -> str:
    """60 interfaces on 40 objects; the interfaces' fields are spread over four subgraphs."""
    fields = [f"f{n}: String @join__field(graph: S{n % 4})" for n in range(60)]
    names = [f"I{n}" for n in range(60)]
    marks = " ".join(f'@join__implements(graph: S{n % 4}, interface: "I{n}")' for n in range(60))
    objects = [_implementing(f"T{n}", names, marks, fields) for n in range(40)]
    interfaces = [f"interface I{n} @join__type(graph: S{n % 4}) {{ f{n}: String }}" for n in range(60)]
    roots = " ".join(f"i{n}: [I{n}] @join__field(graph: S{n % 4})" for n in range(60))
    return supergraph_of(4, "\n".join([*objects, *interfaces, f"type Query {joined(4)} {{ {roots} }}"]))


def _implementing(name: str, interfaces: list[str], marks: str, fields: list[str]) -> str:
    keys = joined(4, ', key: "id"')
    return f"type {name} implements {' & '.join(interfaces)} {keys} {marks} {{ id: ID! {' '.join(fields)} }}"


def test_sixty_interfaces_of_forty_objects() -> None:
    supergraph = load_supergraph(many_interfaces())
    text = "{ i0 { f0 ... on I1 { f1 } ... on I2 { f2 } ... on I5 { f5 ... on I6 { f6 } } ... on T7 { f3 f7 f59 } } }"
    assert fetches(plan(supergraph, text, moves_max=20_000)) == 4


def test_every_interface_at_once() -> None:
    supergraph = load_supergraph(many_interfaces())
    inner = " ".join(f"... on I{n} {{ f{n} }}" for n in range(60))
    assert fetches(plan(supergraph, f"{{ i0 {{ {inner} }} }}", moves_max=60_000)) == 4


def many_keys() -> str:
    """One entity in 12 subgraphs with 6 keys each: each shares some with its neighbours only."""
    marks = " ".join(f'@join__type(graph: S{n}, key: "k{n + k}")' for n in range(12) for k in range(6))
    keys = [
        f"k{k}: ID! " + " ".join(f"@join__field(graph: S{n})" for n in range(12) if n <= k < n + 6) for k in range(17)
    ]
    own = [f"f{n}: Int @join__field(graph: S{n})" for n in range(12)]
    needing = [f'r{n}: Int @join__field(graph: S{n}, requires: "f{n - 1}")' for n in range(1, 12)]
    external = [f"f{n}: Int @join__field(graph: S{n}) @join__field(graph: S{n + 1}, external: true)" for n in range(11)]
    fields = " ".join([*keys, *external, own[-1], *needing])
    return supergraph_of(
        12, f"type T {marks} {{ {fields} }}\ntype Query {joined(12)} {{ t: T @join__field(graph: S0) }}"
    )


def test_twelve_subgraphs_with_six_keys_each() -> None:
    supergraph = load_supergraph(many_keys())
    leaves = " ".join(f"f{n}" for n in range(12))
    # All but the first subgraph are asked once: by a key of the first, or by one that another gave.
    assert fetches(plan(supergraph, f"{{ t {{ {leaves} }} }}", moves_max=20_000)) == 12


def test_requirements_from_each_to_the_next() -> None:
    supergraph = load_supergraph(many_keys())
    leaves = " ".join(f"r{n}" for n in range(1, 12))
    assert fetches(plan(supergraph, f"{{ t {{ {leaves} }} }}", moves_max=40_000)) <= 40


def many_types() -> str:
    """300 entities in a circle, each with links to its neighbours in other subgraphs."""
    keys = joined(6, ', key: "id"')
    types = [
        f"type T{n} {keys} {{ id: ID! next: T{(n + 1) % 300} @join__field(graph: S{n % 6}) "
        f"far: T{(n * 7) % 300} @join__field(graph: S{(n + 3) % 6}) name: String @join__field(graph: S{(n + 1) % 6}) }}"
        for n in range(300)
    ]
    return supergraph_of(6, "\n".join([*types, f"type Query {joined(6)} {{ t: T0 @join__field(graph: S0) }}"]))


def test_three_hundred_types_in_a_chain() -> None:
    supergraph = load_supergraph(many_types())
    inner = "name"
    for _ in range(20):
        inner = f"name next {{ {inner} }} far {{ name }}"
    assert fetches(plan(supergraph, f"{{ t {{ {inner} }} }}", moves_max=20_000)) <= 100


def recursion_bomb() -> str:
    """Each key lies in an entity whose key lies in the next entity, and the last one in the first."""
    count = 8
    types = []
    for n in range(count):
        links = " ".join(
            f"l{m}: T{m} @join__field(graph: S{n}) @join__field(graph: S{m}, external: true)"
            for m in range(count)
            if m != n
        )
        keys = " ".join(f'@join__type(graph: S{m}, key: "l{(n + 1) % count} {{ v }}")' for m in range(count))
        types.append(f"type T{n} {keys} {{ {links} v: ID @join__field(graph: S{n}) }}")
    root = f"type Query {joined(count)} {{ t: T0 @join__field(graph: S1) }}"
    return supergraph_of(count, "\n".join([*types, root]))


def test_keys_that_need_each_other_end() -> None:
    supergraph = load_supergraph(recursion_bomb())
    with pytest.raises(PlanningError) as refused:
        plan(supergraph, "{ t { l2 { l3 { l4 { v } } } } }", moves_max=100_000)
    assert not isinstance(refused.value, PlanningLimitError)
    assert str(refused.value).startswith("The field T0.l2 cannot be resolved from s1")


def test_what_all_subgraphs_share_is_asked_once() -> None:
    """Ten subgraphs could each answer every level: ten to the power of the levels combinations."""
    types = [f"type V{n} {joined(10)} {{ a: V{n + 1} b: V{n + 1} x: Int y: Int }}" for n in range(6)]
    text = supergraph_of(
        10, "\n".join([*types, f"type V6 {joined(10)} {{ x: Int }}", f"type Query {joined(10)} {{ v: V0 }}"])
    )
    inner = "x"
    for _ in range(6):
        inner = f"a {{ {inner} }} b {{ {inner} }}"
    assert fetches(plan(load_supergraph(text), f"{{ v {{ {inner} }} }}", moves_max=200_000)) == 1


def test_what_pairs_of_subgraphs_share_stays_bounded() -> None:
    """Each entity's fields can be had from two of ten subgraphs; the first choice does not decide the second."""
    keys = joined(10, ', key: "id"')
    fields = " ".join(
        f"f{n}: T @join__field(graph: S{n % 10}) @join__field(graph: S{(n * 3 + 1) % 10}) "
        f"x{n}: Int @join__field(graph: S{(n + 2) % 10}) @join__field(graph: S{(n * 7 + 5) % 10})"
        for n in range(20)
        if n % 10 != (n * 3 + 1) % 10 and (n + 2) % 10 != (n * 7 + 5) % 10
    )
    names = [word.split(":")[0] for word in fields.split() if word.startswith("f") and word[1].isdigit()]
    roots = f"type Query {joined(10)} {{ t: T @join__field(graph: S0) @join__field(graph: S5) }}"
    supergraph = load_supergraph(supergraph_of(10, f"type T {keys} {{ id: ID! {fields} }}\n{roots}"))
    inner = "id"
    for _ in range(3):
        inner = " ".join(f"{name} {{ {inner} }}" for name in names[:6])
    assert fetches(plan(supergraph, f"{{ t {{ {inner} }} }}", moves_max=200_000)) <= 200


def test_a_refusal_says_what_to_do() -> None:
    with pytest.raises(PlanningLimitError) as refused:
        plan(load_supergraph(many_types()), "{ t { next { next { next { name } } } } }", moves_max=5)
    assert str(refused.value) == (
        "The operation is too large to plan: it can be answered in too many ways. "
        "Select fewer fields, or split it into several operations."
    )


async def test_a_client_gets_the_refusal_with_its_code() -> None:
    async def never(_request: object) -> dict[str, object]:
        raise AssertionError("nothing is asked for what cannot be planned")

    def tight(supergraph: Supergraph, _limits: object) -> object:
        return Planner(supergraph, PlanningLimits(moves_max=5)).plan

    clients = {f"s{n}": InProcessSubgraphClient(f"s{n}", never) for n in range(6)}
    router = Router(Settings(), supergraph_text=many_types(), clients=clients, make_planner=tight)
    result = await router.execute(GraphQLRequest("{ t { next { next { next { name } } } } }"))
    await router.stop()
    (error,) = result.body["errors"]
    assert error["extensions"]["code"] == "PLANNING_LIMIT_EXCEEDED"
    assert "data" not in result.body
