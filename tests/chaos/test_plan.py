"""A seed says everything: who does what, what fails, and when."""

import pytest

from launch.databases import BROKER
from launch.queues import read_queues
from tests.chaos.deeds.every import DEEDS
from tests.chaos.faults import FAULTS
from tests.chaos.plan import LATER, LONG, PARTS, SHORT, Fault, Plan, make_plan

SEEDS = range(60)


def plans(form: str, *, can_stop_broker: bool = False) -> list[Plan]:
    return [make_plan(seed, form=form, size=LONG, can_stop_broker=can_stop_broker) for seed in SEEDS]


@pytest.mark.parametrize("form", ["in_process", "split"])
def test_a_seed_makes_the_same_plan_again(form: str) -> None:
    assert [str(plan) for plan in plans(form)] == [str(plan) for plan in plans(form)]


def test_seeds_make_different_plans() -> None:
    assert len({str(plan) for plan in plans("in_process")}) == len(SEEDS)


def test_every_deed_and_every_fault_is_in_some_plan() -> None:
    planned = [*plans("in_process"), *plans("split", can_stop_broker=True)]
    deeds = {deed.what for plan in planned for scene in plan.scenes for deed in scene.deeds}
    faults = {fault.what for plan in planned for scene in plan.scenes for fault in scene.faults}
    assert deeds == DEEDS.keys()
    assert faults == FAULTS.keys()


def test_only_parts_that_are_processes_are_killed_alone() -> None:
    faults = {fault.what for plan in plans("in_process") for scene in plan.scenes for fault in scene.faults}
    assert faults == {
        "kill the product", "cut the power", "kill the database", "cut connections", "send events again",
        "hold events back", "lose a queue", "carry badly",
    }  # fmt: skip


def test_any_queue_can_be_lost_and_any_database_cut_off_and_the_plan_says_which() -> None:
    planned = [make_plan(seed, form="in_process") for seed in range(1000)]
    faults = [fault for plan in planned for scene in plan.scenes for fault in scene.faults]
    numbers = [fault.number for fault in faults if fault.what == "lose a queue"]
    queues = len(read_queues())
    assert {number % queues for number in numbers if number is not None} == set(range(queues))
    assert {fault.part for fault in faults if fault.what == "cut connections"} == {*PARTS, BROKER}
    assert str(Fault("lose a queue", 3, number=41)) == "fault after 3 requests: lose a queue (number 41)"


def test_time_goes_forward() -> None:
    for plan in plans("split"):
        instants = [scene.begins for scene in plan.scenes if scene.begins is not None]
        assert len([scene for scene in plan.scenes if scene.name.startswith("month")]) == LONG.months
        assert instants == sorted(instants)


def test_a_short_plan_leaves_the_clock_alone_and_waits_for_nothing_that_takes_minutes() -> None:
    for seed in SEEDS:
        plan = make_plan(seed, form="in_process", size=SHORT)
        assert [scene.begins for scene in plan.scenes] == [None] * len(plan.scenes)
        terms = [deed.terms for scene in plan.scenes for deed in scene.deeds]
        ways = {term.get(name) for term in terms for name in ("webhook", "returned", "told")}
        assert ways & set(LATER) == set()
