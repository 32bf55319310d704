"""
One fetch, from the data tree and back to it: collect representations, ask, check the answer's shape, merge.

A subgraph may answer anything. What has another shape than GraphQL's response (7.1) or `_entities`' list is a failure
of that fetch or call alone: it is noted at the objects that stay unfilled, and the plan goes on.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import structlog

from router.core.errors import ClientError
from router.executor.circuit import CircuitOpen
from router.executor.errors import (
    DEPENDENCY_FAILED,
    DEPENDENCY_MESSAGE,
    Failure,
    Outputs,
    SubgraphError,
    read_subgraph_error,
)
from router.executor.execution import Execution
from router.executor.halves import null_halves
from router.executor.long_work import TimeIsOver, do_beside, watched
from router.executor.merge_response import Trail, copy_tree, is_flat, merge_object
from router.executor.place_errors import NOWHERE, Places, locate_object
from router.executor.prepare import PreparedFetch
from router.executor.rename_members import rename_members, rename_path
from router.executor.representations import Collected, Lack, PreparedInputs, collect_representations
from router.executor.response_path import find_objects, member_of, objects_in
from router.executor.subgraph_client import (
    Deadline,
    SubgraphClient,
    SubgraphFailed,
    SubgraphRequest,
    SubgraphResponse,
)
from router.plan.nodes import EntityCall, Fetch

T = TypeVar("T")

log = structlog.get_logger()

ERRORS_NOTED_FACTOR = 20
"""Times the errors that a client is shown at most."""

_NO_TIME = "There was no time left to take in the whole answer."

INVALID = "SUBREQUEST_INVALID_RESPONSE"

_LACKING = {
    Lack.FAILED: (DEPENDENCY_MESSAGE, DEPENDENCY_FAILED),
    Lack.KEY: ("This cannot be asked for, because the object came without its key.", "KEY_MISSING"),
    Lack.TYPE: ("This cannot be asked for, because the object is of an unknown type.", "INVALID_TYPE"),
}
"""What is said at the fields of objects that cannot be asked about."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A response of the right shape."""

    data: dict[str, Any] | None
    errors: list[SubgraphError]


async def run_fetch(fetch: Fetch, prepared: PreparedFetch, execution: Execution) -> None:
    """Run *fetch*, of which *prepared* is what could be known before."""
    outputs = prepared.outputs
    variables = _own_variables(fetch, execution)
    async with execution.at_the_tree:
        collected = await _beside(execution, lambda: _collect_all(fetch, prepared, execution)) if fetch.calls else []
        counts = [len(one.representations) for one in collected]
        if sum(counts) > execution.limits.representations_max:
            failure = _too_many_entities(fetch, execution)
            await _beside(execution, lambda: _fail_fetch(fetch, outputs, collected, failure, execution))
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
            await _beside(execution, lambda: _fail_fetch(fetch, prepared.outputs, collected, failure, execution))
        return
    execution.observe(fetch.subgraph, time.perf_counter() - started, "errors" if answer.errors else "ok")
    async with execution.at_the_tree:
        merging = _Merging(fetch, prepared.outputs, collected, execution)
        try:
            await _beside(execution, lambda: merging.take(answer))
        except TimeIsOver:
            failure = Failure(_NO_TIME, "DEADLINE_EXCEEDED", fetch.subgraph)
            await _beside(execution, lambda: _fail_fetch(fetch, prepared.outputs, collected, failure, execution))


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
        answer = _read_answer(event, fetch, outputs, execution)
    except SubgraphFailed as error:
        log.warning("subgraph failed", subgraph=fetch.subgraph, code=error.code, detail=error.detail)
        _fail_fetch(fetch, outputs, [], Failure(error.message, error.code, fetch.subgraph), execution)
        return
    _Merging(fetch, outputs, [], execution).take(answer)


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
            looked_through, execution.deadline, lambda: _read_answer(response, fetch, outputs, execution)
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
        headers=execution.headers,
        deadline=deadline,
        is_mutation=fetch.kind == "mutation",
    )


def _read_answer(response: SubgraphResponse, fetch: Fetch, outputs: Outputs, execution: Execution) -> Answer:
    body, subgraph = response.body, fetch.subgraph
    if response.may_have_halves:
        body = null_halves(body, outputs)
    if not isinstance(body, dict):
        raise _invalid(subgraph, "the response is not an object")
    data, errors = body.get("data"), body.get("errors")
    if data is not None and not isinstance(data, dict):
        raise _invalid(subgraph, "`data` is not an object")
    if errors is not None and not isinstance(errors, list):
        raise _invalid(subgraph, "`errors` is not a list")
    if data is None and not errors:
        raise _invalid(subgraph, "there is neither data nor an error")
    read = [
        read_subgraph_error(
            error,
            passed_extensions=execution.passed_extensions,
            characters_max=execution.limits.error_message_characters_max,
        )
        for error in (errors or [])[: execution.limits.errors_max]
    ]
    if errors and len(errors) > len(read):
        message = f"{len(errors) - len(read)} more errors of this subgraph were left out."
        read.append(SubgraphError(message, "TOO_MANY_ERRORS", None, {}))
    return Answer(data, read)


def _invalid(subgraph: str, detail: str) -> SubgraphFailed:
    message = f"The subgraph '{subgraph}' gave an answer that is not a GraphQL response."
    return SubgraphFailed(message, code=INVALID, detail=detail)


def _fail_fetch(
    fetch: Fetch, outputs: Outputs, collected: list[Collected], failure: Failure, execution: Execution
) -> None:
    if not fetch.calls:
        execution.failures.add(failure, find_objects(execution.data, fetch.path), outputs)
        return
    for call, one in zip(fetch.calls, collected, strict=True):
        _fail_call(call, outputs, one, failure, execution)


def _fail_call(call: EntityCall, outputs: Outputs, one: Collected, failure: Failure, execution: Execution) -> None:
    objects = [node for waiting in one.waiting for node in waiting]
    if failure.path is None and objects:
        failure.path = locate_object(objects[0], call.paths, execution.data)
    execution.failures.add(failure, objects, outputs.get(call.response_key, {}))


class _Merging:
    """Puts one answer where it belongs."""

    def __init__(self, fetch: Fetch, outputs: Outputs, collected: list[Collected], execution: Execution) -> None:
        self.fetch = fetch
        self.outputs = outputs
        self.collected = collected
        self.execution = execution
        self.conflicts: list[tuple[dict[str, Any], Trail]] = []
        self.places = Places(fetch, collected, execution.data)
        self.trails: list[Trail] = []
        """Conflicts of the merge under way."""

    def take(self, answer: Answer) -> None:
        data = answer.data
        if data is not None:
            rename_members(data, self.fetch.renames)
            if self.fetch.calls:
                for call, one in zip(self.fetch.calls, self.collected, strict=True):
                    self.merge_call(call, one, data.get(call.response_key), answer)
            else:
                self.merge_root(data)
        self.report(answer)
        if data is None:
            _fail_fetch(self.fetch, self.outputs, self.collected, self.failure_of(answer), self.execution)

    def merge_root(self, data: dict[str, Any]) -> None:
        first, *others = find_objects(self.execution.data, self.fetch.path)
        for node in others:
            self.merge_into(node, copy_tree(data))
        self.merge_into(first, data)

    def merge_call(self, call: EntityCall, one: Collected, entities: Any, answer: Answer) -> None:
        if not one.representations:
            return
        if entities is None and answer.errors:
            _fail_call(call, self.outputs, one, self.failure_of(answer), self.execution)
            return
        problem = _shape_problem(entities, len(one.representations))
        if problem:
            error = _invalid(self.fetch.subgraph, f"`{call.response_key}` {problem}")
            log.warning("subgraph failed", subgraph=self.fetch.subgraph, code=error.code, detail=error.detail)
            _fail_call(call, self.outputs, one, Failure(error.message, error.code, self.fetch.subgraph), self.execution)
            return
        for entity, waiting in zip(watched(entities), one.waiting, strict=True):
            if entity is None:
                self.execution.failures.excuse(waiting, self.outputs.get(call.response_key, {}))
                continue
            if call.renames:
                rename_members(entity, call.renames)
            shares_nothing = len(waiting) == 1 or is_flat(entity)
            for node in waiting[1:]:
                self.merge_into(node, entity if shares_nothing else copy_tree(entity))
            self.merge_into(waiting[0], entity)

    def merge_into(self, node: dict[str, Any], source: dict[str, Any]) -> None:
        merge_object(node, source, self.trails)
        if self.trails:
            self.conflicts.extend((node, trail) for trail in self.trails)
            self.trails.clear()

    def failure_of(self, answer: Answer) -> Failure:
        """What to say at fields that a subgraph left out while it reported errors."""
        for error in answer.errors:
            if self.concerns_all(error):
                return Failure(error.message, error.code, self.fetch.subgraph, extensions=error.extensions)
        message = f"The subgraph '{self.fetch.subgraph}' gave no data because of an error elsewhere in its answer."
        return Failure(message, "SUBGRAPH_ERROR", self.fetch.subgraph, is_reported=True)

    def concerns_all(self, error: SubgraphError) -> bool:
        """Whether *error* names nothing that was asked for: a refused request, `_entities` as a whole, a wrong path."""
        if error.path is None or (len(error.path) == 1 and self.fetch.calls):
            return True
        if self.fetch.calls:
            return self.places.of_error(error.path) == [NOWHERE]
        return rename_path(error.path, self.fetch.renames)[0] not in self.outputs

    def report(self, answer: Answer) -> None:
        """Note the errors, each at every place of the client's response that it concerns."""
        failed_whole = answer.data is None or any(
            one.representations and answer.data.get(call.response_key) is None
            for call, one in zip(self.fetch.calls, self.collected, strict=True)
        )
        told_by_failure = failed_whole
        for error in answer.errors:
            if told_by_failure and self.concerns_all(error):
                # The first such error speaks at the fields that are missing because of it.
                told_by_failure = False
                continue
            for path, node, rest in self.places.of_error(error.path):
                self.note(error.at(path, self.fetch.subgraph))
                if node is not None:
                    self.mark_failed(node, rest, error, answer.data)
        for node, trail in self.conflicts:
            self.report_conflict(node, trail)

    def mark_failed(self, node: dict[str, Any], rest: Trail, error: SubgraphError, data: Any) -> None:
        """
        Remember that the null which *error* is about means nothing, so that nothing is computed from it.

        It stands at *rest* below *node* or on the way there. Where there is none in the tree, because others have
        answered too, what they have there lacks this subgraph's part.
        """
        outputs, answered = self.outputs, data
        if self.fetch.calls and error.path:
            key, index, *_ = error.path
            outputs, answered = self.outputs.get(str(key), {}), member_of(member_of(data, key), index)
        failure = Failure(error.message, error.code, self.fetch.subgraph, is_reported=True)
        below: Any = node
        for part in rest:
            if answered is None:
                break
            above, below = below, member_of(below, part)
            outputs = outputs.get(part, {}) if isinstance(part, str) else outputs
            answered = member_of(answered, part)
            if below is None:
                self.execution.failures.add_null(failure, above, part, outputs)
                return
        if answered is None:
            self.execution.failures.add(failure, list(objects_in(below)), outputs)

    def report_conflict(self, node: dict[str, Any], trail: Trail) -> None:
        message = f"The subgraph '{self.fetch.subgraph}' disagrees with another about this value."
        place = next(iter(self.places.of_object(node)), None)
        path = None if place is None else (*place, *trail)
        self.note(ClientError(message, "INCONSISTENT_DATA", path=path, service=self.fetch.subgraph))

    def note(self, error: ClientError) -> None:
        # One error of one entity may stand at thousands of places; the client will be shown a few and a count.
        errors = self.execution.failures.errors
        if len(errors) < ERRORS_NOTED_FACTOR * self.execution.limits.errors_max:
            errors.append(error)


def _shape_problem(entities: Any, expected: int) -> str | None:
    if not isinstance(entities, list):
        return "is not a list"
    if len(entities) != expected:
        return f"has {len(entities)} items for {expected} representations"
    if not all(entity is None or isinstance(entity, dict) for entity in entities):
        return "has an item that is not an object"
    return None
