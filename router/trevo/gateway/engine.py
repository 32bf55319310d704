"""
One supergraph, ready to answer: its planner, its public schema, and what was worked out for operations so far.

An engine never changes its graph. A new supergraph makes a new engine; requests that began with the old one end with
it, and when the last of them is done it is forgotten with all its caches.

Working out an operation (parse, measure, validate, plan) is pure computation. It runs in a worker thread, so that it
delays other new operations but not the requests that are already planned; callers that ask for the same one wait for
the same result (`working_out.py`).

Each thread has a planner of its own, as planners learn while they plan and are not made for two at a time.

Where the graph says who may ask for what, an operation is known together with the clauses of its rules that fail: plan
and projection are of what then is left of it. Nothing else of whoever asks is part of a key, so people whose outcomes
are the same share them, and people whose outcomes differ never do.
"""

import asyncio
from collections.abc import Callable, Hashable, Mapping
from dataclasses import replace
from typing import Any

import structlog
from graphql import GraphQLSchema

from trevo.clients.subgraph_client import SubgraphClient
from trevo.config.limits import Limits
from trevo.config.sharing import Sharing
from trevo.door import exact_json
from trevo.door.cache import memory_of
from trevo.door.cost import CostRules
from trevo.door.too_much import TooMuch
from trevo.errors import ClientError, RequestRefused, refuse
from trevo.execute.prepare import PreparedPlan, prepare_plan
from trevo.gateway.prepared import Permitted, Planned, PreparedOperation
from trevo.gateway.shared_answers import SharedAnswers
from trevo.gateway.working_out import WorkingOut
from trevo.observability.metrics import Metrics
from trevo.operation.leave_out import leave_out
from trevo.operation.parse import NAME_REQUIRED, operation_names, read_valid_document, select_operation, too_much
from trevo.operation.tree import Operation
from trevo.operation.variables import Variables
from trevo.plan.nodes import QueryPlan
from trevo.planner.errors import PlanningError
from trevo.program.layout import CannotCompile
from trevo.program.program import Program, compile_program
from trevo.projection.build import Introspection, Projection, ResponseTypes, build_projection
from trevo.projection.conditions import check_conditions
from trevo.projection.introspection import Answers, answer_introspection
from trevo.supergraph.authorization import AuthorizationRules, Rule
from trevo.supergraph.cache_control import CacheRules

log = structlog.get_logger()

Labels = frozenset[str]
PlanOperation = Callable[[Operation, Labels], QueryPlan]
"""A planner's one function; raises PlanningError."""

NO_LABELS: Labels = frozenset()

NOTHING_TO_FETCH = prepare_plan(QueryPlan())

PROGRAMS_WAITING_MAX = 100
"""That are to be written; whatever comes more often than that is asked for again by its next request."""

OperationKey = tuple[str, str | None]
"""The text of a document and the name of an operation in it."""


class Engine:
    """
    Works out what an operation is, what of it comes later, what somebody may have, and how it is answered: `prepare`,
    `defer`, `permit`, `plan`.

    *plan_at_first* is tried before *plan_operation*; it raises PlanningTookLong sooner.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        plan_operation: PlanOperation,
        *,
        plan_at_first: PlanOperation,
        clients: Mapping[str, SubgraphClient],
        limits: Limits,
        metrics: Metrics,
        cost_rules: CostRules | None = None,
        authorization: AuthorizationRules | None = None,
        cache_rules: CacheRules | None = None,
        introspection: bool = True,
        override_labels: Labels = frozenset(),
        shared: SharedAnswers | None = None,
    ) -> None:
        self.schema = schema
        self.clients = clients
        self.shared = shared or SharedAnswers(Sharing(), frozenset(), metrics)
        """What is being answered, for whoever asks the same meanwhile."""
        self.override_labels = override_labels
        """The labels that this graph knows."""
        self._plan_at_first = plan_at_first
        self._plan_operation = plan_operation
        self._limits = limits
        self._metrics = metrics
        self._cost_rules = replace(cost_rules or CostRules(), list_size_assumed=limits.list_size_assumed)
        self._authorization = authorization or AuthorizationRules()
        self._cache_rules = cache_rules or CacheRules()
        self._introspection = introspection
        self._response_types = ResponseTypes(schema)
        self._working = WorkingOut(limits)
        self._cache = self._working.cache
        self._programs_waiting = 0
        self._requests = 0
        self._when_unused: Callable[[], None] | None = None
        self.successor: Engine | None = None
        """That of the graph which has taken over."""
        self.followers: set[Callable[[], None]] = set()
        """Called when one has: by what stays open, and is to go over to it."""

    async def prepare(self, text: str, operation_name: str | None) -> PreparedOperation:
        """
        The operation called *operation_name* in *text*, validated and priced.

        Raises RequestRefused as the stages of `trevo.operation` do, and with `PLANNING_BUSY` (503).
        """
        key = (text, operation_name)
        prepared = self._known(text, operation_name)
        self._metrics.observe_operation("document", is_known=prepared is not None)
        if prepared is None:
            prepared = await self._working.work_out(key, lambda: self._prepare(key))
        if isinstance(prepared, RequestRefused):
            # A fresh one: a raised exception collects the frames of each request it passes through.
            raise RequestRefused(*prepared.errors, status=prepared.status, is_transport=prepared.is_transport)
        return prepared

    def _known(self, text: str, operation_name: str | None) -> PreparedOperation | RequestRefused | None:
        known: PreparedOperation | RequestRefused | None = self._cache.get((text, operation_name))
        if known is None and operation_name is not None:
            # The only one of its document need not be named.
            alone = self._cache.get((text, None))
            if isinstance(alone, PreparedOperation) and alone.name == operation_name:
                return alone
        return known

    async def warm(self, text: str) -> RequestRefused | None:
        """
        Work out the operations in *text*, as whoever may have all of them asks them, before anybody does.

        Why one would be refused, where it would. What is kept of them counts as asked for again.
        """
        refusal = await self._warm(text, None)
        if refusal is None or refusal.errors[0].code != NAME_REQUIRED:
            return refusal
        names = await asyncio.get_running_loop().run_in_executor(self._working.worker, operation_names, text)
        refusals = [await self._warm(text, name) for name in names]
        return next(filter(None, refusals), None)

    async def _warm(self, text: str, operation_name: str | None) -> RequestRefused | None:
        try:
            prepared = await self.prepare(text, operation_name)
            self._cache.get((text, operation_name))
            if not prepared.whole.is_answered_here:
                # Of overrides by labels none holds: they are drawn, or said, for each request.
                await self._plan(prepared.whole, NO_LABELS)
                self._cache.get(("plan", prepared.whole.key, NO_LABELS))
        except RequestRefused as refusal:
            return refusal
        if not prepared.whole.condition_names:
            self._projection(prepared.whole, ())
            self._cache.get(_projection_key(prepared.whole, ()))
        return None

    async def defer(self, prepared: PreparedOperation, variables: Variables) -> PreparedOperation:
        """
        *prepared* with what is deferred under the values of its conditions; the same where that is nothing, or where
        more conditions than may be would each time make another plan of it.

        Refuses with `QUERY_TOO_MANY_DEFERRALS`.
        """
        when = prepared.defer_conditions
        if when is None or prepared.kind == "subscription":
            return prepared
        names = tuple(dict.fromkeys((*prepared.condition_names, *when.variables)))
        check_conditions(names, variables.conditions)
        if not when.may_hold(variables.conditions) or len(names) > self._limits.deferring_conditions_max:
            return prepared
        values = _values_of(names, variables)
        key = ("deferring", prepared.mark, values)
        deferring: PreparedOperation | None = self._cache.get(key)
        if deferring is None:
            conditions = _conditions_of(names, values)
            deferring = await self._working.work_out(
                key, lambda: prepared.deferring(conditions, self._limits.deferrals_max)
            )
        return deferring if deferring.deferrals else prepared

    async def permit(self, prepared: PreparedOperation, failing: Rule) -> Permitted:
        """What is left of *prepared* for somebody for whom the clauses *failing*, of its rule, do not hold."""
        if not failing:
            return prepared.whole
        key = (prepared.mark, failing)
        permitted: Permitted | None = self._cache.get(key)
        if permitted is None:
            permitted = await self._working.work_out(key, lambda: self._leave_out(key, prepared, failing))
        return permitted

    async def plan(
        self, prepared: PreparedOperation, permitted: Permitted, variables: Variables, labels: Labels
    ) -> Planned:
        """
        What is asked of whom for *permitted* under the active override *labels*, and what the answer looks like.

        Refuses with the planner's code (`PLANNING_FAILED`, …) and with `PLANNING_BUSY` (503).
        """
        values = _values_of(permitted.condition_names, variables)
        projection = self._projection(permitted, values)
        introspected = await self._introspect(prepared, variables.values) if prepared.tree.introspection else {}
        is_answered_here = all(isinstance(field.shape, Introspection) for field in projection.root_fields)
        if permitted.is_answered_here or (is_answered_here and prepared.kind != "subscription"):
            return Planned(NOTHING_TO_FETCH, projection, introspected)
        plan = await self._plan(permitted, labels)
        program = (
            None
            # No program writes an answer in parts.
            if prepared.kind == "subscription" or prepared.deferrals
            else await self._program(plan, projection, permitted, labels, values)
        )
        return Planned(plan, projection, introspected, program)

    def root_fields(self, prepared: PreparedOperation, variables: Variables) -> tuple[str, ...]:
        """What *prepared* asks for at its root, whoever asks: `Query.me` for each alias."""
        values = _values_of(prepared.whole.condition_names, variables)
        # Neither asked for nor kept: the request that plans it would find it, as if the operation had come again.
        projection = self._cache.look(_projection_key(prepared.whole, values))
        fields = (projection or self._build_projection(prepared.whole, values)).root_fields
        return tuple(f"{field.parent_name}.{field.name}" for field in fields)

    async def _plan(self, permitted: Permitted, labels: Labels) -> PreparedPlan:
        key = ("plan", permitted.key, labels)
        plan: PreparedPlan | None = self._cache.get(key)
        self._metrics.observe_operation("plan", is_known=plan is not None)
        if plan is not None:
            return plan

        def plan_by(plan_operation: PlanOperation) -> PreparedPlan:
            try:
                return prepare_plan(plan_operation(permitted.asked, labels))
            except RecursionError:
                raise refuse("QUERY_TOO_DEEP", "The query is nested too deeply to be planned.") from None

        try:
            return await self._working.work_out(
                key, lambda: plan_by(self._plan_at_first), at_length=lambda: plan_by(self._plan_operation)
            )
        except PlanningError as error:
            raise RequestRefused(ClientError(str(error), error.code), status=error.status) from None

    async def _program(
        self, plan: PreparedPlan, projection: Projection, permitted: Permitted, labels: Labels, values: tuple[bool, ...]
    ) -> Program | None:
        """
        The code that runs *plan*; None where there can be none, and as long as there is none.

        It is written meanwhile, once its operation has come often enough. No request waits for it, except where it is
        to be written at once; and whatever goes wrong with it, the interpreter answers.
        """
        projection.runs += 1
        if not 0 < self._limits.compile_after_uses <= projection.runs:
            return None
        key = ("program", permitted.key, labels, values)
        program: Program | CannotCompile | None = self._cache.get(key)
        if program is None:
            conditions = _conditions_of(permitted.condition_names, values)
            program = await self._begin_program(key, lambda: self._compile(plan, projection, conditions))
        if not isinstance(program, Program):
            return None
        useless = program.useless
        if useless is not None:
            self._metrics.programs.labels(useless.reason).inc()
            self._cache.put(key, useless)
            return None
        if program.has_grown:
            self._cache.put(key, program, weight=memory_of(key) + program.weigh())
        return program

    async def _begin_program(
        self, key: Hashable, work: Callable[[], Program | CannotCompile]
    ) -> Program | CannotCompile | None:
        """What *work* gives, if it is there already; it is kept under *key* as soon as it is."""
        future: asyncio.Future[tuple[Program | CannotCompile, int]] | None = self._working.under_way.get(key)
        if future is None:
            if self._programs_waiting >= PROGRAMS_WAITING_MAX:
                return None
            self._programs_waiting += 1
            future = self._working.begin_large(key, work)
            future.add_done_callback(self._has_written)
        if self._limits.compile_after_uses == 1:
            await asyncio.wait([future], timeout=self._limits.planning_wait_seconds_max)
        return future.result()[0] if future.done() and not future.cancelled() and not future.exception() else None

    def _has_written(self, _done: asyncio.Future[Any]) -> None:
        self._programs_waiting -= 1

    def _compile(
        self, plan: PreparedPlan, projection: Projection, conditions: Mapping[str, bool]
    ) -> Program | CannotCompile:
        try:
            program = compile_program(plan, projection, conditions)
        except CannotCompile as reason:
            self._metrics.programs.labels(reason.reason).inc()
            return reason.with_traceback(None)
        except Exception:  # whatever it is, the operation can be interpreted
            log.exception("a program could not be written; the interpreter goes on")
            self._metrics.programs.labels("bug").inc()
            return CannotCompile("bug")
        self._metrics.programs.labels("written").inc()
        return program

    def _projection(self, permitted: Permitted, values: tuple[bool, ...]) -> Projection:
        """The shape of the response when the condition variables have these *values*."""
        key = _projection_key(permitted, values)
        projection: Projection | None = self._cache.get(key)
        if projection is None:
            projection = self._build_projection(permitted, values)
            # It grows as types are met; where objects are of one type each, to less than what it was made from.
            self._cache.put(key, projection, weight=permitted.weight)
        return projection

    def _build_projection(self, permitted: Permitted, values: tuple[bool, ...]) -> Projection:
        conditions = _conditions_of(permitted.condition_names, values)
        return build_projection(self._response_types, permitted.written, conditions)

    async def _introspect(self, prepared: PreparedOperation, variables: dict[str, Any]) -> Answers:
        """The answers of `__schema` and `__type`."""
        key = ("introspection", prepared.mark, exact_json.dumps(variables, sort_keys=True))
        answers: Answers | None = self._cache.get(key)
        if answers is None:
            answers = await self._working.work_out(
                key, lambda: answer_introspection(self.schema, prepared.tree, variables)
            )
        return answers

    def begin_request(self) -> None:
        """Until `end_request` a request is being answered: a retired engine lives until the last of them ends."""
        self._requests += 1

    def end_request(self) -> None:
        self._requests -= 1
        self._end_if_unused()

    def retire(self, when_unused: Callable[[], None], *, successor: "Engine | None" = None) -> None:
        """Take no new requests, which *successor* does; call *when_unused* as soon as none is left."""
        self._when_unused, self.successor = when_unused, successor
        for follower in tuple(self.followers):
            follower()
        self._end_if_unused()

    def _end_if_unused(self) -> None:
        if self._when_unused is not None and self._requests == 0:
            when_unused, self._when_unused = self._when_unused, None
            self._working.close()
            when_unused()

    def _prepare(self, key: OperationKey) -> PreparedOperation | RequestRefused:
        # A refusal is a result like any other: the same wrong text should not be parsed and validated again.
        text, name = key
        try:
            document = read_valid_document(self.schema, text, self._limits, hide_suggestions=not self._introspection)
            operation = select_operation(document, name)
            prepared = PreparedOperation(
                self.schema,
                self._cost_rules,
                self._authorization,
                document,
                operation,
                cache_rules=self._cache_rules,
                key=key,
            )
            if prepared.tree.introspection and not self._introspection:
                raise refuse("INTROSPECTION_DISABLED", "Introspection is switched off here.")
        except RequestRefused as refusal:
            return refusal.with_traceback(None)
        except TooMuch as excess:
            return too_much(excess)
        return prepared

    def _leave_out(self, key: Hashable, prepared: PreparedOperation, failing: Rule) -> Permitted:
        allowed = leave_out(self._authorization, self.schema, prepared.tree, failing)
        return Permitted(key, allowed.asked, allowed.written, allowed.left_out)


def _values_of(names: tuple[str, ...], variables: Variables) -> tuple[bool, ...]:
    return tuple([variables.conditions[name] for name in names])


def _conditions_of(names: tuple[str, ...], values: tuple[bool, ...]) -> dict[str, bool]:
    return dict(zip(names, values, strict=True))


def _projection_key(permitted: Permitted, values: tuple[bool, ...]) -> Hashable:
    return ("projection", permitted.key, values)
