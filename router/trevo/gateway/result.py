"""What goes back to a client, whatever it came by."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import structlog

from trevo.door import exact_json
from trevo.errors import ClientError, RequestRefused
from trevo.execute.execution import Execution
from trevo.execute.long_work import TimeIsOver, do_beside
from trevo.extensions.told import ClientOperation, ClientRequest
from trevo.gateway.admission import End
from trevo.gateway.prepared import Planned
from trevo.gateway.shared_answers import Answered
from trevo.observability.tracing import Trace
from trevo.projection.project_response import project_response

log = structlog.get_logger()


OUT_OF_TIME = ClientError("There was no time left to write the whole answer; ask for less.", "DEADLINE_EXCEEDED")


@dataclass(slots=True)
class Result:
    """The answer to a request."""

    errors: list[dict[str, Any]] = field(default_factory=list)
    data: dict[str, Any] | None = None
    was_executed: bool = False
    """False for a request that was refused: its response has no `data` at all (GraphQL 7.1)."""
    status: int = 200
    is_transport: bool = False
    headers: dict[str, str] = field(default_factory=dict)
    request: ClientRequest | None = None
    """None where it was refused before it could be read."""
    operation: ClientOperation | None = None
    """None where it was refused before it was known."""
    operation_name: str | None = None
    kind: str = "unknown"
    extensions: dict[str, Any] = field(default_factory=dict)
    """Of the response."""
    parts: int = 0
    """In how many the answer was sent, with the one that is being sent; 0 where it is to be sent whole."""
    later_errors: list[dict[str, Any]] = field(default_factory=list)
    """In the parts after the first."""
    is_concluded: bool = False
    """Whether extensions were told of it."""
    ended: End | None = None
    """Of a subscription whose events were sent already: why no more will come."""
    is_shared: bool = False
    """Whether it is the answer to another request that asked the same."""
    answered: Answered | None = None
    """What it was taken from, for whoever writes it."""
    is_batch: bool = False
    """Whether it is the answers to several requests, as an array."""
    seconds_kept: int = 0
    """For how long anybody may keep it; 0: nobody may."""

    def answer(self, data: dict[str, Any] | None, errors: list[dict[str, Any]]) -> None:
        """It was executed, and this is what came of it."""
        self.data, self.errors, self.was_executed = data, errors, True

    def take(self, answered: Answered, *, is_shared: bool = False, seconds_kept: int = 0) -> None:
        """Be what an execution came to; without errors it may be kept for *seconds_kept*."""
        self.answer(answered.data, answered.errors)
        self.answered, self.is_shared = answered, is_shared
        self.seconds_kept = 0 if answered.errors else seconds_kept

    @property
    def body(self) -> dict[str, Any]:
        body = response_body(self.errors, self.data) if self.was_executed else {"errors": self.errors}
        return {**body, "extensions": self.extensions} if self.extensions else body

    @property
    def outcome(self) -> str:
        if not self.was_executed:
            return "refused"
        return "errors" if self.errors or self.later_errors else "ok"


def response_body(errors: list[dict[str, Any]], data: dict[str, Any] | None) -> dict[str, Any]:
    """A response of an executed operation (GraphQL 7.1)."""
    return {"errors": errors, "data": data} if errors else {"data": data}


class ErrorAllowance:
    """How many errors may still be told in one response."""

    def __init__(self, errors_max: int) -> None:
        self._left = errors_max
        self.told: list[dict[str, Any]] = []
        """Those that were, and once that others were left out."""
        self._has_left_out = False

    def shown(self, errors: Iterable[ClientError]) -> list[dict[str, Any]]:
        """*errors*, each once and as many as may be; one more says how many were left out."""
        unique = list({(error.message, error.code, error.path, error.service): error for error in errors}.values())
        shown = [error.as_json() for error in unique[: self._left]]
        left_out = len(unique) - len(shown)
        self._left -= len(shown)
        self.told += shown
        if left_out:
            shown.append(ClientError(f"{left_out} more errors were left out.", "TOO_MANY_ERRORS").as_json())
            self.told += shown[-1:] if not self._has_left_out else ()
            self._has_left_out = True
        return shown


def shown_errors(errors: Iterable[ClientError], errors_max: int) -> list[dict[str, Any]]:
    """*errors*, each once and so many at most, in a response that comes whole."""
    return ErrorAllowance(errors_max).shown(errors)


async def write_response(planned: Planned, execution: Execution) -> tuple[dict[str, Any] | None, list[dict[str, Any]]]:
    """`data` and `errors` as the client sees them; no data where the deadline came before all was written."""

    def write() -> tuple[dict[str, Any] | None, list[dict[str, Any]]]:
        data, errors = project_response(planned.projection, execution.data, execution.failures, planned.introspected)
        return data, shown_errors(errors, execution.limits.errors_max)

    try:
        return await do_beside(execution.size, execution.deadline, write)
    except TimeIsOver:
        return None, [OUT_OF_TIME.as_json()]


def refused(result: Result, refusal: RequestRefused) -> Result:
    """*result* as *refusal* says."""
    result.errors = [error.as_json() for error in refusal.errors]
    result.data, result.was_executed, result.answered, result.seconds_kept = None, False, None, 0
    result.status, result.is_transport, result.headers = refusal.status, refusal.is_transport, dict(refusal.headers)
    return result


def failed(result: Result, trace: Trace) -> Result:
    """*result* after a bug: nothing of it is shown."""
    return refused(result, RequestRefused(masked_error(trace), status=500, is_transport=True))


def masked_error(trace: Trace) -> ClientError:
    """All that a client learns of a bug."""
    return ClientError(
        "Something went wrong here; the trace id leads us to it.",
        "INTERNAL_SERVER_ERROR",
        extensions={"traceId": trace.correlation_id},
    )


def encode_result(result: Result, trace: Trace) -> bytes:
    """The body of *result*; where it has no form in JSON, *result* becomes a failure of ours."""
    # What extensions add is this one's alone.
    answered = None if result.extensions else result.answered
    if answered is not None and answered.written is not None:
        return answered.written
    try:
        body = encode_json(result.body)
    except TypeError:
        log.exception("response cannot be written", operation=result.operation_name)
        return encode_json(failed(result, trace).body)
    if answered is not None:
        answered.written = body
    return body


def encode_event(body: dict[str, Any], trace: Trace) -> bytes:
    """One response of a stream, likewise."""
    try:
        return encode_json(body)
    except TypeError:
        log.exception("event cannot be written")
        return encode_json({"errors": [masked_error(trace).as_json()], "data": None})


def encode_json(document: Any) -> bytes:
    """*document* as JSON. Raises TypeError for what an in-process subgraph may bring and nobody can write."""
    return exact_json.dumps(document)
