"""
Structured logs: one JSON object per line, with the correlation id, and nothing in it that must not leak.

Masking works on the finished event by key and by shape, so that a careless `log.info(..., cpf=...)` or an
exception text with a number in it comes out masked as well.
"""

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog

from subgraphs.shared.correlation import correlation_id

_SECRET_KEYS = re.compile(
    r"cpf|cnpj|password|secret|token(?!_id)|authorization|pix_key|bank_account|account_number|branch|otp|recovery",
    re.IGNORECASE,
)
_CPF = re.compile(r"\b\d{3}\.?\d{3}\.?\d{3}-?\d{2}\b")
_JWT = re.compile(r"\beyJ[\w-]+\.[\w-]+\.[\w-]*")
_URL_PASSWORD = re.compile(r"(://[^:/\s@]+:)[^@\s]+@")
MASK = "***"


def mask_text(text: str) -> str:
    """*text* without CPFs, tokens and passwords in URLs."""
    text = _URL_PASSWORD.sub(rf"\1{MASK}@", text)
    return _JWT.sub(MASK, _CPF.sub(MASK, text))


def _mask(key: str, value: Any) -> Any:
    if value is not None and _SECRET_KEYS.search(key):
        return MASK
    if isinstance(value, str):
        return mask_text(value)
    if isinstance(value, Mapping):
        return {inner: _mask(str(inner), item) for inner, item in value.items()}
    if isinstance(value, list | tuple):
        if type(value).__repr__ is object.__repr__:
            return repr(value)  # a row of a person's: JSON would show what it does not say itself
        return [_mask(key, item) for item in value]
    return value


def mask_event(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor: the event with everything secret masked."""
    return {key: _mask(key, value) for key, value in event.items()}


def _add_correlation(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    if (current := correlation_id.get()) is not None:
        event.setdefault("correlation_id", current)
    return event


def configure_logging(*, level: str = "INFO") -> None:
    """Send all logs, the libraries' included, to standard error as masked JSON lines."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _add_correlation,
    ]
    finish: list[Any] = [
        structlog.processors.format_exc_info,
        mask_event,
        structlog.processors.JSONRenderer(),
    ]
    structlog.configure(
        processors=[*shared, *finish],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *finish],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    logging.getLogger("uvicorn.access").setLevel("WARNING")
