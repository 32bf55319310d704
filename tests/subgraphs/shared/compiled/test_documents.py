"""When a document is compiled, when its code is used, and what happens when it gives up."""

import asyncio
import gc
import math
from collections.abc import Callable
from typing import Any

import pytest
import strawberry
from graphql import parse
from prometheus_client import REGISTRY

from subgraphs.shared.availability import Unavailable
from subgraphs.shared.database import Database
from subgraphs.shared.graphql.compiled import documents, run
from subgraphs.shared.graphql.compiled.asked import AskedDocument, CannotCompile
from subgraphs.shared.graphql.compiled.write import write_program
from subgraphs.shared.graphql.context import Info
from subgraphs.shared.graphql.door import Door
from subgraphs.shared.graphql.schema import make_schema
from subgraphs.shared.messaging.reactions import Reactions
from subgraphs.shared.settings import DoorSettings
from subgraphs.shared.subgraph import GraphQLRequest, Subgraph
from tests.fixtures.tokens import TokenIssuer
from tests.subgraphs.shared.compiled.farm import SCHEMA, World, a_context
from trevo.door.cache import memory_of

MakeFarm = Callable[..., Subgraph]


@strawberry.type
class Step:
    number: int

    @strawberry.field
    def place(self, info: Info) -> str:
        return str(info.path)

    @strawberry.field
    def steps(self) -> list["Step"]:
        return [Step(number=number) for number in range(100)]


@strawberry.type
class Query:
    @strawberry.field
    def step(self, info: Info) -> Step:
        info.context.services.draws += 1
        return Step(number=1)

    @strawberry.field
    def broken(self, info: Info) -> str:
        info.context.services.draws += 1
        raise RuntimeError("nobody knows why")

    @strawberry.field
    def away(self, info: Info) -> str:
        info.context.services.draws += 1
        raise Unavailable("nobody answers")


@strawberry.type
class Mutation:
    @strawberry.mutation
    def walk(self, info: Info) -> int:
        info.context.services.draws += 1
        raise RuntimeError("fell")


STEPS = make_schema(query=Query, mutation=Mutation, public_fields=["step", "broken", "away", "walk"])


@pytest.fixture
def a_farm(tokens: TokenIssuer, monkeypatch: pytest.MonkeyPatch) -> MakeFarm:
    """A subgraph that compiles at the third use, as products do."""
    monkeypatch.undo()

    def make(schema: Any = STEPS, **settings: Any) -> Subgraph:
        database = Database("postgresql://nobody:nothing@127.0.0.1:1/none")
        door = Door(DoorSettings(**settings), subgraph="farm")
        return Subgraph("farm", schema, database, tokens.verifier, Reactions("farm"), services=World(), door=door)

    return make


async def ask(subgraph: Subgraph, query: str, **variables: Any) -> Any:
    return await subgraph.execute(GraphQLRequest(query, variables))


def runs(outcome: str) -> float:
    return REGISTRY.get_sample_value("subgraph_compiled_runs_total", {"subgraph": "farm", "outcome": outcome}) or 0.0


def written(outcome: str) -> float:
    labels = {"subgraph": "farm", "outcome": outcome}
    return REGISTRY.get_sample_value("subgraph_documents_compiled_total", labels) or 0.0


async def test_a_document_has_code_from_its_third_use_on(a_farm: MakeFarm) -> None:
    subgraph, done, texts = a_farm(), runs("done"), written("written")
    seen = []
    for _ in range(4):
        assert await ask(subgraph, "{ step { number } }") == {"data": {"step": {"number": 1}}}
        seen.append((written("written") - texts, runs("done") - done))
    assert seen == [(0, 0), (0, 0), (1, 1), (1, 2)]


async def test_a_fault_is_answered_as_graphql_core_does(a_farm: MakeFarm) -> None:
    subgraph, gave_up = a_farm(), runs("exception")
    answers = [await ask(subgraph, "{ step { number } broken }") for _ in range(4)]
    for answer in answers:
        assert answer["data"] == {"step": {"number": 1}, "broken": None}
        (error,) = answer["errors"]
        assert error["path"] == ["broken"]
        assert error["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
    assert runs("exception") == gave_up + 2


@pytest.mark.parametrize(
    ("rest", "asked"),
    [pytest.param(math.inf, [2, 2, 4, 2], id="while it rests"), pytest.param(-1.0, [2, 2, 4, 4], id="after that")],
)
async def test_what_is_not_available_is_not_asked_twice_by_each_request(
    a_farm: MakeFarm, monkeypatch: pytest.MonkeyPatch, rest: float, asked: list[int]
) -> None:
    subgraph, seen = a_farm(), []
    monkeypatch.setattr(documents, "REST_SECONDS", rest)
    for _ in range(4):
        before = subgraph.services.draws
        answer = await ask(subgraph, "{ step { number } away }")
        assert answer["data"] == {"step": {"number": 1}, "away": None}
        assert answer["errors"][0]["extensions"]["code"] == "SERVICE_UNAVAILABLE"
        seen.append(subgraph.services.draws - before)
    assert seen == asked


async def test_a_mutation_is_done_once_and_has_no_code(a_farm: MakeFarm) -> None:
    subgraph, texts = a_farm(), written("written")
    for number in range(1, 5):
        answer = await ask(subgraph, "mutation { walk }")
        assert answer["data"] == {"walk": None}
        assert subgraph.services.draws == number
    assert written("written") == texts


async def test_what_is_asked_costs_the_same_and_is_refused_alike(a_farm: MakeFarm) -> None:
    text = "query ($r: [_Any!]!) { _entities(representations: $r) { ... on Barn { code } } }"
    subgraph = a_farm(SCHEMA, entities_cost_max=2.0)
    few, many = [{"__typename": "Barn", "code": "a"}], [{"__typename": "Barn", "code": str(n)} for n in range(9)]

    def estimates() -> float:
        labels = {"subgraph": "farm", "kind": "entities"}
        return REGISTRY.get_sample_value("subgraph_operation_cost_estimated_count", labels) or 0.0

    for number in range(4):
        before = estimates()
        assert await ask(subgraph, text, r=few) == {"data": {"_entities": [{"code": "a"}]}}
        refused = await ask(subgraph, text, r=many)
        assert refused["data"] is None
        assert [error["extensions"]["code"] for error in refused["errors"]] == ["COST_ESTIMATED_TOO_EXPENSIVE"]
        assert estimates() == before + 2, f"each request is priced once, the {number}. too"


async def test_a_price_is_looked_at_once_where_code_gives_up(a_farm: MakeFarm) -> None:
    subgraph = a_farm()
    labels = {"subgraph": "farm", "kind": "fields"}
    for _ in range(4):
        before = REGISTRY.get_sample_value("subgraph_operation_cost_estimated_count", labels) or 0.0
        await ask(subgraph, "{ step { number } broken }")
        assert REGISTRY.get_sample_value("subgraph_operation_cost_estimated_count", labels) == before + 1


async def test_other_values_of_conditions_need_other_code(a_farm: MakeFarm) -> None:
    subgraph, texts = a_farm(), written("written")
    text = "query ($all: Boolean!) { step { number @include(if: $all) __typename } }"
    for _ in range(4):
        assert (await ask(subgraph, text, all=True))["data"] == {"step": {"number": 1, "__typename": "Step"}}
        assert (await ask(subgraph, text, all=False))["data"] == {"step": {"__typename": "Step"}}
        assert (await ask(subgraph, text, all=None))["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    assert written("written") == texts + 2


async def test_forms_of_one_document_are_bounded(a_farm: MakeFarm) -> None:
    subgraph, texts = a_farm(), written("written")
    names = [f"c{number}" for number in range(6)]
    parts = " ".join(f"{name}: __typename @skip(if: ${name})" for name in names)
    text = f"query ({', '.join(f'${name}: Boolean!' for name in names)}) {{ step {{ number {parts} }} }}"
    for _ in range(4):
        for number in range(40):
            values = {name: bool(number >> place & 1) for place, name in enumerate(names)}
            assert len((await ask(subgraph, text, **values))["data"]["step"]) == 1 + list(values.values()).count(False)
    assert written("written") == texts + documents.FORMS_MAX


async def test_code_is_weighed_with_its_document(a_farm: MakeFarm) -> None:
    subgraph, text = a_farm(), "{ step { number } }"
    for _ in range(3):
        await ask(subgraph, text)
    read = subgraph.door.known(STEPS, text)
    assert read is not None
    assert read.forms.weight > 1_000
    without = memory_of((id(STEPS), text), read.document, read.errors, read.prices)
    assert subgraph.door.documents.weight == without + read.forms.weight
    light = a_farm(documents_cached_bytes_max=60_000)
    for number in range(30):
        for _ in range(3):
            await ask(light, f"query Q{number} {{ step {{ number }} }}")
    assert light.door.documents.weight <= 60_000


async def test_code_that_cannot_tell_a_resolver_its_path_is_dropped(a_farm: MakeFarm) -> None:
    subgraph, gave_up, dropped = a_farm(), runs("info"), written("dropped")
    for _ in range(20):
        answer = await ask(subgraph, "{ step { place } }")
        assert "'place'" in answer["data"]["step"]["place"]
    assert runs("info") == gave_up + documents.FAILURES_MAX
    assert written("dropped") == dropped + 1


async def test_a_long_answer_is_left_to_execution_that_gives_way(
    a_farm: MakeFarm, monkeypatch: pytest.MonkeyPatch
) -> None:
    subgraph, gave_up = a_farm(query_cost_max=1e9), runs("long")
    text = "{ step { steps { steps { number } } } }"
    monkeypatch.setattr(run, "SECONDS_IN_ONE_GO", -1.0)
    for _ in range(3):
        (step,) = (await ask(subgraph, text))["data"].values()
        assert [len(each["steps"]) for each in step["steps"]] == [100] * 100
    assert runs("long") == gave_up + 1


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("mutation { walk }", "operation"),
        ("query A { broken } query B { broken }", "operation"),
        ("{ __schema { types { name } } }", "introspection"),
        ('{ step { number } __type(name: "Step") { name } }', "introspection"),
        ("{ " + " ".join(f"a{n}: step {{ number }}" for n in range(301)) + " }", "large"),
    ],
)
def test_what_has_no_code(text: str, why: str) -> None:
    with pytest.raises(CannotCompile, match=why):
        write_program(STEPS, AskedDocument.of(parse(text), None), {})


async def test_those_who_look_things_up_at_the_same_time_share_a_batch() -> None:
    text = "{ fields { owner parts { owner } neighbour { owner parts { id } } } }"
    world = World()
    await write_program(SCHEMA, AskedDocument.of(parse(text), None), {}).run(a_context(world), {})
    assert world.loads == 2, "first of all but the parts' owners, then of these"


async def test_a_request_leaves_nothing_to_the_garbage_collector() -> None:
    program = write_program(STEPS, AskedDocument.of(parse("{ step { number } }"), None), {})
    context = a_context(World())
    gc.collect()
    gc.disable()
    try:
        await program.run(context, {})
        assert [each for each in gc.get_objects() if isinstance(each, run.Run)] == []
    finally:
        gc.enable()


async def test_all_have_ended_when_one_fails() -> None:
    ended = []

    async def fail(after: int) -> None:
        for _ in range(after):
            await asyncio.sleep(0)
        ended.append(after)
        raise ValueError(after)

    with pytest.raises(ValueError, match="2"):
        await run.together([fail(2), fail(1), fail(5)])
    assert sorted(ended) == [1, 2, 5]


async def test_all_have_ended_when_the_request_is_cancelled() -> None:
    ended = []

    async def wait_long(number: int) -> None:
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            ended.append(number)

    task = asyncio.create_task(run.together([wait_long(1), wait_long(2), wait_long(3)]))
    for _ in range(3):
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert sorted(ended) == [1, 2, 3]
