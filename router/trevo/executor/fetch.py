"""
One fetch, from the data tree and back to it: collect representations, ask, take the answer.

Its failure is noted at the objects that stay unfilled, and the plan goes on.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from typing import Any, TypeVar

import structlog

from trevo.clients.subgraph_client import (
    CircuitOpen,
    Deadline,
    SubgraphClient,
    SubgraphFailed,
    SubgraphRequest,
    SubgraphResponse,
)
from trevo.executor.errors import (
    DEPENDENCY_FAILED,
    DEPENDENCY_MESSAGE,
    Failure,
    Outputs,
)
from trevo.executor.execution import Execution
from trevo.executor.long_work import TimeIsOver, do_beside
from trevo.executor.prepare import PreparedFetch
from trevo.executor.representations import Collected, Lack, PreparedInputs, collect_representations
from trevo.executor.response_path import find_objects
from trevo.executor.take_answer import Answer, Merging, fail_fetch, read_answer
from trevo.plan.nodes import EntityCall, Fetch

T = TypeVar("T")

log = structlog.get_logger()

_NO_TIME = "There was no time left to take in the whole answer."

_LACKING = {
    Lack.FAILED: (DEPENDENCY_MESSAGE, DEPENDENCY_FAILED),
    Lack.KEY: ("This cannot be asked for, because the object came without its key.", "KEY_MISSING"),
    Lack.TYPE: ("This cannot be asked for, because the object is of an unknown type.", "INVALID_TYPE"),
}
"""What is said at the fields of objects that cannot be asked about."""


async def run_fetch(fetch: Fetch, prepared: PreparedFetch, execution: Execution) -> None:
    """Run *fetch*, of which *prepared* is what could be known before."""
    outputs = prepared.outputs
    variables = _own_variables(fetch, execution)
    async with execution.at_the_tree:
        collected = await _beside(execution, lambda: _collect_all(fetch, prepared, execution)) if fetch.calls else []
        counts = [len(one.representations) for one in collected]
        if sum(counts) > execution.limits.representations_max:
            failure = _too_many_entities(fetch, execution)
            await _beside(execution, lambda: fail_fetch(fetch, outputs, collected, failure, execution))
            return
        if not fetch.calls and not find_objects(execution.data, fetch.path):
            # The object that was to take the answer is not there, for it is null or has failed.
            return
    if fetch.calls and not any(counts):
        return
    size = execution.limits.representations_per_call_of(fetch.subgraph)
    request_count = max(-(-count // size) for count in counts) if counts else 1
    if request_count == 1:
        await _ask_and_merge(fetch, prepared, collected, variables, execution)
        return
    async with asyncio.TaskGroup() as group:
        for number in range(request_count):
            part = [one.part(number, size) for one in collected]
            group.create_task(_ask_and_merge(fetch, prepared, part, variables, execution))


async def _ask_and_merge(
    fetch: Fetch,
    prepared: PreparedFetch,
    collected: list[Collected],
    variables: dict[str, Any],
    execution: Execution,
) -> None:
    """One request of *fetch*, for the entities in *collected*; its failure is theirs alone."""
    representations = {call.variable: one.representations for call, one in zip(fetch.calls, collected, strict=True)}
    started = time.perf_counter()
    try:
        answer = await _ask(fetch, prepared.outputs, {**variables, **representations}, execution)
    except SubgraphFailed as error:
        if not isinstance(error, CircuitOpen):  # of which the log has been told once
            detail = error.detail or error.message
            log.warning("subgraph failed", subgraph=fetch.subgraph, code=error.code, detail=detail)
        execution.observe(fetch.subgraph, time.perf_counter() - started, error.code)
        failure = Failure(error.message, error.code, fetch.subgraph)
        async with execution.at_the_tree:
            await _beside(execution, lambda: fail_fetch(fetch, prepared.outputs, collected, failure, execution))
        return
    execution.observe(fetch.subgraph, time.perf_counter() - started, "errors" if answer.errors else "ok")
    async with execution.at_the_tree:
        merging = Merging(fetch, prepared.outputs, collected, execution)
        try:
            await _beside(execution, lambda: merging.take(answer))
        except TimeIsOver:
            failure = Failure(_NO_TIME, "DEADLINE_EXCEEDED", fetch.subgraph)
            await _beside(execution, lambda: fail_fetch(fetch, prepared.outputs, collected, failure, execution))


async def _beside(execution: Execution, work: Callable[[], T]) -> T:
    return await do_beside(execution.size, execution.deadline, work)


def listen(fetch: Fetch, execution: Execution) -> AsyncGenerator[SubgraphResponse, None]:
    """Open *fetch*, the primary of a subscription: its events. It raises SubgraphFailed, now or later."""
    client = _client_of(fetch, execution)
    return client.subscribe(_request(fetch, _own_variables(fetch, execution), execution.deadline, execution))


def take_event(fetch: Fetch, prepared: PreparedFetch, event: SubgraphResponse, execution: Execution) -> None:
    """Begin the data tree with *event*, an answer to *fetch*."""
    outputs = prepared.outputs
    try:
        answer = read_answer(event, fetch, outputs, execution)
    except SubgraphFailed as error:
        log.warning("subgraph failed", subgraph=fetch.subgraph, code=error.code, detail=error.detail)
        fail_fetch(fetch, outputs, [], Failure(error.message, error.code, fetch.subgraph), execution)
        return
    Merging(fetch, outputs, [], execution).take(answer)


def _own_variables(fetch: Fetch, execution: Execution) -> dict[str, Any]:
    return {name: execution.variables[name] for name in fetch.variables if name in execution.variables}


def _collect_all(fetch: Fetch, prepared: PreparedFetch, execution: Execution) -> list[Collected]:
    calls = zip(fetch.calls, prepared.inputs, strict=True)
    return [_collect(call, inputs, prepared.outputs, execution) for call, inputs in calls]


def _collect(call: EntityCall, inputs: PreparedInputs, outputs: Outputs, execution: Execution) -> Collected:
    execution.failures.spread()
    objects = [node for path in call.paths for node in find_objects(execution.data, path)]
    collected = collect_representations(objects, inputs, execution.failures)
    missing = outputs.get(call.response_key, {})
    for lack, left_out in collected.left_out.items():
        if lack is Lack.NOTHING:
            execution.failures.excuse(left_out, missing)
        else:
            message, code = _LACKING[lack]
            execution.failures.add(Failure(message, code, is_reported=True), left_out, missing)
    return collected


def _too_many_entities(fetch: Fetch, execution: Execution) -> Failure:
    execution.observe(fetch.subgraph, 0.0, "TOO_MANY_ENTITIES")
    message = f"More than {execution.limits.representations_max} entities are needed at once; ask for fewer."
    return Failure(message, "TOO_MANY_ENTITIES", fetch.subgraph)


async def _ask(fetch: Fetch, outputs: Outputs, variables: dict[str, Any], execution: Execution) -> Answer:
    client = _client_of(fetch, execution)
    deadline = _deadline_of(fetch, execution)
    try:
        response = await client.send(_request(fetch, variables, deadline, execution))
    except SubgraphFailed as error:
        if error.code == "SUBREQUEST_TIMEOUT":
            execution.late.add(fetch.subgraph)
        raise
    execution.size += response.size
    looked_through = response.size if response.may_have_halves else 0
    try:
        return await do_beside(
            looked_through, execution.deadline, lambda: read_answer(response, fetch, outputs, execution)
        )
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


def _request(fetch: Fetch, variables: dict[str, Any], deadline: Deadline, execution: Execution) -> SubgraphRequest:
    return SubgraphRequest(
        document=fetch.document,
        variables=variables,
        operation_name=fetch.operation_name,
        headers=execution.headers.of(fetch.subgraph),
        deadline=deadline,
        is_mutation=fetch.kind == "mutation",
    )
