"""
One answer of a subgraph, put where it belongs in the data tree.

A subgraph may answer anything. What has another shape than GraphQL's response (7.1) or `_entities`' list is a failure
of that fetch or call alone.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import reduce
from typing import Any

import structlog

from trevo.clients.subgraph_client import SubgraphFailed, SubgraphResponse
from trevo.door.exact_json import copy_tree
from trevo.errors import ClientError
from trevo.execute.errors import Failure, SubgraphError, read_subgraph_error
from trevo.execute.execution import Execution
from trevo.execute.halves import null_halves
from trevo.execute.long_work import watched
from trevo.execute.merge_response import Trail, is_flat, merge_object
from trevo.execute.place_errors import NOWHERE, Places, locate_object
from trevo.execute.rename_members import rename_members, rename_path
from trevo.execute.request import Asked, Request
from trevo.execute.response_path import find_objects, member_of, objects_in
from trevo.plan.nodes import Outputs

log = structlog.get_logger()

ERRORS_NOTED_FACTOR = 20
"""Times the errors that a client is shown at most."""

INVALID = "SUBREQUEST_INVALID_RESPONSE"


@dataclass(frozen=True, slots=True)
class Answer:
    """A response of the right shape."""

    data: dict[str, Any] | None
    errors: list[SubgraphError]


def read_answer(response: SubgraphResponse, request: Request, execution: Execution) -> Answer:
    body, subgraph = response.body, request.fetch.node.subgraph
    if response.may_have_halves:
        body = null_halves(body, request.outputs)
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


def fail_request(request: Request, failure: Failure, execution: Execution) -> None:
    """Note that *request* brought nothing, because of *failure*."""
    if not request.calls:
        execution.failures.add(failure, find_objects(execution.data, request.fetch.node.path), request.outputs)
    fail_calls(request.calls.values(), failure, execution)


def fail_calls(calls: Iterable[Asked], failure: Failure, execution: Execution) -> None:
    """Note that *calls* brought nothing."""
    for asked in calls:
        objects = [node for waiting in asked.collected.waiting for node in waiting]
        if failure.path is None and objects:
            failure.path = locate_object(objects[0], asked.call.node.paths, execution.data)
        execution.failures.add(failure, objects, asked.call.node.outputs)


class Merging:
    """Puts one answer where it belongs."""

    def __init__(self, request: Request, execution: Execution) -> None:
        self.request = request
        self.fetch = request.fetch.node
        self.execution = execution
        self.conflicts: list[tuple[dict[str, Any], Trail]] = []
        self.places = Places(request, execution.data)
        self.trails: list[Trail] = []
        """Conflicts of the merge under way."""

    def take(self, answer: Answer) -> None:
        data = answer.data
        if data is not None:
            if self.request.calls:
                for key, asked in self.request.calls.items():
                    self.merge_call(asked, key, data.get(key), answer)
            else:
                rename_members(data, self.fetch.renames)
                self.merge_root(data)
        self.report(answer)
        if data is None:
            fail_request(self.request, self.failure_of(answer), self.execution)

    def merge_root(self, data: dict[str, Any]) -> None:
        first, *others = find_objects(self.execution.data, self.fetch.path)
        for node in others:
            self.merge_into(node, copy_tree(data))
        self.merge_into(first, data)

    def merge_call(self, asked: Asked, key: str, entities: Any, answer: Answer) -> None:
        collected, call = asked.collected, asked.call
        if entities is None and answer.errors:
            fail_calls([asked], self.failure_of(answer), self.execution)
            return
        problem = _shape_problem(entities, len(collected.representations))
        if problem:
            error = _invalid(self.fetch.subgraph, f"`{key}` {problem}")
            log.warning("subgraph failed", subgraph=self.fetch.subgraph, code=error.code, detail=error.detail)
            failure = Failure(error.message, error.code, self.fetch.subgraph, deferred=self.fetch.deferred)
            fail_calls([asked], failure, self.execution)
            return
        for entity, waiting in zip(watched(entities), collected.waiting, strict=True):
            if entity is None:
                self.execution.failures.excuse(waiting, call.node.outputs)
                continue
            if call.node.renames:
                rename_members(entity, call.node.renames)
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
                told = error.extensions
                return Failure(error.message, error.code, self.fetch.subgraph, None, False, told, self.fetch.deferred)
        message = f"The subgraph '{self.fetch.subgraph}' gave no data because of an error elsewhere in its answer."
        return Failure(message, "SUBGRAPH_ERROR", self.fetch.subgraph, is_reported=True)

    def concerns_all(self, error: SubgraphError) -> bool:
        """Whether *error* names nothing that was asked for: a refused request, `_entities` as a whole, a wrong path."""
        if error.path is None or (len(error.path) == 1 and self.request.calls):
            return True
        if self.request.calls:
            return self.places.of_error(error.path) == [NOWHERE]
        return rename_path(error.path, self.fetch.renames)[0] not in self.request.outputs

    def report(self, answer: Answer) -> None:
        """Note the errors, each at every place of the client's response that it concerns."""
        failed_whole = answer.data is None or any(answer.data.get(key) is None for key in self.request.calls)
        told_by_failure = failed_whole
        for error in answer.errors:
            if told_by_failure and self.concerns_all(error):
                # The first such error speaks at the fields that are missing because of it.
                told_by_failure = False
                continue
            for path, node, rest in self.places.of_error(error.path):
                noted = self.note(error.at(path, self.fetch.subgraph))
                if node is not None:
                    self.mark_failed(node, rest, error, answer.data)
                    if noted is not None and self.is_of_null_leaf(error, rest, answer.data):
                        self.execution.failures.nulled.append((noted, node, rest))
        for node, trail in self.conflicts:
            self.report_conflict(node, trail)

    def mark_failed(self, node: dict[str, Any], rest: Trail, error: SubgraphError, data: Any) -> None:
        """
        Remember that the null which *error* is about means nothing, so that nothing is computed from it.

        It stands at *rest* below *node* or on the way there. Where there is none in the tree, because others have
        answered too, what they have there lacks this subgraph's part.
        """
        outputs, answered = self.asked_of(error), self.answered(error, data)
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

    def is_of_null_leaf(self, error: SubgraphError, rest: Trail, data: Any) -> bool:
        """Whether at *rest* something without selections was asked for, or an item of it, and *data* has none there."""
        outputs: Any = self.asked_of(error)
        for part in rest:
            if isinstance(part, str):
                if part not in outputs:
                    return False
                outputs = outputs[part]
        return bool(rest) and not outputs and reduce(member_of, rest, self.answered(error, data)) is None

    def asked_of(self, error: SubgraphError) -> Outputs:
        """What was asked for of the object that the path of *error* begins at."""
        outputs = self.request.outputs
        below: Outputs = outputs.get(str(error.path[0]), {}) if self.request.calls and error.path else outputs
        return below

    def answered(self, error: SubgraphError, data: Any) -> Any:
        """What this subgraph's *data* has for the object that the path of *error* begins at."""
        return reduce(member_of, error.path[:2], data) if self.request.calls and error.path else data

    def report_conflict(self, node: dict[str, Any], trail: Trail) -> None:
        message = f"The subgraph '{self.fetch.subgraph}' disagrees with another about this value."
        place = next(iter(self.places.of_object(node)), None)
        path = None if place is None else (*place, *trail)
        self.note(ClientError(message, "INCONSISTENT_DATA", path=path, service=self.fetch.subgraph))

    def note(self, error: ClientError) -> ClientError | None:
        """Have *error* told: as it is given back, or not at all."""
        # One error of one entity may stand at thousands of places; the client will be shown a few and a count.
        errors = self.execution.failures.errors
        if self.fetch.deferred:
            error = replace(error, deferred=self.fetch.deferred)
        if len(errors) >= ERRORS_NOTED_FACTOR * self.execution.limits.errors_max:
            return None
        errors.append(error)
        return error


def _shape_problem(entities: Any, expected: int) -> str | None:
    if not isinstance(entities, list):
        return "is not a list"
    if len(entities) != expected:
        return f"has {len(entities)} items for {expected} representations"
    if not all(entity is None or isinstance(entity, dict) for entity in entities):
        return "has an item that is not an object"
    return None
