"""One GraphQL request, from top to bottom."""

import random
import re
import time
from dataclasses import dataclass, field
from typing import Any

import structlog

from router.api.read_request import GraphQLRequest
from router.auth.forward_identity import headers_for_subgraphs
from router.auth.identity import TokenVerifier, check_scope
from router.core.errors import ClientError, RequestRefused, refuse
from router.core.settings import Settings
from router.engine import Engine, Labels
from router.executor.execute_plan import execute_plan
from router.executor.execution import Execution
from router.executor.subgraph_client import DEADLINE_HEADER, Deadline
from router.observability.metrics import Metrics
from router.observability.tracing import Trace
from router.operation.validate import check_operation_type
from router.operation.variables import read_variables
from router.projection.build import Introspection
from router.projection.conditions import check_conditions
from router.projection.project_response import project_response

log = structlog.get_logger()


@dataclass(slots=True)
class Result:
    """What goes back to the client, whatever it came by."""

    errors: list[dict[str, Any]] = field(default_factory=list)
    data: dict[str, Any] | None = None
    was_executed: bool = False
    """False for a request that was refused: its response has no `data` at all (GraphQL 7.1)."""
    status: int = 200
    is_transport: bool = False
    headers: dict[str, str] = field(default_factory=dict)
    operation_name: str | None = None
    kind: str = "unknown"

    @property
    def body(self) -> dict[str, Any]:
        body: dict[str, Any] = {"errors": self.errors} if self.errors else {}
        if self.was_executed:
            body["data"] = self.data
        return body

    @property
    def outcome(self) -> str:
        if not self.was_executed:
            return "refused"
        return "errors" if self.errors else "ok"


@dataclass(frozen=True, slots=True)
class Service:
    """What answering needs beside the request; the engine is exchanged at a reload, the rest stays."""

    settings: Settings
    verifier: TokenVerifier | None
    metrics: Metrics


async def answer(request: GraphQLRequest, trace: Trace, engine: Engine, service: Service) -> Result:
    """
    Answer *request*. Never raises, except to be cancelled.

    What is refused says why. Any other exception is a bug of ours: the client gets one sentence and the trace id, the
    log gets the rest.
    """
    started = time.perf_counter()
    result = Result()
    try:
        with engine.in_use():
            await _answer(request, trace, engine, service, result)
    except RequestRefused as refusal:
        refused(result, refusal)
    except Exception:
        log.exception("request failed", operation=result.operation_name)
        failed(result, trace)
    service.metrics.observe_request(result.operation_name, result.kind, result.outcome, time.perf_counter() - started)
    return result


def refused(result: Result, refusal: RequestRefused) -> Result:
    """*result* as *refusal* says."""
    result.errors = [error.as_json() for error in refusal.errors]
    result.data, result.was_executed = None, False
    result.status, result.is_transport, result.headers = refusal.status, refusal.is_transport, refusal.headers
    return result


def failed(result: Result, trace: Trace) -> Result:
    """*result* after a bug: nothing of it is shown."""
    error = ClientError(
        "Something went wrong here; the trace id leads us to it.",
        "INTERNAL_SERVER_ERROR",
        extensions={"traceId": trace.correlation_id},
    )
    return refused(result, RequestRefused(error, status=500, is_transport=True))


async def _answer(request: GraphQLRequest, trace: Trace, engine: Engine, service: Service, result: Result) -> None:
    settings = service.settings
    deadline = _deadline(request, settings)
    if service.verifier is not None:
        identity = await service.verifier.verify(request.headers.get("authorization"))
        check_scope(identity, settings.required_scope)

    prepared = await engine.prepare(request.query, request.operation_name)
    result.operation_name, result.kind = prepared.name, prepared.kind
    check_operation_type(prepared.operation, only_queries=request.only_queries)
    variables = read_variables(engine.schema, prepared.operation, request.variables, settings.limits)
    projection = prepared.projection(check_conditions(prepared.condition_names, variables.conditions))

    execution = Execution(
        clients=engine.clients,
        variables=variables.values,
        conditions=variables.conditions,
        deadline=deadline,
        limits=settings.limits,
        headers=headers_for_subgraphs(request.headers, trace, request.peer, settings),
        passed_extensions=settings.subgraph_error_extensions,
        observe=service.metrics.observe_fetch,
    )
    introspected = await engine.introspect(prepared, variables.values)
    if not all(isinstance(field.shape, Introspection) for field in projection.root_fields):
        plan = await engine.plan(prepared, _active_labels(engine.override_labels, settings))
        await execute_plan(plan, execution)
    data, errors = project_response(projection, execution.data, execution.failures, introspected)
    result.data, result.was_executed = data, True
    result.errors = _bounded(errors, settings.limits.errors_max)


def _deadline(request: GraphQLRequest, settings: Settings) -> Deadline:
    seconds = settings.limits.deadline_seconds
    offered = request.headers.get(DEADLINE_HEADER)
    if offered is None:
        return Deadline.after(seconds)
    if not offered.isascii() or not offered.isdecimal() or len(offered) > 9:
        raise refuse("BAD_REQUEST", f"'{DEADLINE_HEADER}' must be a whole number of milliseconds.", is_transport=True)
    return Deadline.after(min(seconds, int(offered) / 1000))


_PERCENT = re.compile(r"percent\((\d{1,3}(?:\.\d{1,8})?)\)")


def _active_labels(known: Labels, settings: Settings) -> Labels:
    """The labels of progressive overrides that hold for this request; `percent(5)` holds for one in twenty."""
    if not known:
        return known
    drawn = random.random() * 100  # noqa: S311  # a share of requests, not a secret
    return frozenset(
        label
        for label in known
        if label in settings.active_override_labels
        or ((match := _PERCENT.fullmatch(label)) and drawn < float(match.group(1)))
    )


def _bounded(errors: list[ClientError], errors_max: int) -> list[dict[str, Any]]:
    unique = list({(error.message, error.code, error.path, error.service): error for error in errors}.values())
    shown = [error.as_json() for error in unique[:errors_max]]
    if len(unique) > errors_max:
        left_out = len(unique) - errors_max
        shown.append(ClientError(f"{left_out} more errors were left out.", "TOO_MANY_ERRORS").as_json())
    return shown
