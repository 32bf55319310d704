"""
The fourth stage: fewer requests, same data.

Steps are put together first (`merge_siblings`), since only then it shows which of their fields are asked twice
(`drop_repeated`).
"""

from collections.abc import Sequence

from trevo.planner.build_fetch_steps import FetchStep
from trevo.planner.limits import Budget
from trevo.planner.merge_fetch_steps.drop_repeated import drop_repeated
from trevo.planner.merge_fetch_steps.merge_siblings import merge_siblings

__all__ = ["merge_fetch_steps"]


def merge_fetch_steps(steps: Sequence[FetchStep], budget: Budget) -> list[FetchStep]:
    """What is left of *steps*; together they ask the same."""
    budget.check_steps(len(steps))
    merged = drop_repeated(merge_siblings(steps))
    budget.check_time()
    return merged
