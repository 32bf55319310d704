"""
The ids of a request.

The *correlation id* is ours: it is in every log line, in masked errors as `traceId` and in the response's
`x-correlation-id`. The *traceparent* is W3C Trace Context, for tracing tools: subgraphs get the caller's trace with
the router as parent.
"""

import random
import re
from contextvars import ContextVar
from typing import NamedTuple

CORRELATION_HEADER = "x-correlation-id"
TRACEPARENT_HEADER = "traceparent"
TRACESTATE_HEADER = "tracestate"

_CORRELATION = re.compile(r"[A-Za-z0-9._:-]{8,64}")
_TRACEPARENT = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
_DIGITS = 24 + 15 + 31
"""Of a correlation id, a request's own id and a trace's; the last two begin with another."""
_ZEROES = re.compile(r"0+")

correlation_id: ContextVar[str] = ContextVar("router_correlation_id", default="")


class Trace(NamedTuple):
    """The ids of one request."""

    correlation_id: str
    traceparent: str
    tracestate: str | None = None


def begin_trace(headers: dict[str, str]) -> Trace:
    """The caller's ids where they are well-formed, new ones otherwise."""
    # They have to be unlike each other and keep no secret. A process that forks begins anew.
    drawn = f"{random.getrandbits(4 * _DIGITS):0{_DIGITS}x}"
    offered = headers.get(CORRELATION_HEADER)
    correlation = offered if offered is not None and _CORRELATION.fullmatch(offered) else drawn[:24]
    # An id of zeroes would be none.
    own = f"1{drawn[24:39]}"
    given = headers.get(TRACEPARENT_HEADER)
    parent = None if given is None else _read_traceparent(given)
    if parent is None:
        return Trace(correlation, f"00-1{drawn[39:]}-{own}-01")
    trace_id, flags = parent
    return Trace(correlation, f"00-{trace_id}-{own}-{flags}", headers.get(TRACESTATE_HEADER))


def _read_traceparent(header: str) -> tuple[str, str] | None:
    # Trace Context 3.2: a version we do not know is read as ours if it begins like it; ff and zero ids are invalid.
    match = _TRACEPARENT.fullmatch(header)
    if match is None:
        return None
    version, trace_id, parent_id, flags, rest = match.groups()
    if version == "ff" or (version == "00" and rest) or _ZEROES.fullmatch(trace_id) or _ZEROES.fullmatch(parent_id):
        return None
    return trace_id, flags
