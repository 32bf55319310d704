"""
A running subgraph: its schema over its database, its own routes, its reactions to events, its jobs.

`execute` is the one way a GraphQL request is answered, and `subscribe` the one way it is answered again and again,
whether it came over HTTP or from a router in the same process. The token is verified here: nobody trusts a header, nor
a caller.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import structlog
from graphql import GraphQLError, VariableDefinitionNode
from strawberry.exceptions import MissingQueryError
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types import ExecutionResult
from strawberry.types.graphql import OperationType

from subgraphs.shared import staff_looks, turns
from subgraphs.shared.clock import Clock, SystemClock
from subgraphs.shared.correlation import (
    CORRELATION_HEADER,
    TRACEPARENT_HEADER,
    accept_correlation,
    accept_traceparent,
    correlation_id,
    traceparent,
)
from subgraphs.shared.database import Database
from subgraphs.shared.ending import Ended, Ending
from subgraphs.shared.event_stream import LAST_EVENT_ID_HEADER, Event
from subgraphs.shared.graphql.compiled.documents import program_of, run_form
from subgraphs.shared.graphql.context import Context
from subgraphs.shared.graphql.door import Door
from subgraphs.shared.graphql.entities import FederatedSchema
from subgraphs.shared.graphql.masking import present_error
from subgraphs.shared.identity import (
    ANONYMOUS,
    Identity,
    InvalidToken,
    KeysUnavailable,
    NoLongerAccepted,
    TokenVerifier,
    bearer_token,
)
from subgraphs.shared.jobs import Job
from subgraphs.shared.messaging.health import NOTHING_TO_TELL, EventsHealth
from subgraphs.shared.messaging.reactions import Reactions
from subgraphs.shared.messaging.transport import DeadLetters
from subgraphs.shared.scopes import DOMAINS
from subgraphs.shared.standing.standing import Standing
from trevo.door.too_much import TooMuch

log = structlog.get_logger()

NO_OPERATION = (CannotGetOperationTypeError, InvalidOperationTypeError, MissingQueryError)
"""What Strawberry raises where a document has no operation that may be run."""

QUERIES = (OperationType.QUERY,)
QUERIES_AND_MUTATIONS = (OperationType.QUERY, OperationType.MUTATION)

MUTATION_NOT_ALLOWED = "MUTATION_NOT_ALLOWED"
"""The code of a mutation that came a way on which nothing is changed."""


@dataclass(frozen=True)
class GraphQLRequest:
    """One GraphQL request, transport stripped off."""

    query: str
    variables: dict[str, Any] | None = None
    operation_name: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    """Names in lower case."""
    deadline_seconds: float | None = None
    """What is left of the caller's patience."""
    remote_address: str | None = None
    changes_nothing: bool = False
    """No mutation may come this way (GraphQL over HTTP, 5.3)."""


@dataclass
class Subgraph:
    """One domain, ready to serve. Made by the domain's `main.create_subgraph`."""

    name: str
    schema: FederatedSchema
    database: Database
    verifier: TokenVerifier
    reactions: Reactions
    clock: Clock = field(default_factory=SystemClock)
    services: Any = None
    """The domain's ports and settings; resolvers find them at `info.context.services`."""
    routes: list[Any] = field(default_factory=list)
    """The domain's own HTTP routes (a token endpoint, webhooks), as FastAPI `APIRouter`s."""
    internal_routes: list[Any] = field(default_factory=list)
    """Routes for the other services, served on the port of this subgraph's own process and on no published one."""
    jobs: list[Job] = field(default_factory=list)
    on_close: list[Callable[[], Awaitable[None]]] = field(default_factory=list)
    deadline_seconds_max: float = 15.0
    request_bytes_max: int = 1_000_000
    """Of a whole request over HTTP."""
    representations_max: int = 1_000
    """More entities than this in one `_entities` call are refused."""
    door: Door = field(default_factory=Door)
    """What a request may ask for."""
    ending: Ending = field(default_factory=Ending)
    """Ends the subscriptions that are open."""
    events_health: Callable[[], Awaitable[EventsHealth]] | None = None
    """How relay, consumer and broker are; None while nobody runs them."""
    dead_letters: DeadLetters | None = None
    """What could not be handled, of all services; None while nobody runs them."""
    standing: Standing = field(init=False)
    """Who may no longer do what their token says. Every door asks, because the verifier does."""

    def __post_init__(self) -> None:
        self.standing = Standing(self.database, self.clock)
        self.standing.on_change.append(self.ending.end_unwelcome)
        self.standing.on_key_withdrawn.append(self.verifier.reread_keys)
        self.verifier.objection_to = self.standing.objection_to

    async def execute(self, request: GraphQLRequest) -> dict[str, Any]:
        """Answer *request* as `{"data": …, "errors": […]}`. Never raises, except to be cancelled."""
        identity = await self._receive(request)
        if isinstance(identity, dict):
            return identity
        patience = min(self.deadline_seconds_max, request.deadline_seconds or self.deadline_seconds_max)
        try:
            async with asyncio.timeout(patience):
                with turns.request(patience):
                    return await self._execute(request, identity)
        except TimeoutError:
            log.warning("request timed out", subgraph=self.name, operation=request.operation_name)
            return _refused("This part took too long; try again.", "TIMEOUT")

    async def subscribe(self, request: GraphQLRequest) -> AsyncGenerator[Event, None]:
        """
        Answer a subscription again and again. Never raises, except to be cancelled.

        Whatever ends it (its token runs out, the process stops, a fault) is said in a last answer.
        """
        identity = await self._receive(request)
        if isinstance(identity, dict):
            yield Event(identity)
            return
        context = self._context_for(request, identity)
        results = await self.schema.subscribe(
            request.query,
            variable_values=request.variables,
            context_value=context,
            operation_name=request.operation_name,
        )
        async with aclosing(results):
            verdict = partial(self._ended_by_decision, identity)
            async for answer in self.ending.until_ended(results, identity.expires_at, verdict):
                if isinstance(answer, Ended):
                    yield Event(_refused(answer.message, answer.code, answer.reason))
                    return
                yield Event(await self._shown(context, answer), context.event_id)
                context.forget_loaded()

    def _ended_by_decision(self, identity: Identity) -> Ended | None:
        objection = self.standing.objection_to(identity)
        return None if objection is None else Ended(objection.message, "UNAUTHENTICATED", objection.reason)

    async def identify(self, authorization: str | None) -> Identity:
        """Who sent this `Authorization` header; anonymous without one. Raises InvalidToken, KeysUnavailable."""
        token = bearer_token(authorization)
        return ANONYMOUS if token is None else await self.verifier.verify(token)

    async def _receive(self, request: GraphQLRequest) -> Identity | dict[str, Any]:
        """Who sent *request*, under whose ids it is handled from here on; or the answer that refuses it."""
        correlation_id.set(accept_correlation(request.headers.get(CORRELATION_HEADER)))
        traceparent.set(accept_traceparent(request.headers.get(TRACEPARENT_HEADER)))
        try:
            return await self.identify(request.headers.get("authorization"))
        except InvalidToken as error:
            reason = error.objection.reason if isinstance(error, NoLongerAccepted) else None
            return _refused(str(error), "UNAUTHENTICATED", reason)
        except KeysUnavailable:
            return _refused("Tokens cannot be verified at the moment; try again.", "SERVICE_UNAVAILABLE")

    def _context_for(self, request: GraphQLRequest, identity: Identity) -> Context:
        return Context(
            identity=identity,
            database=self.database,
            clock=self.clock,
            require_current=partial(self.standing.require_current, identity),
            services=self.services,
            dead_letters=self.dead_letters,
            door=self.door,
            remote_address=request.remote_address,
            user_agent=request.headers.get("user-agent"),
            correlation_id=correlation_id.get() or "",
            entity_scopes=DOMAINS.get(self.name, ()),
            representations_max=self.representations_max,
            last_event_id=request.headers.get(LAST_EVENT_ID_HEADER),
        )

    async def _execute(self, request: GraphQLRequest, identity: Identity) -> dict[str, Any]:
        context = self._context_for(request, identity)
        result = await self._execute_compiled(request, context)
        try:
            result = result or await self.schema.execute(
                request.query,
                variable_values=request.variables,
                context_value=context,
                operation_name=request.operation_name,
                allowed_operation_types=QUERIES if request.changes_nothing else QUERIES_AND_MUTATIONS,
            )
        except NO_OPERATION as error:
            if isinstance(error, InvalidOperationTypeError) and error.operation_type is OperationType.MUTATION:
                return _refused("A GET request may only carry a query; send mutations by POST.", MUTATION_NOT_ALLOWED)
            return _refused(_what_is_wrong(error), "BAD_REQUEST")
        return await self._shown(context, result)

    async def _execute_compiled(self, request: GraphQLRequest, context: Context) -> ExecutionResult | None:
        """The answer by code that was written for this document; None where graphql-core has to give it."""
        variables = request.variables or {}
        found = program_of(self.door, self.schema, request.query, request.operation_name, variables)
        if found is None:
            return None
        read, form = found
        try:
            self.door.check_cost(read, request.operation_name, variables)
        except TooMuch as excess:
            return ExecutionResult(data=None, errors=[self.door.refuse(excess, request.operation_name)])
        context.is_admitted = True
        data = await run_form(self.door, form, context, variables)
        return None if data is None else ExecutionResult(data=data, errors=None)

    async def _shown(self, context: Context, result: Any) -> dict[str, Any]:
        """*result* as the answer, once it is on record whose data staff see in it."""
        if context.looks and not await self._written_down(context):
            return _refused("What staff sees is written down, which is not possible now.", "SERVICE_UNAVAILABLE")
        context.looks.clear()
        return self._response(result)

    async def _written_down(self, context: Context) -> bool:
        """Whether it is on record at whose data the asker, of the staff, has looked."""
        try:
            async with self.database.begin() as session:
                await staff_looks.write_down(
                    session,
                    context.looks,
                    actor_id=context.identity.user_id,
                    at=self.clock.now(),
                    correlation_id=context.correlation_id,
                )
        except Exception:
            log.exception("looks of staff cannot be written down", subgraph=self.name, people=len(context.looks))
            return False
        return True

    def _response(self, result: Any) -> dict[str, Any]:
        response: dict[str, Any] = {"data": result.data}
        if result.errors:
            response["errors"] = [self._present(error) for error in result.errors]
        return response

    def _present(self, error: GraphQLError) -> dict[str, Any]:
        if isinstance(error.original_error, NO_OPERATION):
            return _error(_what_is_wrong(error.original_error), "BAD_REQUEST")
        # Only what happens while a field is resolved has a path; the rest was found wrong before that.
        is_invalid_document = error.path is None and not _is_about_a_value(error)
        default = "GRAPHQL_VALIDATION_FAILED" if is_invalid_document else "BAD_USER_INPUT"
        return present_error(error, subgraph=self.name, default_code=default)

    async def readiness(self) -> dict[str, Any]:
        """
        Whether it can do its work (`ready`), and how each part is.

        Without the broker it can: reads and writes need none, and what they tell waits in the outbox. Then `events`
        is false.
        """
        database = await self.database.answers()
        events = await self.events_health() if self.events_health else NOTHING_TO_TELL
        return {"ready": database and events.works, "database": database, "events": events.flows, **events.details}

    async def close(self) -> None:
        self.ending.end_all()
        await self.standing.stop()
        for close in self.on_close:
            await close()
        await self.database.close()


def _is_about_a_value(error: GraphQLError) -> bool:
    """Whether a variable's value is wrong. graphql-core tells it from a wrong document by its words alone."""
    node = error.nodes[0] if error.nodes else None
    return isinstance(node, VariableDefinitionNode) and "has invalid value" in error.message


def _what_is_wrong(error: Exception) -> str:
    if isinstance(error, InvalidOperationTypeError):
        if error.operation_type is OperationType.SUBSCRIPTION:
            return "A subscription is answered by events; send 'accept: text/event-stream'."
        return "Events answer a subscription only; send 'accept: application/json'."
    return str(error) or "The document names no operation to run."


def _refused(message: str, code: str, reason: str | None = None) -> dict[str, Any]:
    return {"data": None, "errors": [_error(message, code, reason)]}


def _error(message: str, code: str, reason: str | None = None) -> dict[str, Any]:
    extensions = {"code": code, "traceId": correlation_id.get()}
    if reason is not None:
        extensions["reason"] = reason
    return {"message": message, "extensions": extensions}
