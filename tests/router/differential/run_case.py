"""
One operation on one world, answered twice: by the router over the subgraphs, and by one plain schema.

Data must be equal, the order of keys included. Errors must explain the same nulls: each error is followed down the
data to the null it stands at, and both answers must come to the same places. A router may add an error about a
requirement, which no client selected, above the field that failed because of it.
"""

from dataclasses import dataclass, field
from typing import Any

import orjson
from graphql import GraphQLSchema, build_schema, execute_sync, parse

from router.api.read_request import GraphQLRequest
from router.core.limits import Limits
from router.core.settings import Settings
from router.main import plan_with_planner
from router.plan.text import print_plan
from router.planner import Planner
from router.projection.project_response import USES_BEFORE_COMPILING
from router.router import Router
from router.supergraph import load_supergraph
from tests.router.differential.make_operation import Operation
from tests.router.differential.make_world import make_world
from tests.router.differential.store import Store, root_of
from tests.router.differential.subgraph import make_subgraphs, plain_resolver
from tests.router.differential.write_sdl import write_plain_schema, write_supergraph

WIDE = Limits(root_fields_max=10_000, aliases_max=10_000, directives_max=10_000, comparisons_max=10_000_000)
"""Drawn operations repeat themselves more than any client does."""

Place = tuple[str | int, ...]


@dataclass
class Answers:
    expected: dict[str, Any]
    actual: dict[str, Any]
    problems: list[str] = field(default_factory=list)


class Bench:
    """A world with everything that answers for it."""

    def __init__(self, world_seed: int) -> None:
        self.world = make_world(world_seed)
        self.store = Store(self.world)
        self.schema: GraphQLSchema = build_schema(write_plain_schema(self.world), no_location=True)
        self.supergraph = write_supergraph(self.world)
        self.subgraphs = make_subgraphs(self.store)
        clients = {name: each.client() for name, each in self.subgraphs.items()}
        self.router = Router(
            Settings(limits=WIDE), supergraph_text=self.supergraph, clients=clients, make_planner=plan_with_planner
        )

    async def close(self) -> None:
        await self.router.stop()

    async def run(self, operation: Operation) -> Answers:
        """Both answers to *operation*, and in what they differ."""
        expected = self.answer_plainly(operation)
        answers = Answers(expected, {})
        for subgraph in self.subgraphs.values():
            subgraph.violations.clear()
        for _ in range(USES_BEFORE_COMPILING):
            if not answers.problems:
                self.store.mutations = 0
                result = await self.router.execute(GraphQLRequest(operation.text, variables=operation.variables))
                # Through JSON, as a client would read it.
                answers.actual = orjson.loads(orjson.dumps(result.body))
                answers.problems = [text for each in self.subgraphs.values() for text in each.violations]
                answers.problems += differences(expected, answers.actual)
        return answers

    def answer_plainly(self, operation: Operation) -> dict[str, Any]:
        self.store.mutations = 0
        document = parse(operation.text)
        result = execute_sync(
            self.schema,
            document,
            root_of(document),
            variable_values=operation.variables,
            field_resolver=plain_resolver(self.store),
            type_resolver=lambda thing, *_: thing.type_name,
        )
        return dict(orjson.loads(orjson.dumps(result.formatted)))

    def plan(self, operation: Operation) -> str:
        """The plan of *operation* as text, for a report."""
        document = parse(operation.text)
        planned = next(each for each in document.definitions if each.kind == "operation_definition")
        try:
            return print_plan(Planner(load_supergraph(self.supergraph)).plan(document, planned))
        except Exception as error:  # noqa: BLE001  # whatever it is, it belongs in the report
            return f"no plan: {error!r}"


def differences(expected: dict[str, Any], actual: dict[str, Any]) -> list[str]:
    """In what *actual* is not as good an answer as *expected*."""
    if "data" not in actual:
        return [f"the router refuses: {each['message']}" for each in actual["errors"]]
    # Not sorted: the order of the keys is part of the answer.
    if orjson.dumps(expected["data"]) != orjson.dumps(actual.get("data")):
        return ["the data differ"]
    wanted = {_null_place(expected["data"], each) for each in _paths(expected)}
    found = {_null_place(actual["data"], each) for each in _paths(actual)}
    problems = [f"no error explains the null at {place}" for place in sorted(wanted - found, key=str)]
    return problems + [
        f"an error at {place}, where the plain schema has none"
        for place in sorted(found - wanted, key=str)
        if not _stands_above_a_failure(place, wanted, actual["data"])
    ]


def _stands_above_a_failure(place: Place | None, wanted: set[Place | None], data: Any) -> bool:
    """Whether an error at *place*, where nothing is null, is about what a failed field below depends on."""
    if place is None or _at(data, place) is None:
        return False
    return any(other is not None and other[: len(place)] == place for other in wanted)


def _paths(answer: dict[str, Any]) -> list[Place | None]:
    paths = (each.get("path") for each in answer.get("errors") or ())
    return [None if path is None else tuple(path) for path in paths]


def _null_place(data: Any, path: Place | None) -> Place | None:
    """The first part of *path* that leads to a null of *data*; as much of it as exists where there is none."""
    if path is None:
        return None
    for length, part in enumerate(path):
        if data is None:
            return path[:length]
        is_there = (isinstance(data, dict) and part in data) or (
            isinstance(data, list) and isinstance(part, int) and part < len(data)
        )
        if not is_there:
            return path[:length]
        data = data[part]
    return path


def _at(data: Any, place: Place) -> Any:
    for part in place:
        data = data[part]
    return data
