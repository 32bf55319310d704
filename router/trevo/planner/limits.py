"""What planning one operation may cost."""

import time
from dataclasses import dataclass

from trevo.planner.errors import PlanningLimitError, PlanningTookLong


@dataclass(frozen=True, slots=True)
class PlanningLimits:
    """The bounds of one planning run."""

    seconds_max: float = 5.0
    """Of the planning thread's own CPU time: how busy the machine is must not decide what can be asked."""
    moves_max: int = 400_000
    """Moves looked at while searching; a usual operation needs some hundreds."""
    leaves_max: int = 20_000
    """Leaves to be reached, an interface's fields counted once per type where they must be asked by type."""
    decisions_max: int = 4
    """Conditions on which the order of a mutation's fields depends; each doubles the plan."""
    steps_max: int = 10_000
    """Fetch steps before they are put together."""
    fetches_max: int = 500
    """Requests of the finished plan."""


class Budget:
    """What is left of the limits; the stages charge it as they go."""

    def __init__(self, limits: PlanningLimits) -> None:
        self._limits = limits
        self._moves = 0
        self._leaves = 0
        self._thread_seconds_max = time.thread_time() + limits.seconds_max

    def charge_move(self) -> None:
        self._moves += 1
        if self._moves > self._limits.moves_max:
            raise _too_large("it can be answered in too many ways")
        if self._moves % 512 == 0:
            self.check_time()

    def charge_leaf(self) -> None:
        self._leaves += 1
        if self._leaves > self._limits.leaves_max:
            raise _too_large("its fields on interfaces and unions stand for too many types")

    def check_time(self) -> None:
        if time.thread_time() > self._thread_seconds_max:
            reason = f"planning took longer than {self._limits.seconds_max:g} seconds of CPU time"
            raise PlanningTookLong(_message(reason))

    def check_decisions(self, decisions: int) -> None:
        if decisions > self._limits.decisions_max:
            raise _too_large("the order of its fields depends on too many conditions")

    def check_steps(self, steps: int) -> None:
        self.check_time()
        if steps > self._limits.steps_max:
            raise _too_large("its fields are spread over too many subgraphs")

    def check_fetches(self, fetches: int) -> None:
        if fetches > self._limits.fetches_max:
            raise _too_large(f"it needs {fetches} requests to subgraphs, more than {self._limits.fetches_max}")


def _too_large(reason: str) -> PlanningLimitError:
    return PlanningLimitError(_message(reason))


def _message(reason: str) -> str:
    return f"The operation is too large to plan: {reason}. Select fewer fields, or split it into several operations."
