"""
A request that several parts want to go in, and how long those that are ready wait for the others.

    ready in part ──all ready──▶ goes whole
          │
          └──waited long enough──▶ goes without the late part, which goes alone when it is ready

Waiting saves the subgraph a request, and costs nobody anything as long as the late part is needed for the answer too.
But where what it waits for hangs, the answers that could be had must not hang with it.
"""

import asyncio
from collections.abc import Callable

import structlog

from trevo.execute.execution import Execution
from trevo.execute.prepare import PreparedFetch, PreparedPart

log = structlog.get_logger()


def patience(execution: Execution, *, took: float, waited: float = 0.0) -> float:
    """
    How many seconds what is ready waits for what is late, if it *took* so long to be ready and has *waited* so long.

    The share of what was left, or as long again as it took until then, up to half of what was left. Where everybody is
    late, as on a machine with too much to do, nobody hangs: more requests would make it worse.
    """
    share, left = execution.limits.company_deadline_share, execution.deadline.seconds_left() + waited
    return max(share * left, min(took, left / 2)) if share else 0.0


class Company:
    """
    The parts of *fetch* that are to go together, in a plan whose run *begun* at that time of the loop.

    Some may be ready *since* a time before this was made. *leave* is told which go without the others.
    """

    def __init__(
        self,
        fetch: PreparedFetch,
        execution: Execution,
        *,
        begun: float,
        since: float | None = None,
        leave: Callable[[list[PreparedPart]], None],
    ) -> None:
        self._fetch = fetch
        self._execution = execution
        self._begun = begun
        self._leave = leave
        self._missing = len(fetch.parts)
        """How many are to come."""
        if fetch.is_conditional:
            self._missing = sum(execution.hold(part.node.conditions) for part in fetch.parts)
        self._ready: list[PreparedPart] = []
        self._timer: asyncio.TimerHandle | None = None
        self._waits_since = since

    @property
    def is_waiting(self) -> bool:
        """Whether some are ready and have not left."""
        return self._timer is not None

    def join(self, part: PreparedPart) -> None:
        """*part* is ready."""
        self._ready.append(part)
        self._missing -= 1

    def leave_if_whole(self) -> list[PreparedPart] | None:
        """Those who go now, as nobody is missing; or None, and the others are waited for."""
        if not self._missing:
            if self._timer is not None:
                self._observe(is_whole=True)
            return self._take()
        if self._timer is None:
            loop = asyncio.get_running_loop()
            now = loop.time()
            if self._waits_since is None:
                self._waits_since = now
            waited = now - self._waits_since
            seconds = patience(self._execution, took=self._waits_since - self._begun, waited=waited)
            self._timer = loop.call_later(max(seconds - waited, 0.0), self._leave_without)
        return None

    def disband(self) -> None:
        """Nobody goes any more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _leave_without(self) -> None:
        log.info("request goes without a late part", subgraph=self._fetch.node.subgraph, late=self._missing)
        self._observe(is_whole=False)
        self._leave(self._take())

    def _take(self) -> list[PreparedPart]:
        self.disband()
        going, self._ready = self._ready, []
        return going

    def _observe(self, *, is_whole: bool) -> None:
        assert self._waits_since is not None  # noqa: S101  # whoever leaves late has waited
        seconds = asyncio.get_running_loop().time() - self._waits_since
        self._execution.observe_company(self._fetch.node.subgraph, seconds, is_whole)
