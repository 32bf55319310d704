"""
What is noted of a plan while it runs, where somebody wants to know: which requests there were, when, and how they went.

    PlanRecord         one run
    └─ RequestRecord   one request to a subgraph

Instants are of the monotonic clock. Nothing is noted of values: neither of variables nor of answers.
"""

import time
from dataclasses import dataclass, field
from typing import Any

from trevo.plan.nodes import Fetch, QueryPlan


@dataclass(slots=True, eq=False)
class RequestRecord:
    """One request, as it went."""

    fetch: Fetch
    """Whose it is; a fetch for many entities may take several."""
    representations: int
    """Entities that it asks about, of all its calls; 0 for root fields."""
    began_at: float = field(default_factory=time.monotonic)
    ended_at: float | None = None
    """None as long as nothing has come of it."""
    request_bytes: int | None = None
    """That it has as JSON; None where it cannot be written, or has not ended."""
    response_bytes: int | None = None
    """That the answer has as JSON; None without one."""
    attempts: int = 0
    """How often it was sent: 0 where it was not, or where another request brought the answer."""
    status: int | None = None
    """Of HTTP, of the last attempt that was answered; None in process."""
    is_shared: bool = False
    """Whether another request, which asked the same at the same time, brought the answer."""
    error_count: int = 0
    """Errors that the answer reports."""
    failure: str | None = None
    """The code of the failure, where there is no answer."""

    def fail(self, code: str) -> None:
        """It is over now, without an answer."""
        self.ended_at, self.failure = time.monotonic(), code

    def take_answer(self, body: Any, size: int) -> None:
        """The answer is there now: *body*, of so many bytes; whether it is one, nobody has looked yet."""
        self.ended_at, self.response_bytes = time.monotonic(), size
        errors = body.get("errors") if isinstance(body, dict) else None
        self.error_count = len(errors) if isinstance(errors, list) else 0


@dataclass(slots=True, eq=False)
class PlanRecord:
    """One run of a plan."""

    began_at: float
    """When the client's request came, or the event of a subscription."""
    plan: QueryPlan | None = None
    """None as long as nothing is planned."""
    planned_at: float | None = None
    requests: list[RequestRecord] = field(default_factory=list)
    """In the order in which they began."""
    program: str | None = None
    """`done` where a program ran the plan, or why it gave up; None where there was none."""

    def take_plan(self, plan: QueryPlan) -> None:
        """*plan* is known now, and about to be run."""
        self.plan, self.planned_at = plan, time.monotonic()

    def begin(self, fetch: Fetch, representations: int) -> RequestRecord:
        """A request of *fetch* about so many entities begins."""
        request = RequestRecord(fetch, representations)
        self.requests.append(request)
        return request

    @classmethod
    def of(cls, plan: QueryPlan) -> "PlanRecord":
        """A run of *plan* that begins now."""
        now = time.monotonic()
        return cls(now, plan, now)
