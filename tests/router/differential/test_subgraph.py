"""The subgraphs of the differential test notice whatever a right router does not ask."""

from tests.router.differential.read_world import read_world
from tests.router.differential.store import Store
from tests.router.differential.subgraph import make_subgraphs
from trevo.clients.subgraph_client import SubgraphRequest

SUPERGRAPH = """
schema @link(url: "https://specs.apollo.dev/join/v0.4", for: EXECUTION) { query: Query }
enum join__Graph { A @join__graph(name: "a", url: "http://a") B @join__graph(name: "b", url: "http://b") }
type Query @join__type(graph: A) @join__type(graph: B) { t: T @join__field(graph: B) }
type T @join__type(graph: A, key: "id") @join__type(graph: B, key: "id") {
  id: ID!
  size: Int! @join__field(graph: A) @join__field(graph: B, external: true)
  moved: Int @join__field(graph: A, override: "b") @join__field(graph: B, usedOverridden: true)
  fee: Int @join__field(graph: B, requires: "size")
}
"""
ASK = "query ($r: [_Any!]!) { _entities(representations: $r) { ... on T { %s } } }"


async def violations_of(asked: str, sent: dict[str, object]) -> list[str]:
    store = Store(read_world(SUPERGRAPH))
    subgraph = make_subgraphs(store)["b"]
    await subgraph.answer(SubgraphRequest(ASK % asked, {"r": [{"__typename": "T", **sent}]}))
    return subgraph.violations


async def test_nothing_is_wrong_with_a_right_question() -> None:
    store = Store(read_world(SUPERGRAPH))
    thing = store.entities["T"][0]
    size = store.value(thing, store.world.types["T"].fields["size"], {})
    assert await violations_of("fee", {"id": "id-T-0", "size": size}) == []


async def test_an_object_without_a_key_is_noticed() -> None:
    assert await violations_of("fee", {"size": 1}) == [
        "b was sent {'__typename': 'T', 'size': 1}, which has none of the keys ['id']"
    ]


async def test_external_and_moved_fields_are_noticed() -> None:
    assert await violations_of("moved size", {"id": "id-T-0"}) == [
        "b was asked for T.moved, which it does not resolve",
        "b was asked for T.size, which it does not resolve",
    ]


async def test_a_requirement_that_was_not_sent_is_noticed() -> None:
    (violation,) = await violations_of("fee", {"id": "id-T-0"})
    assert violation.startswith("b computes fee of {}, it requires {'size': ")


async def test_a_document_that_does_not_fit_is_noticed() -> None:
    (violation,) = await violations_of("nothing", {"id": "id-T-0"})
    assert violation.endswith("Cannot query field 'nothing' on type 'T'.")
