"""
One supergraph, ready to answer: its planner, its public schema, and what was worked out for operations so far.

An engine never changes its graph. A new supergraph makes a new engine; requests that began with the old one end with
it, and when the last of them is done it is forgotten with all its caches.

Working out an operation (parse, measure, validate, plan) is pure computation. It runs in one worker thread, so that
an unusually large operation delays other new operations but not the requests that are already planned; callers that
ask for the same one wait for the same result.
"""

import asyncio
from collections.abc import Callable, Hashable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

import orjson
from graphql import DocumentNode, FragmentDefinitionNode, GraphQLSchema, OperationDefinitionNode

from router.core.errors import ClientError, RequestRefused, refuse
from router.core.limits import Limits
from router.core.lru import LruCache
from router.executor.prepare import PreparedPlan, prepare_plan
from router.executor.subgraph_client import SubgraphClient
from router.observability.metrics import Metrics
from router.operation.measure import INTROSPECTION_FIELDS
from router.operation.parse import fragments_by_name, parse_document, select_operation
from router.operation.validate import validate_document
from router.plan.nodes import QueryPlan
from router.planner.errors import PlanningError
from router.projection.build import Projection, build_projection
from router.projection.conditions import condition_variables
from router.projection.introspection import (
    Answers,
    Remainder,
    answer_introspection,
    introspection_nodes,
    split_off_introspection,
)

T = TypeVar("T")
Labels = frozenset[str]
PlanOperation = Callable[[DocumentNode, OperationDefinitionNode, Labels], QueryPlan]
"""A planner's one function; raises PlanningError."""

NOTHING_TO_FETCH = PreparedPlan(QueryPlan(None), {})

PROJECTIONS_PER_OPERATION_MAX = 16
CACHED_CHARACTERS_MAX = 4_000_000
"""Of all documents kept. A parsed document takes about a hundred times its text."""


class PreparedOperation:
    """One operation of one document, and all that is worked out for it as requests need it."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode) -> None:
        self.operation = operation
        self.name = operation.name.value if operation.name else None
        self.kind = operation.operation.value
        self.fragments: Mapping[str, FragmentDefinitionNode] = fragments_by_name(document)
        self.condition_names = condition_variables(operation, self.fragments)
        self.remainder: Remainder = split_off_introspection(document, operation, self.fragments)
        self._schema = schema
        self._projections: LruCache[tuple[bool, ...], Projection] = LruCache(
            entries_max=PROJECTIONS_PER_OPERATION_MAX, weight_max=PROJECTIONS_PER_OPERATION_MAX
        )
        self.plans: LruCache[Labels, PreparedPlan] = LruCache(entries_max=8, weight_max=8)
        self.introspection_nodes = introspection_nodes(operation, self.fragments)
        self.introspected: LruCache[bytes, Answers] = LruCache(entries_max=4, weight_max=4_000)

    def projection(self, conditions: tuple[bool, ...]) -> Projection:
        """The shape of the response when the condition variables have these values, in their fixed order."""
        projection = self._projections.get(conditions)
        if projection is None:
            by_name = dict(zip(self.condition_names, conditions, strict=True))
            projection = build_projection(self._schema, self.operation, self.fragments, by_name)
            self._projections.put(conditions, projection, weight=1)
        return projection


class Engine:
    """Answers which plan and which projection an operation has."""

    def __init__(
        self,
        schema: GraphQLSchema,
        plan_operation: PlanOperation,
        *,
        clients: Mapping[str, SubgraphClient],
        limits: Limits,
        metrics: Metrics,
        introspection: bool = True,
        override_labels: Labels = frozenset(),
    ) -> None:
        self.schema = schema
        self.clients = clients
        self.override_labels = override_labels
        """The labels that this graph knows."""
        self._plan_operation = plan_operation
        self._limits = limits
        self._metrics = metrics
        self._introspection = introspection
        self._documents: LruCache[str, DocumentNode | RequestRefused] = LruCache(
            entries_max=limits.operations_cached_max, weight_max=CACHED_CHARACTERS_MAX
        )
        self._operations: LruCache[tuple[str, str | None], PreparedOperation] = LruCache(
            entries_max=limits.operations_cached_max, weight_max=CACHED_CHARACTERS_MAX
        )
        self._under_way: dict[Hashable, asyncio.Future[Any]] = {}
        self._requests = 0
        self._when_unused: Callable[[], None] | None = None
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="router-planning")

    async def prepare(self, text: str, operation_name: str | None) -> PreparedOperation:
        """
        The operation called *operation_name* in *text*, validated.

        Raises RequestRefused as the stages of `router.operation` do, and with `PLANNING_TIMEOUT` (503).
        """
        key = (text, operation_name)
        prepared = self._operations.get(key)
        self._metrics.operations.labels("document", "miss" if prepared is None else "hit").inc()
        if prepared is None:
            document = self._documents.get(text)
            if document is None:
                document = await self._work_out(text, lambda: self._read_document(text))
                self._documents.put(text, document, weight=len(text))
            if isinstance(document, RequestRefused):
                # A fresh one: a raised exception collects the frames of each request it passes through.
                raise RequestRefused(*document.errors, status=document.status, is_transport=document.is_transport)
            prepared = PreparedOperation(self.schema, document, select_operation(document, operation_name))
            self._operations.put(key, prepared, weight=len(text))
        return prepared

    async def plan(self, prepared: PreparedOperation, labels: Labels) -> PreparedPlan:
        """
        The plan of *prepared* under the active override *labels*.

        Refuses with the planner's code (`PLANNING_FAILED`, …) and with `PLANNING_TIMEOUT` (503).
        """
        document = prepared.remainder.document
        if document is None:
            return NOTHING_TO_FETCH
        plan = prepared.plans.get(labels)
        self._metrics.operations.labels("plan", "miss" if plan is None else "hit").inc()
        if plan is None:
            operation = prepared.remainder.operation
            plan = await self._work_out(
                (prepared, labels), lambda: prepare_plan(self._plan(document, operation, labels))
            )
            prepared.plans.put(labels, plan, weight=1)
        return plan

    async def introspect(self, prepared: PreparedOperation, variables: dict[str, Any]) -> Answers:
        """The answers of `__schema` and `__type`; empty when nobody asked."""
        nodes = prepared.introspection_nodes
        if not nodes:
            return {}
        key = orjson.dumps(variables, option=orjson.OPT_SORT_KEYS)
        answers = prepared.introspected.get(key)
        if answers is None:
            operation, fragments = prepared.operation, prepared.fragments
            answers = await self._work_out(
                (prepared, key), lambda: answer_introspection(self.schema, operation, fragments, nodes, variables)
            )
            prepared.introspected.put(key, answers, weight=len(key))
        return answers

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """For the time of one request: a retired engine lives until the last of them ends."""
        self._requests += 1
        try:
            yield
        finally:
            self._requests -= 1
            self._end_if_unused()

    def retire(self, when_unused: Callable[[], None]) -> None:
        """Take no new requests; call *when_unused* as soon as none is left."""
        self._when_unused = when_unused
        self._end_if_unused()

    @property
    def is_retired(self) -> bool:
        """Whether another graph has taken over while requests of this one are still answered."""
        return self._when_unused is not None

    def _end_if_unused(self) -> None:
        if self._when_unused is not None and self._requests == 0:
            when_unused, self._when_unused = self._when_unused, None
            self._worker.shutdown(wait=False)
            when_unused()

    def _read_document(self, text: str) -> DocumentNode | RequestRefused:
        # A refusal is a result like any other: the same wrong text should not be parsed and validated again.
        try:
            document = parse_document(text, self._limits)
            if not self._introspection:
                _refuse_introspection(document)
            validate_document(self.schema, document, self._limits, hide_suggestions=not self._introspection)
        except RequestRefused as refusal:
            return refusal.with_traceback(None)
        return document

    def _plan(self, document: DocumentNode, operation: OperationDefinitionNode, labels: Labels) -> QueryPlan:
        try:
            return self._plan_operation(document, operation, labels)
        except PlanningError as error:
            raise RequestRefused(ClientError(str(error), error.code), status=500) from None
        except RecursionError:
            raise refuse("QUERY_TOO_DEEP", "The query is nested too deeply to be planned.") from None

    async def _work_out(self, key: Hashable, work: Callable[[], T]) -> T:
        future: asyncio.Future[T] | None = self._under_way.get(key)
        if future is None:
            future = asyncio.get_running_loop().run_in_executor(self._worker, work)
            self._under_way[key] = future
            future.add_done_callback(lambda done: self._forget(key, done))
        try:
            # Shielded: whoever else waits for it must not lose it because this client went away.
            return await asyncio.wait_for(asyncio.shield(future), self._limits.planning_seconds_max)
        except TimeoutError:
            message = "Working out this operation took too long; ask for less, or try again."
            raise refuse("PLANNING_TIMEOUT", message, status=503, is_transport=True) from None

    def _forget(self, key: Hashable, done: asyncio.Future[Any]) -> None:
        self._under_way.pop(key, None)
        if not done.cancelled():
            done.exception()  # retrieved, so that nobody complains when every waiter has left


def _refuse_introspection(document: DocumentNode) -> None:
    waiting: list[Any] = list(document.definitions)
    while waiting:
        selection_set = getattr(waiting.pop(), "selection_set", None)
        for node in selection_set.selections if selection_set else ():
            name = getattr(node, "name", None)
            if node.kind == "field" and name is not None and name.value in INTROSPECTION_FIELDS:
                raise refuse("INTROSPECTION_DISABLED", "Introspection is switched off here.")
            waiting.append(node)
