"""
One operation on one world, answered by one plain schema and by the router over the subgraphs.

The router answers several times: with subgraphs that answer at once, with some that are late, so that steps begin in
another order and requests go in parts, and at last with the subgraphs in trouble, at once and late.

There are two routers: one runs every operation by its program, from the first time on, the other interprets. Where
nothing is late they must ask the same and answer the same, byte for byte, whatever goes wrong.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import orjson
from graphql import GraphQLSchema, build_schema, execute_sync, parse, print_schema

from tests.router.differential.ask import ask
from tests.router.differential.compare import differences, unexplained
from tests.router.differential.delays import Delays
from tests.router.differential.make_operation import Operation
from tests.router.differential.make_world import make_world
from tests.router.differential.read_world import read_world
from tests.router.differential.store import Below, Store, root_of
from tests.router.differential.subgraph import make_subgraphs, plain_resolver
from tests.router.differential.trouble import Trouble
from tests.router.differential.world import World
from tests.router.differential.write_sdl import write_plain_schema, write_supergraph
from tests.router.operation_tree import tree_of
from trevo.config.limits import Limits
from trevo.config.settings import Settings
from trevo.gateway.router import Router
from trevo.main import plan_with_planner
from trevo.plan.text import print_plan
from trevo.planner import Planner
from trevo.supergraph import load_supergraph

WIDE = Limits(
    cost_max=1e18,
    root_fields_max=10_000,
    aliases_max=10_000,
    directives_max=10_000,
    comparisons_max=10_000_000,
    errors_max=10_000,
    planning_seconds_max=60,
    planning_wait_seconds_max=120,
    deadline_seconds=120,
    subgraph_seconds_max=120,
    company_deadline_share=1,
    compile_after_uses=1,
)
"""Drawn operations repeat themselves more than any client does, and a busy machine must not look like a wrong plan."""

IMPATIENT = WIDE.model_copy(update={"company_deadline_share": 0})
"""No request waits for a late part."""


@dataclass
class Answers:
    expected: dict[str, Any]
    actual: dict[str, Any]
    problems: list[str] = field(default_factory=list)


class Bench:
    """A world with everything that answers for it."""

    def __init__(self, world: World, supergraph: str, schema: str) -> None:
        self.world = world
        self.labels = world.active_labels()
        self.store = Store(world)
        self.schema: GraphQLSchema = build_schema(schema, no_location=True)
        self.supergraph = supergraph
        self.subgraphs = make_subgraphs(self.store)
        self.router = self._make_router(WIDE)
        self.interpreting = self._make_router(WIDE.model_copy(update={"compile_after_uses": 0}))

    @classmethod
    def drawn(cls, world_seed: int) -> "Bench":
        """A world that is made up."""
        world = make_world(world_seed)
        return cls(world, write_supergraph(world), write_plain_schema(world))

    @classmethod
    def given(cls, supergraph: str, seed: int) -> "Bench":
        """The world of a supergraph, with values of *seed*."""
        return cls(read_world(supergraph, seed), supergraph, print_schema(load_supergraph(supergraph).public_schema))

    def _make_router(self, limits: Limits) -> Router:
        clients = {name: each.client() for name, each in self.subgraphs.items()}
        return Router(
            Settings(limits=limits, active_override_labels=self.labels),
            supergraph_text=self.supergraph,
            clients=clients,
            make_planner=plan_with_planner,
        )

    async def close(self) -> None:
        await self.router.stop()
        await self.interpreting.stop()

    async def run(self, operation: Operation) -> Answers:
        """The answers to *operation*, and in what they differ."""
        answers = Answers(self.answer_plainly(operation), {})
        # A second time, too: which types there are is learnt from the first answer.
        for _ in range(2):
            if not answers.problems:
                await self._ask_both(operation, answers)
                answers.problems += differences(answers.expected, answers.actual)
        delays, trouble = Delays(operation.seed), Trouble(operation.seed)
        if not answers.problems:
            answers.actual = await self._ask(operation, answers, delays=delays)
            answers.problems += differences(answers.expected, answers.actual)
        if not answers.problems:
            await self._ask_both(operation, answers, trouble=trouble)
            answers.problems += unexplained(answers.expected, answers.actual)
        if not answers.problems:
            answers.actual = await self._ask(operation, answers, trouble=trouble, delays=delays)
            answers.problems += unexplained(answers.expected, answers.actual)
        return answers

    async def _ask_both(self, operation: Operation, answers: Answers, *, trouble: Trouble | None = None) -> None:
        """By the program and by the interpreter, which must not be told apart."""
        answers.actual = await self._ask(operation, answers, trouble=trouble)
        asked = self._asked()
        interpreted = await self._ask(operation, answers, trouble=trouble, router=self.interpreting)
        if orjson.dumps(answers.actual) != orjson.dumps(interpreted):
            answers.problems.append(f"interpreted, the answer is {interpreted}")
        if asked != self._asked():
            answers.problems.append(f"asked was {asked}; interpreted, it is {self._asked()}")

    def _asked(self) -> dict[str, list[str]]:
        return {name: sorted(each.asked) for name, each in self.subgraphs.items() if each.asked}

    async def _ask(
        self,
        operation: Operation,
        answers: Answers,
        *,
        trouble: Trouble | None = None,
        delays: Delays | None = None,
        router: Router | None = None,
    ) -> dict[str, Any]:
        self.store.mutations = 0
        router = router or self.router
        limits = IMPATIENT if delays else WIDE
        router.service.settings = router.service.settings.model_copy(update={"limits": limits})
        for subgraph in self.subgraphs.values():
            subgraph.violations.clear()
            subgraph.asked.clear()
            subgraph.trouble, subgraph.delays = trouble, delays
        body = await ask(router, operation.text, operation.variables)
        answers.problems += [text for each in self.subgraphs.values() for text in each.violations]
        return body

    def answer_plainly(self, operation: Operation) -> dict[str, Any]:
        return dict(orjson.loads(orjson.dumps(self.executed(execute_sync, operation).formatted)))

    def executed(self, execute: Callable[..., Any], operation: Operation) -> Any:
        """What one plain schema answers, run by *execute*."""
        self.store.mutations = 0
        document = parse(operation.text)
        return execute(
            self.schema,
            document,
            Below(root_of(document)),
            variable_values=operation.variables,
            field_resolver=plain_resolver(self.store),
            type_resolver=lambda below, *_: below.thing.type_name,
        )

    def plan(self, operation: Operation) -> str:
        """The plan of *operation* as text, for a report."""
        try:
            return print_plan(Planner(load_supergraph(self.supergraph)).plan(tree_of(operation.text), self.labels))
        except Exception as error:  # noqa: BLE001  # whatever it is, it belongs in the report
            return f"no plan: {error!r}"
