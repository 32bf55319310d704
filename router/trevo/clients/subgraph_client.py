"""
How a subgraph is asked, whatever lies between: the request, the response, and the ways it can fail.

Two clients ask: `http_client.py` (another process) and `in_process.py` (a callable of this one). `guarded_client.py`,
`retrying_client.py`, `sharing_client.py` and `extensions/fetches.py` keep the same protocol in front of them.
"""

import time
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from trevo.plan.record import RequestRecord

DEADLINE_HEADER = "x-request-deadline-ms"
"""Milliseconds the caller will still wait; nothing is worth doing after that."""
LAST_EVENT_ID_HEADER = "last-event-id"
"""By which a client that comes back names the last event that it has."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """The moment after which nobody waits for the answer, on the monotonic clock."""

    at: float
    since: float = field(default_factory=time.monotonic, compare=False)
    """When the wait began, of the client's whole request: who has waited longest goes first where not all can go."""

    @classmethod
    def after(cls, seconds: float) -> "Deadline":
        now = time.monotonic()
        return cls(now + seconds, now)

    def seconds_left(self) -> float:
        return self.at - time.monotonic()

    def at_most(self, seconds: float) -> "Deadline":
        """This deadline or *seconds* from now, whichever comes first."""
        return Deadline(min(self.at, time.monotonic() + seconds), self.since)


@dataclass(frozen=True, slots=True)
class SubgraphRequest:
    """One operation for one subgraph."""

    document: str
    variables: dict[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    """Names in lower case."""
    deadline: Deadline = field(default_factory=lambda: Deadline.after(30))
    is_mutation: bool = False
    is_again: bool = False
    """Whether it was sent before, and nobody answered: it wants another connection."""
    record: RequestRecord | None = field(default=None, compare=False)
    """Where a client notes what becomes of it, if somebody wants to know."""


class SubgraphResponse(NamedTuple):
    """What came back, decoded but not yet trusted: `take_answer.py` checks its shape."""

    body: Any
    may_have_halves: bool = False
    """Whether halves of surrogate pairs may stand in its texts."""
    size: int = 0
    """Bytes that it has as JSON."""
    event_id: str | None = None
    """Of an event: its name, from which its subgraph can go on later. None: as before; empty: no more."""


class SubgraphFailed(Exception):
    """
    No usable answer. The message is written for the client; *detail* (addresses, texts of libraries) is for the log.
    *is_outage* says that nobody was there to answer, rather than that the answer or the request was bad;
    *is_unanswered* that this was so at once, before any answer of the subgraph had begun.
    """

    def __init__(
        self,
        message: str,
        *,
        code: str = "SUBREQUEST_FAILED",
        detail: str = "",
        is_outage: bool = False,
        is_unanswered: bool = False,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.detail = detail
        self.is_outage = is_outage
        self.is_unanswered = is_unanswered


class CircuitOpen(SubgraphFailed):
    """Nothing was sent, because the subgraph is known to be away."""

    def __init__(self, subgraph: str) -> None:
        message = f"The subgraph '{subgraph}' does not answer at the moment, so it was not asked; try again."
        super().__init__(message, code="SUBGRAPH_CIRCUIT_OPEN")


class SubgraphClient(Protocol):
    """Asks one subgraph."""

    async def send(self, request: SubgraphRequest) -> SubgraphResponse:
        """Raises SubgraphFailed; never waits past the request's deadline."""
        ...

    def subscribe(self, request: SubgraphRequest) -> AsyncGenerator[SubgraphResponse, None]:
        """
        Listen to the subscription *request*: its events, until the subgraph ends it or the generator is closed.

        The request's deadline is for the first sign of life; after that silence is bounded by the client's own
        limits, and the length by nothing. Raises SubgraphFailed.
        """
        ...

    async def close(self) -> None:
        """Give back connections."""
        ...
