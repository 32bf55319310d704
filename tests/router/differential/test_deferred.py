"""
What comes in parts of either form is, put together, the answer that comes whole; and first comes exactly what is not
deferred.

    pytest tests/router/differential/test_deferred.py --seed 7 --case 9      one of the cases again
"""

import asyncio
from collections import Counter
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import orjson
import pytest
from graphql import DocumentNode, ExecutionResult, OperationDefinitionNode, parse, print_ast, validate
from graphql.execution import experimental_execute_incrementally

from tests.router.differential.add_defer import add_defer
from tests.router.differential.cases import Cases
from tests.router.differential.compare import differences, unexplained
from tests.router.differential.delays import Delays
from tests.router.differential.findings import Findings
from tests.router.differential.make_operation import Operation, make_operation
from tests.router.differential.run_case import IMPATIENT, WIDE, Answers, Bench
from tests.router.differential.test_differential import CASES_PER_WORLD
from tests.router.differential.trouble import Trouble
from tests.router.differential.world import World
from tests.router.read_parts import put_fragments_together, put_together
from trevo.door.documents import fragments_by_name
from trevo.gateway.answer import answer
from trevo.gateway.request import GraphQLRequest
from trevo.gateway.write_parts import OF_2022, OF_THE_DRAFT
from trevo.observability.tracing import begin_trace
from trevo.operation.deferral import defer_parts, without_defer
from trevo.operation.tree import build_tree
from trevo.operation.variables import read_variables
from trevo.planner import Planner, PlanningError
from trevo.supergraph import load_supergraph
from trevo.supergraph.public_schema import with_defer

CASES_IN_SUITE = 100
READERS = {OF_THE_DRAFT: put_together, OF_2022: put_fragments_together}


class _Parts:
    is_left = False

    def __init__(self, form: str) -> None:
        self.form = form
        self.bodies: list[dict[str, Any]] = []

    async def open(self) -> None:
        """Nobody waits."""

    async def send_part(self, body: dict[str, Any], *, is_last: bool) -> None:
        assert body["hasNext"] is not is_last
        self.bodies.append(orjson.loads(orjson.dumps(body)))


class DeferringBench(Bench):
    """A world that is asked for parts."""

    def __init__(self, world: World, supergraph: str, schema: str) -> None:
        super().__init__(world, supergraph, schema)
        self.schema = with_defer(self.schema)
        self.planner = Planner(load_supergraph(supergraph))

    async def run(self, operation: Operation) -> Answers:
        answers = Answers(self.answer_plainly(_without_defer(operation)), {}, self.asked_twice(operation))
        delays, trouble = Delays(operation.seed), Trouble(operation.seed)
        # Every other case has it the other way round.
        forms = sorted(READERS, reverse=int(operation.seed.split()[-1]) % 2 == 1)
        for late, form in zip((None, delays), forms, strict=True):
            if not answers.problems:
                parts = await self.ask_for_parts(operation, answers, form, delays=late)
                answers.problems = answers.problems or self.judge(operation, answers, parts, READERS[form](parts))
        for late, form in zip((delays, None), forms, strict=True):
            if not answers.problems:
                parts = await self.ask_for_parts(operation, answers, form, trouble=trouble, delays=late)
                answers.actual = _in_order(READERS[form](parts), answers.expected)
                answers.problems += _unexplained(answers)
        return answers

    def judge(
        self, operation: Operation, answers: Answers, parts: list[dict[str, Any]], together: dict[str, Any]
    ) -> list[str]:
        answers.actual = _in_order(together, answers.expected)
        first = self.answer_at_once(operation)
        # Introspection asks nobody, and is never deferred.
        is_alike = "__schema" in operation.text or "__type(" in operation.text
        if not is_alike and not _may_come_first(parts[0]["data"], first, answers.expected["data"]):
            return ["what comes first is not what is wanted at once"]
        if together["failed"]:
            return _unexplained(answers)
        return differences(answers.expected, answers.actual)

    async def ask_for_parts(
        self,
        operation: Operation,
        answers: Answers,
        form: str,
        *,
        trouble: Trouble | None = None,
        delays: Delays | None = None,
    ) -> list[dict[str, Any]]:
        self.store.mutations = 0
        limits = IMPATIENT if delays else WIDE
        self.router.service.settings = self.router.service.settings.model_copy(update={"limits": limits})
        for subgraph in self.subgraphs.values():
            subgraph.violations.clear()
            subgraph.trouble, subgraph.delays = trouble, delays
        parts = _Parts(form)
        request = GraphQLRequest(operation.text, variables=operation.variables, headers={})
        result = await answer(request, begin_trace({}), self.router.engine, self.router.service, parts=parts)
        answers.problems += [text for each in self.subgraphs.values() for text in each.violations]
        if not result.was_executed:
            answers.problems += [f"the router refuses: {each['message']}" for each in result.errors]
            return [{"data": None, "hasNext": False}]
        return parts.bodies or [{**orjson.loads(orjson.dumps(result.body)), "hasNext": False}]

    def asked_twice(self, operation: Operation) -> list[str]:
        """What the plan asks of one subgraph for the same objects twice, for whomever."""
        document = parse(operation.text)
        planned = next(each for each in document.definitions if isinstance(each, OperationDefinitionNode))
        variables = read_variables(self.schema, build_tree(document, planned), operation.variables, WIDE)
        written = defer_parts(planned, fragments_by_name(document), variables.conditions, 100)
        try:
            plan = self.planner.plan(build_tree(DocumentNode(definitions=(written,)), written), self.labels)
        except PlanningError:
            return []
        calls = Counter(
            (fetch.subgraph, path, call.inputs, call.selections)
            for fetch in plan.fetches
            for call in fetch.calls
            for path in call.paths
        )
        return [f"a call is made {count} times: {call}" for call, count in calls.items() if count > 1]

    def answer_at_once(self, operation: Operation) -> Any:
        """What of the operation is not deferred, by one plain schema."""
        result = self.executed(experimental_execute_incrementally, operation)
        return result.data if isinstance(result, ExecutionResult) else result.initial_result.data


def _without_defer(operation: Operation) -> Operation:
    return replace(operation, text=print_ast(without_defer(parse(operation.text, no_location=True))))


def _may_come_first(actual: Any, wanted: Any, whole: Any) -> bool:
    """
    Whether *actual* is what is *wanted* at once, in that order.

    A subgraph that is asked at once for what is deferred too, and may not say null there, says null further up: as it
    stands in the *whole* answer.
    """
    if actual is None:
        return wanted is None or whole is None
    if isinstance(actual, dict) and isinstance(wanted, dict) and isinstance(whole, dict):
        return list(actual) == list(wanted) and all(
            _may_come_first(actual[key], wanted[key], whole[key]) for key in wanted
        )
    if isinstance(actual, list) and isinstance(wanted, list) and isinstance(whole, list):
        return len(actual) == len(wanted) == len(whole) and all(map(_may_come_first, actual, wanted, whole))
    return orjson.dumps(actual) == orjson.dumps(wanted)


def _in_order(together: dict[str, Any], expected: dict[str, Any]) -> dict[str, Any]:
    """The answer with its keys in the order in which the whole answer has them."""

    def order(actual: Any, wanted: Any) -> Any:
        if isinstance(actual, dict) and isinstance(wanted, dict):
            keys = [*(key for key in wanted if key in actual), *(key for key in actual if key not in wanted)]
            return {key: order(actual[key], wanted.get(key)) for key in keys}
        if isinstance(actual, list) and isinstance(wanted, list) and len(actual) == len(wanted):
            return list(map(order, actual, wanted))
        return actual

    return {**together, "data": order(together["data"], expected.get("data"))}


def _unexplained(answers: Answers) -> list[str]:
    """What is wrong where something failed: beside what may be lost then, all of a fragment may be missing."""
    failed = [tuple(each["path"]) for each in answers.actual["failed"]]

    def fill(actual: Any, expected: Any, place: tuple[Any, ...]) -> Any:
        if any(place == path[: len(place)] for path in failed) and actual is not None and expected is None:
            return None
        if isinstance(actual, dict) and isinstance(expected, dict):
            lacks = any(place[: len(path)] == path for path in failed)
            return {
                key: fill(actual[key], value, (*place, key)) if key in actual else value
                for key, value in expected.items()
                if key in actual or lacks
            }
        if isinstance(actual, list) and isinstance(expected, list) and len(actual) == len(expected):
            return [fill(*pair, (*place, index)) for index, pair in enumerate(zip(actual, expected, strict=True))]
        return actual

    data = fill(answers.actual["data"], answers.expected["data"], ())
    return unexplained(answers.expected, {**answers.actual, "data": data})


@pytest.mark.timeout(0)
async def test_parts_put_together_are_the_whole_answer(cases: Cases) -> None:
    findings = Findings(partial(cases.replay, Path(__file__).name))
    bench: DeferringBench | None = None
    deferred = 0
    numbers = cases.numbers(CASES_IN_SUITE, one_in=4)
    for case in numbers:
        world_seed = cases.seed * 1_000_000 + case // CASES_PER_WORLD
        if bench is None or bench.world.seed != world_seed:
            if bench is not None:
                await bench.close()
            bench = DeferringBench.drawn(world_seed)
        operation = add_defer(make_operation(bench.schema, f"{cases.seed} {case}"))
        if operation.text.startswith("subscription") or validate(bench.schema, parse(operation.text)):
            continue
        deferred += "@defer" in operation.text
        answers = await bench.run(operation)
        if answers.problems:
            await findings.add(case, bench, operation, answers.problems)
        await asyncio.sleep(0)
    if bench is not None:
        await bench.close()
    if findings:
        pytest.fail(str(findings), pytrace=False)
    assert cases.case is not None or deferred > len(numbers) // 2
