"""
One fetch, from the data tree and back to it: collect representations, ask, take the answer.

Its failure is noted at the objects that stay unfilled, and the plan goes on.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence
from dataclasses import replace
from typing import Any, TypeVar

import structlog

from trevo.clients.subgraph_client import (
    LAST_EVENT_ID_HEADER,
    CircuitOpen,
    Deadline,
    SubgraphClient,
    SubgraphFailed,
    SubgraphRequest,
    SubgraphResponse,
)
from trevo.door import exact_json
from trevo.execute.collect_parts import collect_parts
from trevo.execute.errors import Failure
from trevo.execute.execution import Execution
from trevo.execute.long_work import TimeIsOver, do_beside
from trevo.execute.prepare import PreparedFetch, PreparedPart
from trevo.execute.request import Request, request_for_root, requests_for_entities
from trevo.execute.response_path import find_objects
from trevo.execute.sent import Sent
from trevo.execute.take_answer import Answer, Merging, fail_calls, fail_request, read_answer
from trevo.plan.nodes import Fetch
from trevo.plan.record import PlanRecord, RequestRecord

T = TypeVar("T")

log = structlog.get_logger()

_NO_TIME = "There was no time left to take in the whole answer."


async def run_fetch(fetch: PreparedFetch, parts: Sequence[PreparedPart], execution: Execution) -> None:
    """Run *parts* of *fetch*, or all of it."""
    if not fetch.calls:
        if fetch.node.path:
            async with execution.at_the_tree:
                if not find_objects(execution.data, fetch.node.path):
                    # The object that was to take the answer is not there, for it is null or has failed.
                    return
        await _ask_and_merge(request_for_root(fetch), execution)
        return
    async with execution.at_the_tree:
        asked = await _beside(execution, lambda: collect_parts(fetch, parts, execution))
        counts = [len(each.collected.representations) for each in asked]
        if sum(counts) > execution.limits.representations_max:
            failure = _too_many_entities(fetch.node, execution)
            await _beside(execution, lambda: fail_calls(asked, failure, execution))
            return
    size = execution.limits.representations_per_call_of(fetch.node.subgraph)
    requests = requests_for_entities(fetch, asked, size)
    if len(requests) > 1:
        async with asyncio.TaskGroup() as group:
            for request in requests:
                group.create_task(_ask_and_merge(request, execution))
    elif requests:
        await _ask_and_merge(requests[0], execution)


async def _ask_and_merge(request: Request, execution: Execution) -> None:
    """The failure of one request is that of the entities it asks about alone."""
    subgraph = request.fetch.node.subgraph
    sent = execution.sent.take(request) if execution.sent is not None else None
    started = time.perf_counter()

    def observe(outcome: str) -> None:
        if sent is None:
            execution.observe(subgraph, time.perf_counter() - started, outcome)
        elif not sent.is_observed:
            execution.observe(subgraph, sent.seconds, outcome)

    try:
        answer = await _ask(request, execution, sent)
    except SubgraphFailed as error:
        if not isinstance(error, CircuitOpen):  # of which the log has been told once
            detail = error.detail or error.message
            log.warning("subgraph failed", subgraph=subgraph, code=error.code, detail=detail)
        observe(error.code)
        if (noted := (request if sent is None else sent.request).noted) is not None:
            noted.failure = error.code  # also that what came is no answer
        failure = Failure(error.message, error.code, subgraph, deferred=request.fetch.node.deferred)
        async with execution.at_the_tree:
            await _beside(execution, lambda: fail_request(request, failure, execution))
        return
    observe("errors" if answer.errors else "ok")
    async with execution.at_the_tree:
        merging = Merging(request, execution)
        try:
            await _beside(execution, lambda: merging.take(answer))
        except TimeIsOver:
            failure = Failure(_NO_TIME, "DEADLINE_EXCEEDED", subgraph, deferred=request.fetch.node.deferred)
            await _beside(execution, lambda: fail_request(request, failure, execution))


async def _beside(execution: Execution, work: Callable[[], T]) -> T:
    return await do_beside(execution.size, execution.deadline, work)


def listen(
    fetch: Fetch, execution: Execution, last_event_id: str | None = None
) -> AsyncGenerator[SubgraphResponse, None]:
    """
    Open *fetch*, the primary of a subscription: its events, those behind *last_event_id* where one is named.

    It raises SubgraphFailed, now or later.
    """
    client = _client_of(fetch, execution)
    request = _request(fetch, fetch.document, values_of(fetch, execution), execution.deadline, execution)
    if last_event_id is not None:
        request = replace(request, headers={**request.headers, LAST_EVENT_ID_HEADER: last_event_id})
    return client.subscribe(request)


def take_event(primary: PreparedFetch, event: SubgraphResponse, execution: Execution) -> None:
    """Begin the data tree with *event*, an answer to *primary*."""
    request = request_for_root(primary)
    subgraph = primary.node.subgraph
    try:
        answer = read_answer(event, request, execution)
    except SubgraphFailed as error:
        log.warning("subgraph failed", subgraph=subgraph, code=error.code, detail=error.detail)
        fail_request(request, Failure(error.message, error.code, subgraph), execution)
        return
    Merging(request, execution).take(answer)


def _sent_variables(request: Request, execution: Execution) -> dict[str, Any]:
    if not request.variables:
        return request.representations
    return {**values_of(request, execution), **request.representations}


def values_of(asking: Fetch | Request, execution: Execution) -> dict[str, Any]:
    """The client's variables that *asking* uses."""
    return {name: execution.variables[name] for name in asking.variables if name in execution.variables}


def _too_many_entities(fetch: Fetch, execution: Execution) -> Failure:
    execution.observe(fetch.subgraph, 0.0, "TOO_MANY_ENTITIES")
    message = f"More than {execution.limits.representations_max} entities are needed at once; ask for fewer."
    return Failure(message, "TOO_MANY_ENTITIES", fetch.subgraph, deferred=fetch.deferred)


def send(request: Request, execution: Execution) -> Coroutine[Any, Any, SubgraphResponse]:
    """What the subgraph answers to *request*. Raises SubgraphFailed."""
    if execution.record is None:
        return _send(request, execution)
    return _send_and_note(request, execution, execution.record)


async def _send_and_note(request: Request, execution: Execution, record: PlanRecord) -> SubgraphResponse:
    fetch = request.fetch.node
    count = sum(len(asked.collected.representations) for asked in request.calls.values())
    noted = request.noted = record.begin(fetch, count)
    try:
        response = await _send(request, execution, noted)
        noted.take_answer(response.body, response.size)
    except SubgraphFailed as error:
        noted.fail(error.code)
        raise
    finally:
        noted.request_bytes = _size_of(request.document, _sent_variables(request, execution))
    return response


def _size_of(document: str, variables: dict[str, Any]) -> int | None:
    body = {"query": document, "variables": variables} if variables else {"query": document}
    try:
        return len(exact_json.dumps(body))
    except TypeError:
        return None


async def _send(request: Request, execution: Execution, noted: RequestRecord | None = None) -> SubgraphResponse:
    fetch = request.fetch.node
    client = _client_of(fetch, execution)
    deadline = _deadline_of(fetch, execution)
    asked = _request(fetch, request.document, _sent_variables(request, execution), deadline, execution)
    try:
        response = await client.send(asked if noted is None else replace(asked, record=noted))
    except SubgraphFailed as error:
        if error.code == "SUBREQUEST_TIMEOUT":
            execution.late.add(fetch.subgraph)
        raise
    except asyncio.CancelledError as error:
        if (task := asyncio.current_task()) is not None and task.cancelling():
            raise
        # What the client waited for was cancelled, and not this request; nobody else would end it.
        message = f"The subgraph '{fetch.subgraph}' could not be asked."
        raise SubgraphFailed(message, detail="cancelled by somebody else") from error
    execution.size += response.size
    return response


async def _ask(request: Request, execution: Execution, sent: Sent | None) -> Answer:
    response = await (send(request, execution) if sent is None else sent.answer)
    looked_through = response.size if response.may_have_halves else 0
    try:
        return await do_beside(looked_through, execution.deadline, lambda: read_answer(response, request, execution))
    except TimeIsOver:
        raise SubgraphFailed(_NO_TIME, code="DEADLINE_EXCEEDED") from None


def _deadline_of(fetch: Fetch, execution: Execution) -> Deadline:
    """
    Until when the subgraph may answer.

    It has a share of the time that is left, so that what comes after it has some too. A subgraph that has let its share
    pass is not asked again: its later fetches would only take the time of others.
    """
    limits, left = execution.limits, execution.deadline.seconds_left()
    if left <= 0:
        raise SubgraphFailed("There was no time left to ask for this.", code="DEADLINE_EXCEEDED")
    if fetch.subgraph in execution.late:
        message = f"The subgraph '{fetch.subgraph}' has used up its share of the time, so it was not asked for this."
        raise SubgraphFailed(message, code="DEADLINE_EXCEEDED")
    return execution.deadline.at_most(min(limits.seconds_of(fetch.subgraph), limits.subgraph_deadline_share * left))


def _client_of(fetch: Fetch, execution: Execution) -> SubgraphClient:
    client = execution.clients.get(fetch.subgraph)
    if client is None:
        raise SubgraphFailed(f"The subgraph '{fetch.subgraph}' cannot be reached.", detail="no client for its name")
    return client


def _request(
    fetch: Fetch, document: str, variables: dict[str, Any], deadline: Deadline, execution: Execution
) -> SubgraphRequest:
    return SubgraphRequest(
        document=document,
        variables=variables,
        headers=execution.headers.of(fetch.subgraph),
        deadline=deadline,
        is_mutation=fetch.kind == "mutation",
    )
