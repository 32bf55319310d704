"""
One subscription, from its first event to its end, whatever transport its client came by.

    subgraph ─event→ data tree ─rest of the plan→ data tree ─projection→ response ─on_event→ client

Each event is a small request of its own: a data tree, a deadline, errors with the client's paths. The next one is
taken when the client has taken this one. So nothing piles up here: a client that is slow for a moment slows down its
subgraph's stream alone, and one that takes nothing for too long is let go.
"""

import asyncio
import time
from collections.abc import Iterator
from contextlib import aclosing, contextmanager
from dataclasses import dataclass, replace
from typing import Any, Protocol

import structlog

from trevo.clients.subgraph_client import Deadline, SubgraphFailed, SubgraphResponse
from trevo.errors import ClientError
from trevo.execute.errors import Failures, read_subgraph_error
from trevo.execute.execute_plan import execute_event
from trevo.execute.execution import Execution
from trevo.execute.fetch import listen
from trevo.extensions.extensions import Extensions
from trevo.extensions.told import ClientOperation, SubscriptionEvent
from trevo.gateway.admission import Admission, Admitted, End
from trevo.gateway.engine import Engine
from trevo.gateway.prepared import Planned
from trevo.gateway.request import subscriber
from trevo.gateway.result import response_body, write_response
from trevo.observability.metrics import Metrics
from trevo.plan.nodes import Fetch
from trevo.plan.record import PlanRecord

log = structlog.get_logger()

UNAUTHENTICATED = "UNAUTHENTICATED"
"""The code by which a subgraph refuses a token, as the router itself does."""

FAREWELL_SECONDS_MAX = 1.0
"""For a client to take the last word."""

COMPLETE = End("complete")
CLIENT_GONE = End("client gone")
TOKEN_EXPIRED = End(
    "token expired", ClientError("The token has expired; refresh it and subscribe again.", "TOKEN_EXPIRED")
)
TOO_LONG = End(
    "too long", ClientError("The subscription has lasted as long as one may; subscribe again.", "SUBSCRIPTION_TOO_LONG")
)
TOO_SLOW = End(
    "client too slow",
    ClientError("The events were not taken in time; subscribe again when there is time.", "SUBSCRIPTION_TOO_SLOW"),
)
SAYS_NOTHING = End("says nothing", ClientError("Nothing was asked for too long; connect again to ask.", "SOCKET_IDLE"))
MADE_WAY = End("made way", ClientError("Too many web sockets are open; try again in a moment.", "TOO_MANY_SOCKETS"))


@dataclass(frozen=True, slots=True, eq=False)
class TokenRefused(End):
    """The subgraph accepts the token no more, and says why: there is nothing that could go on with it."""


GRAPH_CHANGED = End("graph changed", ClientError("The graph has changed; subscribe again.", "SUPERGRAPH_CHANGED"))
STOPPING = End("stopping", ClientError("The router is stopping; subscribe again in a moment.", "SERVER_STOPPING"))


class EventStream(Protocol):
    """Where the events of one subscription go."""

    async def open(self) -> None:
        """Tell the client that it is subscribed."""
        ...

    async def send_event(self, body: dict[str, Any]) -> None:
        """Hand over one response; returns when there is room for another."""
        ...


@dataclass(frozen=True, slots=True)
class Listening:
    """All that a subscription needs once it is planned."""

    planned: Planned
    execution: Execution
    """As it begins for every event."""
    operation: ClientOperation
    extensions: Extensions

    @property
    def expires_at(self) -> float | None:
        """When its token runs out, in seconds since the epoch."""
        identity = self.operation.request.identity
        return identity.expires_at if identity else None


async def subscribe(
    listening: Listening, stream: EventStream, engine: Engine, door: Admission, metrics: Metrics
) -> End:
    """
    Send events to *stream* until something ends it. Never raises, except bugs and to be cancelled.

    Refuses as *door* does.
    """
    request = listening.operation.request
    identity, address = request.identity, request.address
    with door.admit(identity.person if identity else subscriber(address)) as admitted:
        if engine.is_retired:
            admitted.end(GRAPH_CHANGED)
        return await _serve(listening, admitted, stream, metrics)


async def _serve(listening: Listening, admitted: Admitted, stream: EventStream, metrics: Metrics) -> End:
    limits = listening.execution.limits
    loop = asyncio.get_running_loop()
    timers = [loop.call_later(limits.subscription_seconds_max, admitted.end, TOO_LONG)]
    if listening.expires_at is not None:
        timers.append(loop.call_later(max(listening.expires_at - time.time(), 0), admitted.end, TOKEN_EXPIRED))
    with _account(listening, admitted, metrics) as account:
        try:
            account.end = await admitted.until_ended(_pass_on(listening, stream, account, metrics))
        finally:
            for timer in timers:
                timer.cancel()
        return account.end


@dataclass(slots=True)
class _Account:
    events: int = 0
    end: End = CLIENT_GONE
    """Unless it is set to another: only to be cancelled leaves it."""


@contextmanager
def _account(listening: Listening, admitted: Admitted, metrics: Metrics) -> Iterator[_Account]:
    account = _Account()
    started = time.perf_counter()
    log.info("subscription begins", operation=listening.operation.name)
    try:
        yield account
    except Exception:
        account.end = End("failed")
        raise
    finally:
        reason = (admitted.ended or account.end).reason
        metrics.subscriptions_ended.labels(reason).inc()
        log.info(
            "subscription ended",
            operation=listening.operation.name,
            reason=reason,
            events=account.events,
            seconds=round(time.perf_counter() - started, 3),
        )


async def _pass_on(listening: Listening, stream: EventStream, account: _Account, metrics: Metrics) -> End:
    primary, limits = _primary(listening), listening.execution.limits
    opening = replace(listening.execution, deadline=Deadline.after(limits.subgraph_seconds_max))
    await stream.open()
    try:
        async with aclosing(listen(primary, opening)) as events:
            async for event in events:
                if (refused := _refusal_of_token(event, listening)) is not None:
                    return refused
                body = await _respond(event, listening, account.events + 1)
                if not await _is_taken(stream, body, limits.subscription_send_seconds_max):
                    return TOO_SLOW
                account.events += 1
                metrics.events.inc()
    except SubgraphFailed as error:
        log.warning("subgraph failed", subgraph=primary.subgraph, code=error.code, detail=error.detail)
        return End("subgraph failed", ClientError(error.message, error.code, service=primary.subgraph))
    return COMPLETE


def _refusal_of_token(event: SubgraphResponse, listening: Listening) -> TokenRefused | None:
    """Whether *event* is no event, but the end of the subscription because of its token."""
    body = event.body
    errors = body.get("errors") if isinstance(body, dict) and body.get("data") is None else None
    if not isinstance(errors, list) or not errors or listening.expires_at is None:
        return None
    execution = listening.execution
    told = read_subgraph_error(
        errors[0],
        passed_extensions=execution.passed_extensions | {"code"},
        characters_max=execution.limits.error_message_characters_max,
    )
    if told.code != UNAUTHENTICATED or told.path is not None:
        return None
    return TokenRefused("token refused", told.at(None, _primary(listening).subgraph))


def _primary(listening: Listening) -> Fetch:
    primary = listening.planned.plan.primary
    assert primary is not None  # noqa: S101  # a subscription has one
    return primary.node


async def _is_taken(stream: EventStream, body: dict[str, Any], seconds_max: float) -> bool:
    try:
        async with asyncio.timeout(seconds_max):
            await stream.send_event(body)
    except TimeoutError:
        return False
    return True


async def _respond(event: SubgraphResponse, listening: Listening, number: int) -> dict[str, Any]:
    started = time.perf_counter()
    limits = listening.execution.limits
    deadline = Deadline.after(limits.deadline_seconds)
    record = None if listening.execution.record is None else PlanRecord.of(listening.planned.plan.node)
    # Nothing of one event is left to the next: neither its data and failures, nor who was late.
    execution = replace(
        listening.execution,
        deadline=deadline,
        size=event.size,
        data={},
        failures=Failures(),
        late=set(),
        record=record,
        at_the_tree=asyncio.Lock(),
    )
    await execute_event(listening.planned.plan, event, execution)
    data, errors = await write_response(listening.planned, execution)
    body = response_body(errors, data)
    if not listening.extensions.looks_at_events:
        return body
    seconds = time.perf_counter() - started
    told = SubscriptionEvent(listening.operation, number, data, tuple(errors), seconds, record)
    await listening.extensions.on_event(told)
    return {**body, "extensions": told.extensions} if told.extensions else body
