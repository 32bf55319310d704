"""
A plan, and how it went, as JSON for tools that draw it.

    {"kind": "QueryPlan", "milliseconds": 6.1, "plannedMilliseconds": 0.4, "program": "done", "node":
      {"kind": "Sequence", "nodes": [
        {"kind": "Fetch", "id": 0, "serviceName": "shelves", …, "requests": [{"startMilliseconds": 0.5, …}]},
        {"kind": "Fetch", "id": 1, "serviceName": "books", "paths": ["shelf.book"], "after": [0], …}]}}

Its nodes have the names that federation's tools use: Sequence, Parallel, Condition, Fetch, Defer, Subscription. All
instants are milliseconds since the client's request came, or the event of a subscription.
"""

from collections import defaultdict
from typing import Any

from trevo.plan.nodes import Deferred, Fetch, QueryPlan
from trevo.plan.outline import Choice, Node, Parallel, Sequence, outline
from trevo.plan.record import PlanRecord, RequestRecord
from trevo.plan.text import print_path


def plan_as_json(record: PlanRecord, *, until: float) -> dict[str, Any]:
    """The plan of *record* with all that was noted of it *until* then, an instant of the monotonic clock."""
    assert record.plan is not None  # noqa: S101  # the caller has seen that there is one
    assert record.planned_at is not None  # noqa: S101  # set with it
    return {
        "kind": "QueryPlan",
        "milliseconds": _milliseconds(until - record.began_at),
        "plannedMilliseconds": _milliseconds(record.planned_at - record.began_at),
        "program": record.program,
        "node": _Writing(record.plan, record).plan(),
    }


class _Writing:
    def __init__(self, plan: QueryPlan, record: PlanRecord) -> None:
        self._plan = plan
        self._began_at = record.began_at
        self._numbers = {id(fetch): number for number, fetch in enumerate(plan.fetches)}
        self._fetch_of_part = {part.id: number for number, fetch in enumerate(plan.fetches) for part in fetch.parts}
        self._requests: dict[int, list[RequestRecord]] = defaultdict(list)
        for request in record.requests:
            self._requests[id(request.fetch)].append(request)

    def plan(self) -> dict[str, Any] | None:
        plan = self._plan
        node = self._drawn(frozenset())
        if plan.primary is not None:
            return {"kind": "Subscription", "primary": self._fetch(plan.primary), "rest": node}
        if not plan.deferred:
            return node
        marks = dict.fromkeys(fetch.deferred for fetch in plan.fetches if len(fetch.deferred) > 1)
        return {
            "kind": "Defer",
            "primary": {"node": node},
            "deferred": [
                *(self._fragment(each) for each in plan.deferred),
                *({"ids": sorted(mark), "node": self._drawn(mark)} for mark in marks),
            ],
        }

    def _fragment(self, fragment: Deferred) -> dict[str, Any]:
        node = self._drawn(frozenset({fragment.number}))
        return {"ids": [fragment.number], "label": fragment.label, "in": fragment.above, "node": node}

    def _drawn(self, deferred: frozenset[int]) -> dict[str, Any] | None:
        return self._node(outline(self._plan.fetches, deferred))

    def _node(self, node: Node | None) -> dict[str, Any] | None:
        match node:
            case Sequence(nodes):
                return {"kind": "Sequence", "nodes": [self._node(each) for each in nodes]}
            case Parallel(nodes):
                return {"kind": "Parallel", "nodes": [self._node(each) for each in nodes]}
            case Choice(variable, if_true, if_false):
                clauses = {"ifClause": self._node(if_true), "elseClause": self._node(if_false)}
                return {"kind": "Condition", "condition": variable, **clauses}
            case Fetch():
                return self._fetch(node)
            case None:
                return None

    def _fetch(self, fetch: Fetch) -> dict[str, Any]:
        paths = [path for call in fetch.calls for path in call.paths] or ([fetch.path] if fetch.path else [])
        return {
            "kind": "Fetch",
            "id": self._numbers.get(id(fetch)),
            "serviceName": fetch.subgraph,
            "operationKind": fetch.kind,
            "operation": fetch.document,
            "variableUsages": list(fetch.variables),
            "paths": list(dict.fromkeys(map(print_path, paths))),
            "after": sorted({self._fetch_of_part[each] for part in fetch.parts for each in part.after}),
            "requests": [self._request(each) for each in self._requests[id(fetch)]],
        }

    def _request(self, request: RequestRecord) -> dict[str, Any]:
        ended_at = request.ended_at
        return {
            "startMilliseconds": _milliseconds(request.began_at - self._began_at),
            "milliseconds": None if ended_at is None else _milliseconds(ended_at - request.began_at),
            "representations": request.representations,
            "requestBytes": request.request_bytes,
            "responseBytes": request.response_bytes,
            "attempts": request.attempts,
            "status": request.status,
            "errors": request.error_count,
            "failure": request.failure,
            "shared": request.is_shared,
        }


def _milliseconds(seconds: float) -> float:
    return round(seconds * 1000, 3)
