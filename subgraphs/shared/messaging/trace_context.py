"""The correlation id and trace context of a message, restored for the work that it starts."""

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from subgraphs.shared.correlation import correlation_id, traceparent
from subgraphs.shared.messaging.event import Event

_TRACEPARENT = re.compile(r"00-(?P<trace>[0-9a-f]{32})-[0-9a-f]{16}-(?P<flags>[0-9a-f]{2})")


@contextmanager
def continued_from(event: Event, **shown: str) -> Iterator[None]:
    """
    Work inside was caused by *event*: what it records carries the same correlation id.

    Log lines show *shown* as well. The previous context comes back afterwards, even
    if the work raises.
    """
    correlation_token = correlation_id.set(event.correlation_id)
    trace_token = traceparent.set(child_of(event.traceparent))
    try:
        with structlog.contextvars.bound_contextvars(event_id=str(event.id), event_type=event.type, **shown):
            yield
    finally:
        traceparent.reset(trace_token)
        correlation_id.reset(correlation_token)


def child_of(parent: str | None) -> str | None:
    """
    A new span in *parent*'s trace.

    A malformed parent is dropped, as W3C Trace Context (section 3.2.2) asks, since
    it came from a peer.
    """
    match = _TRACEPARENT.fullmatch(parent or "")
    if match is None:
        return None
    return f"00-{match['trace']}-{secrets.token_hex(8)}-{match['flags']}"
