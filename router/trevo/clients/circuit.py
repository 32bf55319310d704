"""
Whether a subgraph is asked at all.

    closed ──fails repeatedly──▶ open ──after a while──▶ half-open (one probe) ──answers──▶ closed, on trial
                                  ▲                               │                             │
                                  └────────does not answer────────┘     next request fails ─────┘

What counts is that nobody is there: no answer in time, no connection, an answer of 500 and more. Whoever answers
with an error of GraphQL is alive. Any answer forgets the failures before it, so a subgraph that fails now and then,
or in one of its replicas, is asked on.
"""

from collections import deque
from collections.abc import Callable
from enum import StrEnum

import structlog

from trevo.clients.subgraph_client import CircuitOpen
from trevo.config.limits import Limits

log = structlog.get_logger()


class State(StrEnum):
    CLOSED = "closed"
    HALF_OPEN = "half_open"
    OPEN = "open"


Tell = Callable[[str, str], None]
"""Told of each change: subgraph, new state."""


class Circuit:
    """The state of one subgraph. *now* is a clock that never goes back, in seconds."""

    def __init__(self, subgraph: str, limits: Limits, *, tell: Tell, now: Callable[[], float]) -> None:
        self.state = State.CLOSED
        self._subgraph = subgraph
        self._window_seconds = limits.circuit_window_seconds
        self._failures_max = limits.circuit_failures
        self._tell = tell
        self._now = now
        self._failed_at: deque[float] = deque(maxlen=limits.circuit_failures)
        self._is_on_trial = False
        tell(subgraph, self.state)

    def check(self) -> None:
        """Raises CircuitOpen unless the subgraph may be asked."""
        if self.state is not State.CLOSED:
            raise CircuitOpen(self._subgraph)

    def answered(self) -> None:
        """The subgraph has answered a request."""
        if self._failed_at or self._is_on_trial or self.state is not State.CLOSED:
            self._failed_at.clear()
            self._is_on_trial = False
            self._change(State.CLOSED)

    def failed(self) -> bool:
        """The subgraph has not answered a request, of which there was hope. True if that opens the circuit."""
        if self.state is not State.CLOSED:
            return False
        now = self._now()
        self._failed_at.append(now)
        is_repeated = len(self._failed_at) == self._failures_max and now - self._failed_at[0] <= self._window_seconds
        if not is_repeated and not self._is_on_trial:
            return False
        self._change(State.OPEN)
        return True

    def begin_probe(self) -> None:
        """It is time to see whether the subgraph answers again."""
        if self.state is State.OPEN:
            self._change(State.HALF_OPEN)

    def end_probe(self, *, has_answered: bool) -> None:
        """
        The probe is over.

        A probe asks for next to nothing. So after it one more failure is enough to open again, until a request has
        been answered.
        """
        if self.state is not State.HALF_OPEN:
            return
        if has_answered:
            self._failed_at.clear()
            self._is_on_trial = True
        self._change(State.CLOSED if has_answered else State.OPEN)

    def _change(self, state: State) -> None:
        if state is self.state:
            return
        # A line for each outage's begin and end; the probes between them are for the metric.
        if state is State.CLOSED:
            log.info("subgraph is asked again", subgraph=self._subgraph, circuit=state)
        elif self.state is State.CLOSED:
            log.error("subgraph is not asked for now", subgraph=self._subgraph, circuit=state)
        self.state = state
        self._tell(self._subgraph, state)
