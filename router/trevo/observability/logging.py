"""JSON logs, one line per event, each with the correlation id. Tokens and values of variables are never logged."""

import json
import logging
import sys
import time
from collections.abc import MutableMapping
from functools import partial
from typing import Any

import orjson
import structlog

from trevo.observability.tracing import correlation_id


def add_correlation_id(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor, also for embedders that configure structlog themselves."""
    if (current := correlation_id.get()) and "correlation_id" not in event:
        event["correlation_id"] = current
    return event


def configure_logging(level: str = "INFO", *, worker: int | None = None) -> None:
    """
    Set up structlog for a process that is only a router; each line of a *worker* has its number.

    An embedder configures its own and does not call this.
    """
    structlog.configure(
        # One step and not one for each thing: there is a line for each request.
        processors=[partial(_write_line, Clock(), {} if worker is None else {"worker": worker})],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping().get(level.upper(), 20)),
        logger_factory=structlog.BytesLoggerFactory(sys.stdout.buffer),
        cache_logger_on_first_use=True,
    )


class Clock:
    """The time of day as lines have it; what a second has in common with the one before is not written anew."""

    def __init__(self) -> None:
        self._second = 0
        self._text = ""

    def now(self) -> str:
        """In UTC, to the microsecond (RFC 3339)."""
        microseconds = time.time_ns() // 1_000
        second = microseconds // 1_000_000
        if second != self._second:
            self._second, self._text = second, time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))
        return f"{self._text}.{microseconds % 1_000_000:06d}Z"


def _write_line(
    clock: Clock, in_each: dict[str, Any], logger: Any, method: str, event: MutableMapping[str, Any]
) -> bytes:
    add_correlation_id(logger, method, event)
    event.update(in_each, level=method, timestamp=clock.now())
    if "exc_info" in event:
        event = structlog.processors.format_exc_info(logger, method, event)
    try:
        return orjson.dumps(event, default=str)
    except TypeError:
        # Nothing that is to be told may end what tells it.
        members = [f"{_as_json(str(key))}:{_as_json(value)}" for key, value in event.items()]
        return b"{" + ",".join(members).encode() + b"}"


def _as_json(value: Any) -> str:
    """*value* by itself: also long numbers and halves of surrogate pairs; what nobody can write is named."""
    try:
        return orjson.dumps(value, default=str).decode()
    except TypeError:
        pass
    try:
        return json.dumps(value, default=str, allow_nan=False)
    except Exception:  # noqa: BLE001  # whatever its own code raises
        return json.dumps(f"{type(value).__name__} that cannot be written")
