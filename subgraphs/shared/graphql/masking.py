"""
What a client may read of an error.

Errors we raise for clients pass with their code. Everything else is a fault: the client gets one sentence, a code
and a trace id; the full text goes to the log under the same id.
"""

from typing import Any

import structlog
from graphql import GraphQLError

from subgraphs.shared.availability import is_bad_value, is_unavailable
from subgraphs.shared.correlation import correlation_id
from subgraphs.shared.refusal import Refusal

log = structlog.get_logger()


def error_code(error: GraphQLError, default: str) -> str:
    code = (error.extensions or {}).get("code")
    return code if isinstance(code, str) else default


def present_error(error: GraphQLError, *, subgraph: str, default_code: str = "BAD_USER_INPUT") -> dict[str, Any]:
    """*error* as a member of the response's `errors`, masked if it is a fault."""
    original = error.original_error
    formatted: dict[str, Any] = {"message": error.message}
    if error.locations:
        formatted["locations"] = [location.formatted for location in error.locations]
    if error.path is not None:
        formatted["path"] = list(error.path)
    if isinstance(original, Refusal) and not is_unavailable(original):
        # A rule said no where the schema has no union to say it in.
        formatted["extensions"] = {"code": type(original).__name__, "refusal": True}
        formatted["message"] = str(original) or type(original).__name__
    elif original is None or isinstance(original, GraphQLError):
        formatted["extensions"] = {**(error.extensions or {}), "code": error_code(error, default_code)}
    else:
        formatted |= _masked(error, original, subgraph)
    return formatted


def _masked(error: GraphQLError, original: BaseException, subgraph: str) -> dict[str, Any]:
    code, message = _sentence(original)
    log.error(
        "resolver failed",
        subgraph=subgraph,
        code=code,
        path=list(error.path or ()),
        exc_info=original,
    )
    return {"message": message, "extensions": {"code": code, "traceId": correlation_id.get()}}


def _sentence(error: BaseException) -> tuple[str, str]:
    if is_unavailable(error):
        return "SERVICE_UNAVAILABLE", "This part is not available at the moment; try again."
    if is_bad_value(error):
        return "BAD_USER_INPUT", "A value is out of range, or has characters that cannot be stored."
    return "INTERNAL_SERVER_ERROR", "Something went wrong here."
