"""
One id from the router through subgraphs and events, so that a log line anywhere leads to all the others.

`traceparent` (W3C Trace Context) travels beside it for tracing tools.
"""

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

correlation_id: ContextVar[str | None] = ContextVar("correlation_id", default=None)
traceparent: ContextVar[str | None] = ContextVar("traceparent", default=None)

CORRELATION_HEADER = "x-correlation-id"
TRACEPARENT_HEADER = "traceparent"

_ACCEPTED = re.compile(r"[A-Za-z0-9._:-]{8,64}")
_TRACEPARENT = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")


def accept_correlation(offered: str | None) -> str:
    """The caller's id if it is one we would write to a log; a new one otherwise."""
    return offered if offered and _ACCEPTED.fullmatch(offered) else secrets.token_hex(12)


def accept_traceparent(offered: str | None) -> str | None:
    return offered if offered and _TRACEPARENT.fullmatch(offered) else None


@dataclass(frozen=True, slots=True)
class Origin:
    """What a piece of work belongs to, for who does it elsewhere."""

    correlation_id: str | None
    traceparent: str | None

    @classmethod
    def here(cls) -> "Origin":
        return cls(correlation_id.get(), traceparent.get())

    @contextmanager
    def restored(self) -> Iterator[None]:
        """What is recorded inside belongs to it."""
        correlation_token, trace_token = correlation_id.set(self.correlation_id), traceparent.set(self.traceparent)
        try:
            yield
        finally:
            traceparent.reset(trace_token)
            correlation_id.reset(correlation_token)
