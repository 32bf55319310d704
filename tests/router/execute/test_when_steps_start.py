"""When a part of a plan is asked: as soon as it can be, together with others where these are not late."""

import asyncio
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

import pytest

from tests.router.written_outputs import written_outputs
from trevo.clients.subgraph_client import Deadline, SubgraphFailed, SubgraphRequest, SubgraphResponse
from trevo.config.limits import Limits
from trevo.door.exact_json import copy_tree
from trevo.execute.company import Company
from trevo.execute.execute_plan import execute_plan
from trevo.execute.execution import Execution
from trevo.execute.prepare import prepare_plan
from trevo.plan.conditions import ALWAYS, Condition
from trevo.plan.documents import write_entities
from trevo.plan.nodes import EntityCall, Fetch, Key, Part, QueryPlan, RepresentationField, RepresentationInput

ID = RepresentationField("id", "id", is_key=True)
WEIGHT = RepresentationField("weight", "weight")

DEPENDS = "This depends on data that could not be fetched."

ONE = {"_entities": [{"seen": 1}]}
OTHER = {"_entities": [{"seen": 2}]}
BOTH = {"_e0": ONE["_entities"], "_e1": OTHER["_entities"]}


class Fake:
    """A subgraph that gives its answers one after another, at once or from when it may."""

    def __init__(self, *answers: Mapping[str, Any] | Exception, held: bool = False) -> None:
        self._answers = list(answers)
        self.requests: list[SubgraphRequest] = []
        self.asked = asyncio.Event()
        self.may_answer = asyncio.Event()
        self.was_cancelled = False
        if not held:
            self.may_answer.set()

    async def send(self, request: SubgraphRequest) -> SubgraphResponse:
        self.requests.append(request)
        self.asked.set()
        try:
            await self.may_answer.wait()
        except asyncio.CancelledError:
            self.was_cancelled = True
            raise
        answer = self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return SubgraphResponse({"data": copy_tree(answer)})


def root(subgraph: str, field: str, number: int, *after: int, kind: str = "query", when: Condition = ALWAYS) -> Fetch:
    text = f"{{ {field} }}"
    return Fetch(subgraph, kind, text, (Part(number, after, frozenset({when})),), outputs=written_outputs(text))


def call(key: str, field: str, *members: RepresentationField) -> EntityCall:
    input_ = RepresentationInput(frozenset({"P"}), "P", (ID, *members))
    text = f"{{ ... on P {{ {field} }} }}"
    return EntityCall(((Key(key),),), (input_,), text, written_outputs(text))


def entities(subgraph: str, calls: tuple[EntityCall, ...], *parts: Part) -> Fetch:
    return Fetch(subgraph, "query", write_entities(calls, {}), parts, calls=calls)


def two_calls(number: int, first_after: int, second_after: int) -> Fetch:
    """One request of `s` for what stands at `x` and what stands at `y`."""
    x, y = call("x", "seen"), call("y", "seen")
    parts = Part(number, (first_after,), call=0, alone=x), Part(number + 1, (second_after,), call=1, alone=y)
    return entities("s", (x, y), *parts)


def an_execution(clients: Mapping[str, Fake], **options: Any) -> Execution:
    defaults: dict[str, Any] = {"conditions": {}, "variables": {}, "deadline": Deadline.after(60)}
    return Execution(clients=clients, **{**defaults, **options})  # type: ignore[arg-type]


def run(execution: Execution, *fetches: Fetch) -> asyncio.Task[None]:
    return asyncio.create_task(execute_plan(prepare_plan(QueryPlan(fetches)), execution))


def sent_ids(fake: Fake) -> list[list[list[str]]]:
    """Of each request: of each of its calls, the ids."""
    return [[[each["id"] for each in one] for one in request.variables.values()] for request in fake.requests]


def thing(key: str) -> dict[str, Any]:
    return {key: {"id": f"{key}1"}}


async def test_a_step_starts_when_what_it_needs_is_there_though_a_sibling_hangs() -> None:
    fakes = {"quick": Fake({"a": 1}), "hanging": Fake({"b": 2}, held=True), "next": Fake({"c": 3})}
    execution = an_execution(fakes)
    running = run(execution, root("quick", "a", 0), root("hanging", "b", 1), root("next", "c", 2, 0))
    await fakes["next"].asked.wait()
    assert not running.done()
    fakes["hanging"].may_answer.set()
    await running
    assert execution.data == {"a": 1, "b": 2, "c": 3}


async def test_and_so_does_all_that_follows() -> None:
    fakes = {name: Fake({name: 1}) for name in "abcd"} | {"hanging": Fake({"h": 1}, held=True)}
    steps = [root(name, name, number + 1, *([number] if number else [])) for number, name in enumerate("abcd")]
    running = run(an_execution(fakes), root("hanging", "h", 0), *steps)
    await fakes["d"].asked.wait()
    fakes["hanging"].may_answer.set()
    await running


async def test_a_step_waits_for_all_that_it_needs() -> None:
    fakes = {"a": Fake({"a": 1}), "b": Fake({"b": 1}, held=True), "c": Fake({"c": 1})}
    seen: list[str] = []

    def observe(subgraph: str, _seconds: float, _outcome: str) -> None:
        seen.append(subgraph)
        fakes["b"].may_answer.set()

    await run(an_execution(fakes, observe=observe), root("a", "a", 0), root("b", "b", 1), root("c", "c", 2, 0, 1))
    assert seen == ["a", "b", "c"]


async def test_parts_that_are_ready_in_time_go_together() -> None:
    fakes = {"a": Fake(thing("x")), "b": Fake(thing("y"), held=True), "s": Fake(BOTH)}
    told: list[tuple[str, bool]] = []
    execution = an_execution(
        fakes,
        limits=Limits(company_deadline_share=1),
        observe=lambda *_: fakes["b"].may_answer.set(),
        observe_company=lambda subgraph, _seconds, is_whole: told.append((subgraph, is_whole)),
    )
    await run(execution, root("a", "x", 0), root("b", "y", 1), two_calls(2, 0, 1))
    assert sent_ids(fakes["s"]) == [[["x1"], ["y1"]]]
    assert told == [("s", True)]


async def test_parts_that_are_ready_at_once_wait_for_nobody_and_are_not_told() -> None:
    fakes = {"a": Fake({**thing("x"), **thing("y")}), "s": Fake(BOTH)}
    told: list[object] = []
    execution = an_execution(fakes, observe_company=lambda *seen: told.append(seen))
    await run(execution, root("a", "x y", 0), two_calls(1, 0, 0))
    assert sent_ids(fakes["s"]) == [[["x1"], ["y1"]]]
    assert told == []


async def test_a_late_part_is_left_behind_and_goes_alone() -> None:
    fakes = {"a": Fake(thing("x")), "b": Fake(thing("y"), held=True), "s": Fake(ONE, OTHER)}
    told: list[tuple[str, bool]] = []
    execution = an_execution(
        fakes,
        limits=Limits(company_deadline_share=0),
        observe_company=lambda subgraph, _seconds, is_whole: told.append((subgraph, is_whole)),
    )
    running = run(execution, root("a", "x", 0), root("b", "y", 1), two_calls(2, 0, 1))
    await fakes["s"].asked.wait()
    assert sent_ids(fakes["s"]) == [[["x1"]]]
    fakes["b"].may_answer.set()
    await running
    assert sent_ids(fakes["s"]) == [[["x1"]], [["y1"]]]
    alone = "query ($representations: [_Any!]!) { _entities(representations: $representations) { ... on P { seen } } }"
    assert [request.document for request in fakes["s"].requests] == [alone, alone]
    assert execution.data == {"x": {"id": "x1", "seen": 1}, "y": {"id": "y1", "seen": 2}}
    assert told == [("s", False)]


class StandInLoop:
    """A loop whose time stands still, and that notes for when it is told to call."""

    def __init__(self) -> None:
        self.delays: list[float] = []

    def time(self) -> float:
        return 100.0

    def call_later(self, delay: float, _callback: Callable[[], object]) -> None:
        self.delays.append(delay)


@pytest.mark.parametrize(
    ("took", "share", "seconds"),
    [(0.1, 0.02, 0.2), (0.1, 0.5, 5.0), (3.0, 0.02, 3.0), (7.0, 0.02, 5.0), (3.0, 0, 0)],
)
def test_the_wait_is_a_share_of_what_is_left_or_as_long_as_it_took(
    monkeypatch: pytest.MonkeyPatch, took: float, share: float, seconds: float
) -> None:
    loop = StandInLoop()
    monkeypatch.setattr("trevo.execute.company.asyncio", SimpleNamespace(get_running_loop=lambda: loop))
    monkeypatch.setattr(Deadline, "seconds_left", lambda _deadline: 10.0)
    execution = an_execution({}, limits=Limits(company_deadline_share=share))
    plan = prepare_plan(QueryPlan((root("a", "x", 0), root("b", "y", 1), two_calls(2, 0, 1))))
    company = Company(plan.fetches[2], execution, begun=100.0 - took, leave=lambda _parts: None)
    company.join(plan.fetches[2].parts[0])
    assert company.leave_if_whole() is None
    assert loop.delays == [seconds]


async def test_what_needs_the_early_part_does_not_wait_for_the_late_one() -> None:
    fakes = {"a": Fake(thing("x")), "b": Fake(thing("y"), held=True), "s": Fake(ONE, OTHER), "next": Fake({"c": 1})}
    execution = an_execution(fakes, limits=Limits(company_deadline_share=0))
    running = run(execution, root("a", "x", 0), root("b", "y", 1), two_calls(2, 0, 1), root("next", "c", 4, 2))
    await fakes["next"].asked.wait()
    fakes["b"].may_answer.set()
    await running


async def test_nobody_waits_for_a_part_whose_condition_does_not_hold() -> None:
    x, y = call("x", "seen"), call("y", "seen")
    unwanted = frozenset({frozenset({("wanted", True)})})
    fakes = {"a": Fake(thing("x")), "b": Fake(thing("y"), held=True), "s": Fake(ONE)}
    execution = an_execution(fakes, conditions={"wanted": False}, limits=Limits(company_deadline_share=1))
    parts = Part(2, (0,), call=0, alone=x), Part(3, (1,), unwanted, call=1, alone=y)
    running = run(execution, root("a", "x", 0), root("b", "y", 1), entities("s", (x, y), *parts))
    await fakes["s"].asked.wait()
    fakes["b"].may_answer.set()
    await running
    assert sent_ids(fakes["s"]) == [[["x1"]]]


async def test_what_needs_a_step_under_a_condition_that_does_not_hold_goes_after_what_that_needs() -> None:
    fakes = {"a": Fake({"a": 1}, held=True), "b": Fake({"b": 1}), "c": Fake({"c": 1})}
    execution = an_execution(fakes, conditions={"wanted": False})
    unwanted = frozenset({("wanted", True)})
    running = run(execution, root("a", "a", 0), root("b", "b", 1, 0, when=unwanted), root("c", "c", 2, 1))
    await fakes["a"].asked.wait()
    assert fakes["c"].requests == []
    fakes["a"].may_answer.set()
    await running
    assert execution.data == {"a": 1, "c": 1}


def whole_and_parts() -> Fetch:
    """One call of `s` for two fields, of which one requires a weight that comes from `scales`."""
    shelf, postage = call("x", "shelf"), call("x", "postage", WEIGHT)
    parts = Part(2, (0,), alone=shelf), Part(3, (1,), alone=postage)
    return entities("s", (call("x", "shelf postage", WEIGHT),), *parts)


def weighing() -> Fetch:
    weight = call("x", "weight")
    return entities("scales", (weight,), Part(1, (0,), alone=weight))


async def test_a_call_goes_in_parts_where_what_one_of_them_needs_is_late_and_the_data_are_the_same() -> None:
    fakes = {
        "a": Fake(thing("x")),
        "scales": Fake({"_entities": [{"weight": 3}]}),
        "s": Fake({"_entities": [{"shelf": 1, "postage": "p"}]}),
    }
    together = an_execution(fakes)
    await run(together, root("a", "x", 0), weighing(), whole_and_parts())
    assert [request.variables["representations"] for request in fakes["s"].requests] == [
        [{"__typename": "P", "id": "x1", "weight": 3}]
    ]

    fakes = {
        "a": Fake(thing("x")),
        "scales": Fake({"_entities": [{"weight": 3}]}, held=True),
        "s": Fake({"_entities": [{"shelf": 1}]}, {"_entities": [{"postage": "p"}]}),
    }
    apart = an_execution(fakes, limits=Limits(company_deadline_share=0))
    running = run(apart, root("a", "x", 0), weighing(), whole_and_parts())
    await fakes["s"].asked.wait()
    fakes["scales"].may_answer.set()
    await running
    assert [
        (request.variables["representations"], "shelf" in request.document, "postage" in request.document)
        for request in fakes["s"].requests
    ] == [
        ([{"__typename": "P", "id": "x1"}], True, False),
        ([{"__typename": "P", "id": "x1", "weight": 3}], False, True),
    ]
    assert apart.data == together.data == {"x": {"id": "x1", "weight": 3, "shelf": 1, "postage": "p"}}


async def test_a_part_whose_input_failed_is_not_sent_and_the_other_is() -> None:
    fakes = {
        "a": Fake(thing("x")),
        "scales": Fake(SubgraphFailed("down", code="DOWN")),
        "s": Fake({"_entities": [{"shelf": 1}]}),
    }
    execution = an_execution(fakes)
    await run(execution, root("a", "x", 0), weighing(), whole_and_parts())
    (request,) = fakes["s"].requests
    assert request.document == (
        "query ($representations: [_Any!]!) { _entities(representations: $representations) { ... on P { shelf } } }"
    )
    assert request.variables == {"representations": [{"__typename": "P", "id": "x1"}]}
    assert execution.data == {"x": {"id": "x1", "shelf": 1}}
    marked = execution.failures.by_object[id(execution.data["x"])]
    assert [(failure.message, outputs) for failure, outputs in marked] == [
        ("down", {"weight": {}}),
        (DEPENDS, {"postage": {}}),
    ]


async def test_a_step_whose_parents_failed_is_not_sent() -> None:
    below = Fetch("again", "mutation", "mutation { close }", (Part(1, (0,)),), path=(Key("open"),))
    fakes = {"a": Fake(SubgraphFailed("down", code="DOWN")), "again": Fake(), "s": Fake()}
    x = call("x", "seen")
    await run(
        an_execution(fakes), root("a", "open", 0, kind="mutation"), below, entities("s", (x,), Part(2, (0, 1), alone=x))
    )
    assert fakes["again"].requests == []
    assert fakes["s"].requests == []


async def test_mutations_run_in_their_order_and_after_one_that_failed_the_next_runs() -> None:
    fakes = {
        "a": Fake({"a": 1}, held=True),
        "b": Fake(SubgraphFailed("down", code="DOWN"), held=True),
        "c": Fake({"c": 1}),
    }
    execution = an_execution(fakes)
    running = run(
        execution,
        root("a", "a", 0, kind="mutation"),
        root("b", "b", 1, 0, kind="mutation"),
        root("c", "c", 2, 1, kind="mutation"),
    )
    await fakes["a"].asked.wait()
    assert fakes["b"].requests == []
    fakes["a"].may_answer.set()
    await fakes["b"].asked.wait()
    assert fakes["c"].requests == []
    fakes["b"].may_answer.set()
    await running
    assert execution.data == {"a": 1, "c": 1}


async def test_who_leaves_takes_along_what_is_under_way_and_what_waits() -> None:
    fakes = {"a": Fake(thing("x")), "b": Fake(thing("y"), held=True), "h": Fake({"h": 1}, held=True), "s": Fake()}
    execution = an_execution(fakes, limits=Limits(company_deadline_share=1))
    running = run(execution, root("a", "x", 0), root("b", "y", 1), root("h", "h", 2), two_calls(3, 0, 1))
    await asyncio.gather(*(fake.asked.wait() for name, fake in fakes.items() if name != "s"))
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert [fakes[name].was_cancelled for name in "bh"] == [True, True]
    assert fakes["s"].requests == []


async def test_a_bug_while_others_wait_ends_all() -> None:
    fakes = {"a": Fake(thing("x")), "b": Fake(ZeroDivisionError("bug"), held=True), "s": Fake()}
    execution = an_execution(fakes, observe=lambda *_: fakes["b"].may_answer.set())
    with pytest.raises(ExceptionGroup):
        await run(execution, root("a", "x", 0), root("b", "y", 1), two_calls(2, 0, 1))
    assert fakes["s"].requests == []


def test_a_plan_that_goes_round_in_a_circle_is_refused() -> None:
    with pytest.raises(ValueError, match="The part 0 of a plan needs the part 1, which is not before it"):
        prepare_plan(QueryPlan((root("a", "a", 0, 1), root("b", "b", 1, 0))))
