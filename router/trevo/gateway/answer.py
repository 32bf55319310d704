"""One GraphQL request, from top to bottom."""

import random
import time
from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any

import structlog

from trevo.auth.forward_identity import headers_for_subgraphs
from trevo.auth.identity import Identity, Verifier, check_scope
from trevo.auth.request_info import RequestInfo
from trevo.clients.subgraph_client import DEADLINE_HEADER, Deadline
from trevo.config.settings import Settings
from trevo.door.cost import check_cost
from trevo.door.too_much import TooMuch
from trevo.errors import RequestRefused, refuse
from trevo.execute.execute_plan import execute_plan
from trevo.execute.execution import Execution
from trevo.gateway.admission import Admission
from trevo.gateway.engine import Engine, PreparedOperation
from trevo.gateway.override_labels import OverrideLabels
from trevo.gateway.permit import Permissions
from trevo.gateway.rate_limits import RateLimits
from trevo.gateway.request import GraphQLRequest, subscriber
from trevo.gateway.result import Result, failed, refused, write_response
from trevo.gateway.subscription import GRAPH_CHANGED, MADE_WAY, STOPPING, EventStream, Listening, serve_subscription
from trevo.observability.metrics import Metrics
from trevo.observability.tracing import Trace
from trevo.operation.parse import too_much
from trevo.operation.transport import check_operation_type
from trevo.operation.variables import read_variables
from trevo.projection.build import Introspection
from trevo.projection.conditions import check_conditions
from trevo.rates.rate_stores import RateStore

log = structlog.get_logger()


class Service:
    """What answering needs beside the request; the engine is exchanged at a reload, the rest stays."""

    def __init__(
        self,
        settings: Settings,
        verifier: Verifier | None,
        metrics: Metrics,
        rate_store: RateStore | None = None,
        *,
        permissions: Permissions,
        labels: OverrideLabels,
    ) -> None:
        limits = settings.limits
        self.settings = settings
        self.verifier = verifier
        self.metrics = metrics
        self.permissions = permissions
        self.labels = labels
        self.rates = RateLimits(settings.rates, metrics, rate_store)
        self.requests = Admission(
            limits.in_flight_max, metrics.in_flight, full=_too_many("TOO_MANY_REQUESTS_IN_FLIGHT", "The router is busy")
        )
        self.subscriptions = Admission(
            limits.subscriptions_max,
            metrics.subscriptions,
            full=_too_many("TOO_MANY_SUBSCRIPTIONS", "Too many subscriptions are open"),
            per_person_max=limits.subscriptions_per_person_max,
        )
        no_socket = _too_many("TOO_MANY_SOCKETS", "Too many web sockets are open")
        self.arriving_sockets = Admission(
            limits.sockets_arriving_max,
            metrics.sockets.labels("arriving"),
            full=no_socket,
            per_person_max=limits.sockets_per_address_max,
            makes_way=MADE_WAY,
        )
        self.anonymous_sockets = Admission(
            limits.sockets_anonymous_max,
            metrics.sockets.labels("anonymous"),
            full=no_socket,
            per_person_max=limits.sockets_per_address_max,
        )
        self.sockets = Admission(
            limits.sockets_max,
            metrics.sockets.labels("signed_in"),
            full=no_socket,
            per_person_max=limits.sockets_per_person_max,
        )

    async def identify(self, request: GraphQLRequest) -> Identity | None:
        """Who sent *request*; None without a token, or where tokens are not read here. Refuses as the verifier does."""
        if self.verifier is None:
            return None
        identity = await self.verifier.verify(request.headers.get("authorization"))
        check_scope(identity, self.settings.required_scope)
        return identity

    def stop(self) -> None:
        """End what stays open, so that the process can."""
        self.subscriptions.close(STOPPING)
        for sockets in (self.arriving_sockets, self.anonymous_sockets, self.sockets):
            sockets.close(STOPPING)


def _too_many(code: str, what: str) -> Callable[[], RequestRefused]:
    return lambda: refuse(
        code, f"{what}; try again in a moment.", status=503, is_transport=True, headers={"retry-after": "1"}
    )


async def answer(
    request: GraphQLRequest, trace: Trace, engine: Engine, service: Service, stream: EventStream | None = None
) -> Result:
    """
    Answer *request*. Never raises, except to be cancelled.

    A subscription's events go to *stream*; its result says how it ended. What is refused says why. Any other exception
    is a bug of ours: the client gets one sentence and the trace id, the log gets the rest.
    """
    started = time.perf_counter()
    result = Result()
    try:
        with engine.in_use():
            await _answer(request, trace, engine, service, result, stream=stream)
    except RequestRefused as refusal:
        refused(result, refusal)
    except Exception:
        log.exception("request failed", operation=result.operation_name)
        failed(result, trace)
    if result.ended is None:
        seconds = time.perf_counter() - started
        service.metrics.observe_request(result.operation_name, result.kind, result.outcome, seconds)
    return result


async def _answer(
    request: GraphQLRequest,
    trace: Trace,
    engine: Engine,
    service: Service,
    result: Result,
    *,
    stream: EventStream | None,
) -> None:
    settings = service.settings
    deadline = _deadline(request, settings)
    identity = await _count(request, service)

    prepared = await engine.prepare(request.query, request.operation_name)
    result.operation_name, result.kind = prepared.name, prepared.kind
    check_operation_type(prepared.operation, changes_nothing=request.changes_nothing, has_stream=stream is not None)
    variables = read_variables(engine.schema, prepared.operation, request.variables, settings.limits)
    _check_cost(prepared, variables.values, service, result)
    # Price and rates are of all that is written, whoever asks: so they can be told beforehand, and hide nothing.
    conditions = check_conditions(prepared.whole.condition_names, variables.conditions)
    root_fields = engine.projection(prepared.whole, conditions).root_fields
    await service.rates.count_root_fields(identity, request.address, root_fields)
    info = partial(_info_of, request, identity, prepared)
    failing = await service.permissions.failing(prepared.rule, identity, info, deadline)
    permitted = await engine.permit(prepared, failing)
    service.permissions.check(prepared, permitted, variables.conditions)
    projection = engine.projection(permitted, conditions)

    execution = Execution(
        clients=engine.clients,
        variables=variables.values,
        conditions=variables.conditions,
        deadline=deadline,
        limits=settings.limits,
        headers=headers_for_subgraphs(request.headers, trace, request.address, settings),
        passed_extensions=settings.subgraph_error_extensions,
        observe=service.metrics.observe_fetch,
        observe_company=service.metrics.observe_company,
    )
    labels = await service.labels.active(engine.override_labels, info, deadline)
    introspected = await engine.introspect(prepared, variables.values)
    if stream is not None and prepared.kind == "subscription":
        plan = await engine.plan(permitted, labels)
        expires_at = identity.expires_at if identity else None
        listening = Listening(plan, projection, execution, introspected, expires_at, prepared.name)
        with service.subscriptions.admit(identity.person if identity else subscriber(request.address)) as admitted:
            if engine.is_retired:
                admitted.end(GRAPH_CHANGED)
            result.ended = await serve_subscription(listening, admitted, stream, service.metrics)
        return
    if not all(isinstance(field.shape, Introspection) for field in projection.root_fields):
        await execute_plan(await engine.plan(permitted, labels), execution)
    result.data, result.errors = await write_response(projection, execution, introspected)
    result.was_executed = True
    if random.random() < settings.limits.cost_measured_share:  # noqa: S311  # a share of requests, not a secret
        service.metrics.cost_actual.observe(prepared.price.measure(result.data, variables.values))


def _check_cost(prepared: PreparedOperation, variables: Mapping[str, Any], service: Service, result: Result) -> None:
    """
    Note in *result* what the request will cost.

    The whole request is one operation, over HTTP as in a socket's message; so the operation's cost is the request's.
    Refuses with `COST_ESTIMATED_TOO_EXPENSIVE` and `COST_SLICING_ARGUMENT_REQUIRED`.
    """
    try:
        result.cost = prepared.price.estimate(variables)
        service.metrics.cost_estimated.observe(result.cost)
        check_cost(result.cost, service.settings.limits.cost_max)
    except TooMuch as excess:
        service.metrics.cost_refused.labels(excess.code).inc()
        raise too_much(excess) from None


async def _count(request: GraphQLRequest, service: Service) -> Identity | None:
    """Who asks, for one operation more. A token that is refused counts for the address that sent it."""
    try:
        identity = await service.identify(request)
    except RequestRefused:
        await service.rates.count_operation(None, request.address)
        raise
    await service.rates.count_operation(identity, request.address)
    return identity


def _deadline(request: GraphQLRequest, settings: Settings) -> Deadline:
    seconds = settings.limits.deadline_seconds
    offered = request.headers.get(DEADLINE_HEADER)
    if offered is None:
        return Deadline.after(seconds)
    if not offered.isascii() or not offered.isdecimal() or len(offered) > 9:
        raise refuse("BAD_REQUEST", f"'{DEADLINE_HEADER}' must be a whole number of milliseconds.", is_transport=True)
    return Deadline.after(min(seconds, int(offered) / 1000))


def _info_of(request: GraphQLRequest, identity: Identity | None, prepared: PreparedOperation) -> RequestInfo:
    headers = MappingProxyType(dict(request.headers))
    return RequestInfo(identity, headers, request.address, prepared.name, prepared.kind)
