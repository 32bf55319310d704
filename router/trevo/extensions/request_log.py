"""The log's line of each request. Neither tokens nor values of variables are in it."""

import structlog

from trevo.extensions.extension import Extension
from trevo.extensions.told import ClientResponse

log = structlog.get_logger()

ERRORS_LOGGED_MAX = 5
"""Codes, of one response."""
SHARED = {"shared": True}
"""In the line of a request that waited for the answer to another."""


class RequestLog(Extension):
    """Writes it when the response is."""

    def on_response(self, response: ClientResponse) -> None:
        log.info(
            "request",
            operation=response.operation_name,
            kind=response.operation_kind,
            outcome=response.outcome,
            cost=response.operation.cost if response.operation else None,
            errors=[error["extensions"]["code"] for error in response.errors[:ERRORS_LOGGED_MAX]],
            **SHARED if response.is_shared else {},
            milliseconds=round(response.seconds * 1000, 2),
        )
