"""
One subscription, from its first event to its end, whatever transport its client came by.

    subgraph ─event→ data tree ─rest of the plan→ data tree ─projection→ response ─on_event→ client

Each event is a small request of its own: a data tree, a deadline, errors with the client's paths. The next one is
taken when the client has taken this one. So nothing piles up here: a client that is slow for a moment slows down its
subgraph's stream alone, and one that takes nothing for too long is let go.

When another graph takes over, the subscription goes over to it, between two events: it is planned anew, and goes on
with the same stream of its subgraph where that is asked the same at the same address. Else it listens to another
stream, which goes on behind the last event that the client has had where events have names.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import Any, Protocol

import structlog

from trevo.clients.event_stream import is_event_id
from trevo.clients.subgraph_client import Deadline, SubgraphClient, SubgraphFailed, SubgraphResponse
from trevo.errors import ClientError, RequestRefused, refuse
from trevo.execute.errors import Failures, read_subgraph_error
from trevo.execute.execute_plan import execute_event
from trevo.execute.execution import Execution
from trevo.execute.fetch import listen, values_of
from trevo.extensions.extensions import Extensions
from trevo.extensions.told import ClientOperation, SubscriptionEvent
from trevo.gateway.admission import Admission, Admitted, End
from trevo.gateway.engine import Engine
from trevo.gateway.engine_use import EngineUse
from trevo.gateway.event_source import EventSource
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
BUSY = 503
"""The status of a refusal that says nothing of what was asked."""
LEFT_OVER_MAX = 1_000
"""Events that came before a stream is given up for another, and are still told; more would mean that it never is."""

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


STOPPING = End("stopping", ClientError("The router is stopping; subscribe again in a moment.", "SERVER_STOPPING"))


class EventStream(Protocol):
    """Where the events of one subscription go."""

    async def open(self) -> None:
        """Tell the client that it is subscribed."""
        ...

    async def send_event(self, body: dict[str, Any], event_id: str | None = None) -> None:
        """
        Hand over one response; returns when there is room for another.

        *event_id* is as in `SubgraphResponse`.
        """
        ...


@dataclass(frozen=True, slots=True)
class Listening:
    """All that a subscription needs once it is planned."""

    planned: Planned
    execution: Execution
    """As it begins for every event."""
    operation: ClientOperation
    extensions: Extensions
    clients: Mapping[str, SubgraphClient]
    """Those of its engine."""
    plan_anew: Callable[[Engine], Awaitable["Listening"]]
    """The same of another engine. Refuses where its graph does not have the operation."""

    @property
    def expires_at(self) -> float | None:
        """When its token runs out, in seconds since the epoch."""
        identity = self.operation.request.identity
        return identity.expires_at if identity else None

    @property
    def primary(self) -> Fetch:
        """What is listened to."""
        primary = self.planned.plan.primary
        assert primary is not None  # noqa: S101  # a subscription has one
        return primary.node

    def listens_as(self, other: "Listening") -> bool:
        """Whether the stream of *other* is as good as one of its own."""
        mine, its = self.primary, other.primary
        return (
            self.clients.get(mine.subgraph) is other.clients.get(its.subgraph)
            and (mine.subgraph, mine.document) == (its.subgraph, its.document)
            and values_of(mine, self.execution) == values_of(its, other.execution)
        )


async def subscribe(
    listening: Listening,
    stream: EventStream,
    use: EngineUse,
    door: Admission,
    metrics: Metrics,
    *,
    last_event_id: str | None = None,
) -> End:
    """
    Send events to *stream*, those behind *last_event_id*, until something ends it.

    Never raises, except bugs and to be cancelled. Refuses with `BAD_REQUEST`, and as *door* does.
    """
    if last_event_id is not None and not is_event_id(last_event_id):
        raise refuse("BAD_REQUEST", "'last-event-id' must be the id of an event.", is_transport=True)
    request = listening.operation.request
    identity, address = request.identity, request.address
    with door.admit(identity.person if identity else subscriber(address)) as admitted:
        subscription = _Subscription(listening, stream, use, metrics, last_event_id)
        with _timers(listening, admitted), subscription.told(admitted):
            subscription.end = await admitted.until_ended(subscription.run())
        return subscription.end


@contextmanager
def _timers(listening: Listening, admitted: Admitted) -> Iterator[None]:
    loop = asyncio.get_running_loop()
    timers = [loop.call_later(listening.execution.limits.subscription_seconds_max, admitted.end, TOO_LONG)]
    if listening.expires_at is not None:
        timers.append(loop.call_later(max(listening.expires_at - time.time(), 0), admitted.end, TOKEN_EXPIRED))
    try:
        yield
    finally:
        for timer in timers:
            timer.cancel()


class _Subscription:
    def __init__(
        self,
        listening: Listening,
        stream: EventStream,
        use: EngineUse,
        metrics: Metrics,
        last_event_id: str | None,
    ) -> None:
        self._listening = listening
        self._stream = stream
        self._use = use
        self._metrics = metrics
        self._source = EventSource()
        self._last_event_id = last_event_id
        self._events = 0
        self.end = CLIENT_GONE
        """Unless it is set to another: only to be cancelled leaves it."""

    @contextmanager
    def told(self, admitted: Admitted) -> Iterator[None]:
        """A block of which log and figures are told."""
        started = time.perf_counter()
        name = self._listening.operation.name
        log.info("subscription begins", operation=name)
        try:
            yield
        except Exception:
            self.end = End("failed")
            raise
        finally:
            reason = (admitted.ended or self.end).reason
            self._metrics.subscriptions_ended.labels(reason).inc()
            seconds = round(time.perf_counter() - started, 3)
            log.info("subscription ended", operation=name, reason=reason, events=self._events, seconds=seconds)

    async def run(self) -> End:
        """Pass events on until there are no more; why there are none."""
        await self._stream.open()
        self._use.follow(self._source.wake)
        try:
            await self._listen()
            while True:
                await self._source.wait()
                end = await self._pass_on() if self._source.has_come else None
                if end is None and self._use.is_superseded:
                    end = await self._go_over()
                if end is not None:
                    return end
        except SubgraphFailed as error:
            subgraph = self._listening.primary.subgraph
            log.warning("subgraph failed", subgraph=subgraph, code=error.code, detail=error.detail)
            return End("subgraph failed", ClientError(error.message, error.code, service=subgraph))
        finally:
            await self._source.close()

    async def _listen(self) -> None:
        listening = self._listening
        opening = replace(listening.execution, deadline=Deadline.after(listening.execution.limits.subgraph_seconds_max))
        await self._source.exchange(listen(listening.primary, opening, self._last_event_id))

    async def _pass_on(self) -> End | None:
        """Tell the client of what has come; why it is the last."""
        event, listening = self._source.take(), self._listening
        if event is None:
            return COMPLETE
        if (refused := _refusal_of_token(event, listening)) is not None:
            return refused
        body = await _respond(event, listening, self._events + 1)
        try:
            async with asyncio.timeout(listening.execution.limits.subscription_send_seconds_max):
                await self._stream.send_event(body, event.event_id)
        except TimeoutError:
            return TOO_SLOW
        if event.event_id is not None:
            self._last_event_id = event.event_id or None
        self._events += 1
        self._metrics.events.inc()
        return None

    async def _go_over(self) -> End | None:
        """Go on with the graph that has taken over; why not, where it does not have the operation any more."""
        try:
            with self._use.going_over() as engine:
                listening = await self._listening.plan_anew(engine)
                stays = listening.listens_as(self._listening)
                if not stays and (end := await self._leave(for_=listening)) is not None:
                    return end
                self._listening = listening
                if not stays:
                    await self._listen()
        except RequestRefused as refusal:
            if refusal.status != BUSY:
                return graph_changed(refusal)
            seconds = random.uniform(0.5, 1.5)  # noqa: S311  # not all at the same time
            asyncio.get_running_loop().call_later(seconds, self._source.wake)
            return None
        self._metrics.subscriptions_replanned.labels("kept" if stays else "opened anew").inc()
        return None

    async def _leave(self, *, for_: Listening) -> End | None:
        """
        Tell the client of events that have come already, before their stream is given up for another.

        Those with names need not be told, since their subgraph tells them again; to another one names mean nothing. How
        the stream fails does not matter now.
        """
        is_of_the_same = for_.primary.subgraph == self._listening.primary.subgraph
        with suppress(SubgraphFailed):
            for _ in range(LEFT_OVER_MAX):
                if (is_of_the_same and self._last_event_id is not None) or not await self._source.look():
                    break
                if (end := await self._pass_on()) is not None:
                    return end
        if not is_of_the_same:
            self._last_event_id = None
        return None


def graph_changed(refusal: RequestRefused) -> End:
    """The end of a subscription that another graph does not have, for the reason that *refusal* says."""
    why = refusal.errors[0]
    message = f"The graph has changed, and this subscription is not valid any more: {why.message}"
    error = ClientError(message, "SUPERGRAPH_CHANGED", locations=why.locations, extensions={"reason": why.code})
    return End("graph changed", error)


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
    return TokenRefused("token refused", told.at(None, listening.primary.subgraph))


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
