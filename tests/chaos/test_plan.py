"""A seed says everything: who does what, what fails, and when."""

import pytest

from tests.chaos.deeds.every import DEEDS
from tests.chaos.faults import FAULTS
from tests.chaos.plan import LONG, SHORT, Plan, make_plan

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
        assert {term.get("webhook") for term in terms} & {"late", "lost"} == set()
        assert {term.get("returned") for term in terms} & {"late", "never"} == set()
