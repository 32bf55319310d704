"""JSON logs, one line per event, each with the correlation id. Tokens and values of variables are never logged."""

import logging
from collections.abc import MutableMapping
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

    def add_worker(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        return event if worker is None else {**event, "worker": worker}

    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            add_correlation_id,
            add_worker,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(serializer=_dumps),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping().get(level.upper(), 20)),
        cache_logger_on_first_use=True,
    )


def _dumps(event: Any, **_options: Any) -> str:
    return orjson.dumps(event, default=str).decode()
