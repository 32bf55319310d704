"""
One GraphQL request, from top to bottom.

    identify     who asks, until when                     identify.py
    prepare      parsed, validated, priced, ruled         engine.py → prepared.py
    variables    checked, with defaults                   operation/
    price, rate  whether this may be asked, by anybody    door/cost, rate_limits.py
    permit       what of it, by this one                  permit.py
    labels       which progressive overrides hold         override_labels.py
    plan         whom to ask what; the answer's shape     engine.py
    execute      ask, and write the answer                run_operation.py: program/, or execute/ and projection/

Each stage is called once. What a graph has worked out is kept by its engine (`engine.py`).
"""

import random
import time
from collections.abc import Mapping
from functools import partial
from typing import Any

import structlog

from trevo.auth.forward_identity import headers_for_subgraphs
from trevo.door.cost import check_cost
from trevo.door.too_much import TooMuch
from trevo.errors import RequestRefused
from trevo.execute.execution import Execution
from trevo.gateway.engine import Engine
from trevo.gateway.identify import identify
from trevo.gateway.prepared import PreparedOperation
from trevo.gateway.request import ClientRequest, GraphQLRequest
from trevo.gateway.result import Result, failed, refused
from trevo.gateway.run_operation import run_operation
from trevo.gateway.service import Service
from trevo.gateway.subscription import EventStream, Listening, subscribe
from trevo.observability.tracing import Trace
from trevo.operation.parse import too_much
from trevo.operation.transport import check_operation_type
from trevo.operation.variables import Variables, read_variables
from trevo.projection.conditions import check_conditions

log = structlog.get_logger()


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
    limits = service.settings.limits
    asked = await identify(request, trace, service)
    prepared = await engine.prepare(asked.query, asked.operation_name)
    result.operation_name, result.kind = prepared.name, prepared.kind
    check_operation_type(prepared.tree, changes_nothing=request.changes_nothing, has_stream=stream is not None)
    variables = read_variables(engine.schema, prepared.tree, asked.variables, limits)
    check_conditions(prepared.condition_names, variables.conditions)
    # Price and rates are of all that is written, whoever asks: so they can be told beforehand, and hide nothing.
    _check_cost(prepared, variables.values, service, result)
    await service.rates.count_root_fields(asked, partial(engine.root_fields, prepared, variables))
    permitted = await service.permissions.permit(asked, prepared, variables, engine)
    labels = await service.labels.active(engine.override_labels, partial(asked.info, prepared), asked.deadline)
    planned = await engine.plan(prepared, permitted, variables, labels)
    execution = _execution_of(asked, variables, engine, service)
    if stream is not None and prepared.kind == "subscription":
        listening = Listening(planned, execution, asked, prepared.name)
        result.ended = await subscribe(listening, stream, engine, service.subscriptions, service.metrics)
        return
    result.data, result.errors = await run_operation(planned, execution, service.metrics)
    result.was_executed = True
    if random.random() < limits.cost_measured_share:  # noqa: S311  # a share of requests, not a secret
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


def _execution_of(asked: ClientRequest, variables: Variables, engine: Engine, service: Service) -> Execution:
    settings, metrics = service.settings, service.metrics
    return Execution(
        clients=engine.clients,
        variables=variables.values,
        conditions=variables.conditions,
        deadline=asked.deadline,
        limits=settings.limits,
        headers=headers_for_subgraphs(asked.headers, asked.trace, asked.address, settings),
        passed_extensions=settings.subgraph_error_extensions,
        observe=metrics.observe_fetch,
        observe_company=metrics.observe_company,
    )
