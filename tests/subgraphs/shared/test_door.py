"""A subgraph's own door, over a small subgraph: what it refuses before anything runs, and how it gives way."""

import asyncio
import time
from typing import Any, ClassVar

import pytest
import strawberry
import structlog
from prometheus_client import REGISTRY

from subgraphs.shared.database import Database
from subgraphs.shared.graphql import giving_way
from subgraphs.shared.graphql.compiled import documents
from subgraphs.shared.graphql.context import Info
from subgraphs.shared.graphql.cost import ONCE, PAGED, sized
from subgraphs.shared.graphql.door import Door
from subgraphs.shared.graphql.entities import Reference
from subgraphs.shared.graphql.paging import PageInfo
from subgraphs.shared.graphql.schema import make_schema
from subgraphs.shared.messaging.reactions import Reactions
from subgraphs.shared.settings import DoorSettings
from subgraphs.shared.subgraph import GraphQLRequest, Subgraph
from tests.fixtures.tokens import TokenIssuer

LEAVES = 36


@strawberry.federation.type(keys=["id"])
class Tree:
    id: strawberry.ID

    @strawberry.field(directives=[sized(LEAVES)])
    def leaves(self) -> list["Leaf"]:
        return [Leaf(tree=self)] * LEAVES

    @classmethod
    async def resolve_references(cls, _info: Info, references: list[Reference]) -> list[Any]:
        return [cls(id=strawberry.ID(str(reference.values["id"]))) for reference in references]


@strawberry.type
class Leaf:
    tree: Tree


@strawberry.type
class TreePage:
    nodes: list[Tree]
    page_info: PageInfo


@strawberry.input
class Where:
    words: list["Where"] | None = None


@strawberry.type
class Query:
    @strawberry.field
    def tree(self) -> Tree:
        return Tree(id=strawberry.ID("t1"))

    @strawberry.field(directives=[PAGED])
    def trees(self, first: int | None = None) -> TreePage:  # noqa: ARG002  # its cost is what counts
        return TreePage(nodes=[Tree(id=strawberry.ID("t1"))], page_info=PageInfo(has_next_page=False, end_cursor=None))

    @strawberry.field
    def find(self, where: Where | None = None) -> str:  # noqa: ARG002  # as above
        return "found"


@strawberry.type
class Mutation:
    tried: ClassVar[int] = 0

    @strawberry.mutation(directives=[ONCE])
    def try_code(self) -> int:
        Mutation.tried += 1
        return Mutation.tried


SCHEMA = make_schema(query=Query, mutation=Mutation, types=[Tree], public_fields=["tree", "trees", "find", "tryCode"])


@pytest.fixture
def subgraph(tokens: TokenIssuer) -> Subgraph:
    return a_subgraph(tokens)


def a_subgraph(tokens: TokenIssuer, **settings: Any) -> Subgraph:
    database = Database("postgresql://nobody:nothing@127.0.0.1:1/none")
    door = Door(DoorSettings(**settings), subgraph="trees")
    return Subgraph("trees", SCHEMA, database, tokens.verifier, Reactions("trees"), door=door)


async def ask(subgraph: Subgraph, query: str, seconds: float | None = None, **variables: Any) -> Any:
    return await subgraph.execute(GraphQLRequest(query, variables, deadline_seconds=seconds))


async def code_of(subgraph: Subgraph, query: str, **variables: Any) -> str | None:
    answer = await ask(subgraph, query, **variables)
    return answer["errors"][0]["extensions"]["code"] if "errors" in answer else None


def nested(levels: int) -> str:
    return "{ tree { " + "leaves { tree { " * levels + "id" + " } }" * levels + " } }"


async def test_a_fragment_bomb_is_refused_in_milliseconds(subgraph: Subgraph) -> None:
    levels = 22
    bomb = "".join(f"fragment F{n} on Query {{ a{n}: __typename ...F{n + 1} ...F{n + 1} }} " for n in range(levels))
    text = f"{{ ...F0 }} {bomb} fragment F{levels} on Query {{ find }}"
    assert len(text) < 1_400
    began = time.process_time()
    assert await code_of(subgraph, text) == "QUERY_TOO_MANY_ROOT_FIELDS"
    assert time.process_time() - began < 0.25


@pytest.mark.parametrize(
    ("setting", "text", "code"),
    [
        ({}, "{ " + " ".join(f"a{n}: find" for n in range(5_000)) + " }", "QUERY_TOO_MANY_TOKENS"),
        ({}, "{ " + " ".join(f"a{n}: find" for n in range(101)) + " }", "QUERY_TOO_MANY_ROOT_FIELDS"),
        ({"query_characters_max": 7}, "{ find }", "QUERY_TOO_LONG"),
        ({"query_tokens_max": 2}, "{ find }", "QUERY_TOO_MANY_TOKENS"),
        ({"query_depth_max": 2}, "{ tree { leaves { __typename } } }", "QUERY_TOO_DEEP"),
        ({"query_value_depth_max": 1}, "{ find(where: {words: [{}]}) }", "VALUE_TOO_DEEP"),
        ({"query_root_fields_max": 1}, "{ find a: find }", "QUERY_TOO_MANY_ROOT_FIELDS"),
        ({"query_aliases_max": 1}, "{ tree { a: id b: id } }", "QUERY_TOO_MANY_ALIASES"),
        (
            {"query_introspection_aliases_max": 1},
            "{ a: __schema { b: types { name } } }",
            "QUERY_TOO_MANY_ALIASES",
        ),
        (
            {"query_directives_max": 1},
            "{ find @skip(if: true) tree @skip(if: true) { id } }",
            "QUERY_TOO_MANY_DIRECTIVES",
        ),
        ({"query_fields_max": 2}, "{ find tree { id } }", "QUERY_TOO_LARGE"),
        ({"query_comparisons_max": 10}, "{ tree { " + "id " * 20 + "} }", "QUERY_TOO_COMPLEX"),
        (
            {"query_conditions_max": 1},
            "query ($a: Boolean!, $b: Boolean!) { find @skip(if: $a) tree @skip(if: $b) { id } }",
            "QUERY_TOO_MANY_CONDITIONS",
        ),
        ({"query_name_characters_max": 3}, "{ tree { four: id } }", "NAME_TOO_LONG"),
        ({"query_cost_max": 36}, "{ tree { leaves { __typename } } }", "COST_ESTIMATED_TOO_EXPENSIVE"),
    ],
)
async def test_what_asks_for_too_much_is_refused_by_its_bound(
    tokens: TokenIssuer, setting: dict[str, Any], text: str, code: str
) -> None:
    assert await code_of(a_subgraph(tokens, **setting), text) == code
    if setting:
        assert await code_of(a_subgraph(tokens), text, a=False, b=False) is None


async def test_the_assumed_size_of_lists_is_a_setting(tokens: TokenIssuer) -> None:
    text = "{ __schema { types { name } } tree { leaves { tree { id } } } }"
    assert await code_of(a_subgraph(tokens, list_size_assumed=1_000), text) is None, "the schema says how long it is"
    for assumed, code in ((10, None), (20_000, "COST_ESTIMATED_TOO_EXPENSIVE")):
        unsized = make_schema(query=Unsized, public_fields=["all"])
        subgraph = a_subgraph(tokens, list_size_assumed=assumed)
        subgraph.schema = unsized
        assert await code_of(subgraph, "{ all { name } }") == code


@strawberry.type
class Named:
    name: str


@strawberry.type
class Unsized:
    @strawberry.field
    def all(self) -> list[Named]:
        return [Named(name="x")]


async def test_lists_in_lists_are_refused_before_they_run(subgraph: Subgraph) -> None:
    began = time.process_time()
    with structlog.testing.capture_logs() as logs:
        answer = await ask(subgraph, nested(5))
    assert time.process_time() - began < 0.25
    cost = 1 + sum(2 * LEAVES**level for level in range(1, 6))
    assert answer["data"] is None
    (error,) = answer["errors"]
    assert error["extensions"] == {
        "code": "COST_ESTIMATED_TOO_EXPENSIVE",
        "cost": {"estimated": cost, "max": 8_000},
    }
    (line,) = [line for line in logs if line["event"] == "request refused"]
    assert (line["code"], line["cost"]) == ("COST_ESTIMATED_TOO_EXPENSIVE", {"estimated": cost, "max": 8_000})
    assert await code_of(subgraph, nested(2)) is None


async def test_entities_cost_representations_times_selection_under_a_bound_of_their_own(tokens: TokenIssuer) -> None:
    subgraph = a_subgraph(tokens, query_cost_max=1, entities_cost_max=3 * (1 + LEAVES))
    text = "query ($r: [_Any!]!) { _entities(representations: $r) { ... on Tree { leaves { __typename } } } }"
    representations = [{"__typename": "Tree", "id": str(n)} for n in range(4)]
    assert await code_of(subgraph, text, r=representations[:3]) is None
    answer = await ask(subgraph, text, r=representations)
    assert answer["errors"][0]["extensions"]["cost"] == {"estimated": 4 * (1 + LEAVES), "max": 3 * (1 + LEAVES)}
    both = text.replace("query ($r", "query ($s: [_Any!]!, $r").replace(
        "{ _entities(representations: $r)",
        "{ more: _entities(representations: $s) { __typename } _entities(representations: $r)",
    )
    assert await code_of(subgraph, both, r=representations[:2], s=representations) is None
    assert await code_of(subgraph, both, r=representations[:3], s=representations[:1]) == "COST_ESTIMATED_TOO_EXPENSIVE"


async def test_of_what_is_marked_once_a_second_is_refused_before_the_first(subgraph: Subgraph) -> None:
    Mutation.tried = 0
    assert await code_of(subgraph, "mutation { a: tryCode b: tryCode }") == "COST_ESTIMATED_TOO_EXPENSIVE"
    assert Mutation.tried == 0
    assert await ask(subgraph, "mutation { a: tryCode }") == {"data": {"a": 1}}


async def test_refusals_and_estimates_are_counted(subgraph: Subgraph) -> None:
    def count(name: str, **labels: str) -> float:
        return REGISTRY.get_sample_value(name, {"subgraph": "trees", **labels}) or 0.0

    code = {"code": "COST_ESTIMATED_TOO_EXPENSIVE"}
    refused = count("subgraph_operation_refused_total", **code)
    estimated = count("subgraph_operation_cost_estimated_sum", kind="fields")
    await ask(subgraph, "{ trees(first: 7) { nodes { id } } }")
    await ask(subgraph, "{ trees(first: 9000) { nodes { id } } }")
    assert count("subgraph_operation_refused_total", **code) == refused + 1
    assert count("subgraph_operation_cost_estimated_sum", kind="fields") == estimated + 8 + 9_001


async def test_documents_are_kept_by_number_and_by_weight(tokens: TokenIssuer) -> None:
    few, light = a_subgraph(tokens, documents_cached_max=2), a_subgraph(tokens, documents_cached_bytes_max=60_000)
    for number in range(20):
        for subgraph in (few, light):
            assert await code_of(subgraph, f"query Q{number} {{ tree {{ id }} }}") is None
    assert len(few.door.documents) == 2
    assert 40_000 < light.door.documents.weight <= 60_000


async def test_a_wide_answer_from_memory_ends_at_its_deadline(tokens: TokenIssuer) -> None:
    """Nothing in it waits for anything, and it would take many seconds."""
    subgraph = a_subgraph(tokens, query_cost_max=1e12)
    began = time.monotonic()
    answer = await ask(subgraph, nested(4), 0.3)
    assert answer["errors"][0]["extensions"]["code"] == "TIMEOUT"
    assert time.monotonic() - began < 5


async def test_others_are_answered_while_a_wide_answer_is_put_together(
    tokens: TokenIssuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents, "COMPILE_AFTER_USES", 0)  # written code would be done in one go
    # A fast machine needs less than the usual while for all of it.
    monkeypatch.setattr(giving_way, "SECONDS_IN_ONE_GO", 0.001)
    subgraph = a_subgraph(tokens, query_cost_max=1e12)
    wide = asyncio.create_task(ask(subgraph, nested(2)))
    await asyncio.sleep(0)
    answered = 0
    while not wide.done():
        assert await ask(subgraph, "{ find }") == {"data": {"find": "found"}}
        answered += 1
        await asyncio.sleep(0)
    assert answered > 3
    (tree,) = (await wide)["data"].values()
    for _ in range(2):
        assert len(tree["leaves"]) == LEAVES
        tree = tree["leaves"][-1]["tree"]
    assert tree == {"id": "t1"}
