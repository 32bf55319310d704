"""
One GraphQL request, from top to bottom.

    identify     who asks, until when; before that        identify.py
                 extensions: what came along (on_arrival) extensions/
    on_request   extensions: how often somebody may ask   extensions/
    find         the text, where only its name was sent   documents.py
    prepare      parsed, validated, priced, ruled         engine.py → prepared.py
    variables    checked, with defaults                   operation/
    on_operation extensions: what it may cost             extensions/
    defer        what of it may come later                engine.py → prepared.py
    permit       what of it somebody may have             permit.py
    labels       which progressive overrides hold         override_labels.py
    plan         whom to ask what; the answer's shape     engine.py
    on_plan      extensions                               extensions/
    share        whether the same is under way            shared_answers.py
    execute      ask, and write the answer                run_operation.py: program/, or execute/ and projection/
    conclude     extensions: figures, the log             conclude.py

Where something is deferred, `deliver.py` executes and writes, one part after another.

Each stage is called once. What a graph has worked out is kept by its engine (`engine.py`).
"""

import time
from collections.abc import Awaitable, Callable
from functools import partial

import structlog

from trevo.auth.forward_identity import headers_for_subgraphs
from trevo.clients.subgraph_client import DEADLINE_HEADER, Deadline
from trevo.errors import RequestRefused
from trevo.execute.execution import Execution
from trevo.extensions.extensions import ExtensionFailed
from trevo.extensions.fetches import ToldClients
from trevo.extensions.told import ClientOperation, ClientRequest, PlannedOperation
from trevo.gateway.conclude import conclude
from trevo.gateway.deliver import Delivering, PartStream, deliver
from trevo.gateway.engine import Engine
from trevo.gateway.engine_use import EngineUse
from trevo.gateway.identify import identify
from trevo.gateway.prepared import Planned
from trevo.gateway.request import GraphQLRequest
from trevo.gateway.result import Result, failed, refused
from trevo.gateway.run_operation import run_operation
from trevo.gateway.service import Service
from trevo.gateway.subscription import EventStream, Listening, subscribe
from trevo.observability.tracing import Trace
from trevo.operation.transport import check_operation_type
from trevo.operation.variables import Variables, read_variables
from trevo.plan.nodes import Fetch
from trevo.projection.conditions import check_conditions

log = structlog.get_logger()


async def answer(
    request: GraphQLRequest,
    trace: Trace,
    engine: Engine,
    service: Service,
    stream: EventStream | None = None,
    *,
    parts: PartStream | None = None,
) -> Result:
    """
    Answer *request*. Never raises, except to be cancelled.

    A subscription's events go to *stream*; its result says how it ended. What an operation defers goes to *parts*, with
    what comes before it; without *parts* nothing is deferred. What is refused says why. Any other exception is a bug of
    ours, or of an extension: the client gets one sentence and the trace id, the log gets the rest.
    """
    started = time.perf_counter()
    result = Result()

    async def end() -> None:
        await conclude(result, service.extensions, time.perf_counter() - started)

    use = EngineUse(engine)
    del engine  # a subscription may outlive it
    try:
        listening = await _answer(request, trace, use.engine, service, result, stream=stream, parts=parts, end=end)
        if listening is not None and stream is not None:
            door, last = service.subscriptions, request.last_event_id
            result.ended = await subscribe(listening, stream, use, door, service.metrics, last_event_id=last)
    except RequestRefused as refusal:
        refused(result, refusal)
    except ExtensionFailed:
        failed(result, trace)
    except Exception:
        log.exception("request failed", operation=result.operation_name)
        failed(result, trace)
    finally:
        use.end()
    await end()
    return result


async def _answer(
    request: GraphQLRequest,
    trace: Trace,
    engine: Engine,
    service: Service,
    result: Result,
    *,
    stream: EventStream | None,
    parts: PartStream | None,
    end: Callable[[], Awaitable[None]],
) -> Listening | None:
    """Fill *result*; what is to be listened to, where that is a subscription."""
    extensions, limits = service.extensions, service.settings.limits
    asked = result.request = await identify(request, trace, service)
    reply = await extensions.on_request(asked)
    if asked.refusal is not None:
        raise asked.refusal
    if reply is not None:
        result.answer(reply.data, [error.as_json() for error in reply.errors])
        return None
    text = await service.documents.find(request, asked)
    prepared = await engine.prepare(text, asked.operation_name)
    await service.documents.keep(request)
    result.operation_name, result.kind = prepared.name, prepared.kind
    check_operation_type(prepared.tree, changes_nothing=request.changes_nothing, has_stream=stream is not None)
    variables = read_variables(engine.schema, prepared.tree, asked.variables, limits)
    check_conditions(prepared.condition_names, variables.conditions)
    root_fields = partial(engine.root_fields, prepared, variables)
    operation = ClientOperation(asked, prepared.name, prepared.kind, variables.values, prepared.price, root_fields)
    result.operation = operation
    await extensions.on_operation(operation)
    if parts is not None:
        prepared = await engine.defer(prepared, variables)
    permitted = await service.permissions.permit(operation, prepared, variables.conditions, engine)
    labels = await service.labels.active(engine.override_labels, operation.info, asked.deadline)
    planned = await engine.plan(prepared, permitted, variables, labels)
    if asked.record is not None:
        asked.record.take_plan(planned.plan.node)
    if extensions.looks_at_plans:
        await extensions.on_plan(PlannedOperation(operation, _fetches_of(planned)))
    execution = _execution_of(asked, variables, engine, service)
    if stream is not None and prepared.kind == "subscription":
        plan_anew = partial(_plan_anew, operation, text, service)
        return Listening(planned, execution, operation, extensions, engine.clients, plan_anew)
    if parts is not None and prepared.deferrals:
        await deliver(Delivering(permitted.written, planned, execution, trace, end), result, parts, service.metrics)
        return None
    key = None
    may_share = stream is None and asked.record is None and DEADLINE_HEADER not in request.headers
    if may_share and not extensions.looks_at_fetches:
        key = engine.shared.key_of(asked, prepared, permitted, planned, labels=labels, execution=execution)
    run = partial(run_operation, planned, execution, service.metrics)
    # What an extension tells subgraphs shows in no header that a cache could tell answers apart by.
    is_as_asked = asked.headers is request.headers and not extensions.looks_at_fetches
    seconds_kept = prepared.seconds_kept if is_as_asked else 0
    if key is None:
        result.take(await run(), seconds_kept=seconds_kept)
    else:
        answered, is_shared = await engine.shared.get(key, execution, run)
        result.take(answered, is_shared=is_shared, seconds_kept=seconds_kept)
    return None


async def _plan_anew(operation: ClientOperation, text: str, service: Service, engine: Engine) -> Listening:
    """
    *operation*, a subscription that goes on with the graph of *engine*: the stages that look at the graph, once more.

    Nobody has asked again: rates and prices are as they were. Refuses as the stages do.
    """
    asked, limits = operation.request, service.settings.limits
    async with service.going_over:
        asked.deadline = Deadline.after(limits.deadline_seconds)
        prepared = await engine.prepare(text, asked.operation_name)
        variables = read_variables(engine.schema, prepared.tree, asked.variables, limits)
        check_conditions(prepared.condition_names, variables.conditions)
        permitted = await service.permissions.permit(operation, prepared, variables.conditions, engine)
        labels = await service.labels.active(engine.override_labels, operation.info, asked.deadline)
        planned = await engine.plan(prepared, permitted, variables, labels)
    operation.variables, operation.price = variables.values, prepared.price
    operation.root_fields = partial(engine.root_fields, prepared, variables)
    if asked.record is not None:
        asked.record.take_plan(planned.plan.node)
    if service.extensions.looks_at_plans:
        await service.extensions.on_plan(PlannedOperation(operation, _fetches_of(planned)))
    execution = _execution_of(asked, variables, engine, service)
    plan_anew = partial(_plan_anew, operation, text, service)
    return Listening(planned, execution, operation, service.extensions, engine.clients, plan_anew)


def _fetches_of(planned: Planned) -> tuple[Fetch, ...]:
    primary, others = planned.plan.primary, planned.plan.fetches
    return tuple(each.node for each in ((primary, *others) if primary else others))


def _execution_of(asked: ClientRequest, variables: Variables, engine: Engine, service: Service) -> Execution:
    settings, extensions = service.settings, service.extensions
    return Execution(
        clients=ToldClients(engine.clients, extensions, asked) if extensions.looks_at_fetches else engine.clients,
        variables=variables.values,
        conditions=variables.conditions,
        deadline=asked.deadline,
        limits=settings.limits,
        headers=headers_for_subgraphs(asked.headers, asked.trace, asked.address, settings),
        passed_extensions=settings.subgraph_error_extensions,
        observe=partial(extensions.after_fetch, asked),
        observe_company=service.metrics.observe_company,
        record=asked.record,
    )
