"""
Runs a domain's reactions: each message is read, given to its handler, and settled by what the handler did.

| the handler | the message |
|---|---|
| returns, or has handled it before | is done with |
| raises NotYet | comes back later, quietly |
| raises anything else | comes back later, with a warning |
| has used up its attempts | becomes a dead letter |
| cannot read it at all | becomes a dead letter at once |
| finds its database away | waits where it is |

A handler of sets gets what waits in one transaction. Whatever goes wrong there, nothing has happened, and each message
goes its own way as above. So does what is to be taken singly, or comes again, as a retry or from a consumer that died
with it, and what follows either of its subject.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import orjson
import pydantic
import structlog

from subgraphs.shared import turns
from subgraphs.shared.logging import mask_text
from subgraphs.shared.messaging import metrics
from subgraphs.shared.messaging.event import Event, EventPayload, MalformedEvent
from subgraphs.shared.messaging.inbox import AlreadyHandled
from subgraphs.shared.messaging.outages import DatabaseUnavailable, backoff_s
from subgraphs.shared.messaging.outbox import DomainDatabase
from subgraphs.shared.messaging.reactions import Delivery, NotYet, Reaction, Reactions
from subgraphs.shared.messaging.trace_context import continued_from
from subgraphs.shared.messaging.transport import (
    Bury,
    Message,
    Outcome,
    QueuesRefused,
    Retry,
    Settled,
    Subscription,
    Transport,
)

log = structlog.get_logger()

CONCURRENCY = 4
"""Messages of one queue at once. Those of one subject still take turns."""

BATCH_MAX = 50
"""Messages that a handler of sets gets at once."""

HANDLER_SECONDS_MAX = 60.0
"""Longest a handler may take; after that it has failed. Under every broker's patience with an unsettled message."""

OUTAGE_SECONDS_MAX = 300.0
"""How long a message waits in place for its database before the broker gets it back."""

REASON_MAX = 2_000
"""Characters of a dead letter's reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsumerHealth:
    queues: int
    consumed: int
    """How many of them are consumed at the moment."""


class Consumer:
    """The running side of *reactions*, with the domain's *database* and its *services* (ports, settings)."""

    def __init__(
        self,
        reactions: Reactions,
        database: DomainDatabase,
        transport: Transport,
        *,
        services: Any = None,
        concurrency: int = CONCURRENCY,
    ) -> None:
        self._reactions = reactions
        self._database = database
        self._transport = transport
        self._services = services
        self._concurrency = concurrency
        self._subscriptions: list[Subscription] = []
        self._lanes = _Lanes()

    async def start(self) -> None:
        """Declare the queues and take messages from each."""
        with suppress(QueuesRefused):  # their subscriptions say so, and go on trying
            await self._transport.declare(self._reactions.bindings())
        for reaction in self._reactions:
            self._subscriptions.append(await self._subscribe(reaction))

    async def _subscribe(self, reaction: Reaction) -> Subscription:
        if reaction.handle_many is None:
            one = partial(self._handle, reaction)
            return await self._transport.consume(reaction.queue, one, concurrency=self._concurrency)
        many = partial(self._handle_batch, reaction)
        return await self._transport.consume_batches(reaction.queue, many, batch_max=BATCH_MAX)

    @property
    def health(self) -> ConsumerHealth:
        consumed = sum(subscription.is_consuming for subscription in self._subscriptions)
        return ConsumerHealth(queues=len(list(self._reactions)), consumed=consumed)

    async def stop(self) -> None:
        """Take no more messages and let those that run finish."""
        await asyncio.gather(*(subscription.cancel() for subscription in self._subscriptions))
        self._subscriptions.clear()

    async def _handle_batch(self, reaction: Reaction, messages: Sequence[Message]) -> Sequence[Outcome]:
        read = [self._read(reaction, message) for message in messages]
        together: list[Delivery[EventPayload]] = []
        apart: set[str] = set()
        for message, it in zip(messages, read, strict=True):
            if isinstance(it, Bury):
                continue
            is_apart = message.attempt > 1 or message.redelivered or it.event.type in reaction.singly
            if is_apart or it.event.subject in apart:
                apart.add(it.event.subject)
            else:
                together.append(it)
        done = await self._handle_together(reaction, together)
        room = asyncio.Semaphore(self._concurrency)
        give_back_at = _give_back_at()  # for all of them: the broker's patience is not with each, but with the batch

        async def outcome_of(it: Delivery[EventPayload] | Bury) -> Outcome:
            if isinstance(it, Bury):
                return it
            if id(it) in done:
                return Settled()
            async with room:
                return await self._handle_alone(reaction, it, give_back_at)

        return await asyncio.gather(*map(outcome_of, read))

    async def _handle_together(self, reaction: Reaction, deliveries: Sequence[Delivery[EventPayload]]) -> set[int]:
        """Those that are done with, by identity: all or none."""
        if len(deliveries) < 2:
            return set()
        try:
            with turns.accepted(), metrics.handling_seconds.labels(reaction.queue).time():
                async with asyncio.timeout(HANDLER_SECONDS_MAX):
                    new = await reaction.handle_together(self._database, deliveries)
        except Exception as error:  # noqa: BLE001  # whatever it was, it is met again by the one that it is of
            metrics.undone_batches.labels(reaction.queue).inc()
            log.info("a batch is undone; each goes alone", handler=reaction.queue, error=type(error).__name__)
            return set()
        metrics.consumed.labels(reaction.queue).inc(len(deliveries))
        metrics.repeated.labels(reaction.queue).inc(len(deliveries) - new)
        return {id(delivery) for delivery in deliveries}

    async def _handle(self, reaction: Reaction, message: Message) -> Outcome:
        read = self._read(reaction, message)
        return read if isinstance(read, Bury) else await self._handle_alone(reaction, read, _give_back_at())

    def _read(self, reaction: Reaction, message: Message) -> Delivery[EventPayload] | Bury:
        try:
            event = Event.decode(message.body)
            payload = _read_payload(reaction, event)
        except MalformedEvent as error:
            metrics.dead.labels(reaction.queue).inc()
            log.warning("a message cannot be read", handler=reaction.queue, reason=str(error))
            return Bury(f"malformed: {error}"[:REASON_MAX])
        return Delivery(
            event, payload, message.attempt, reaction.queue, services=self._services, _database=self._database
        )

    async def _handle_alone(self, reaction: Reaction, delivery: Delivery[EventPayload], give_back_at: float) -> Outcome:
        with continued_from(delivery.event, handler=reaction.queue):
            async with self._lanes.lane(f"{reaction.queue} {delivery.event.subject}"):
                with turns.accepted():
                    outcome = await self._attempt(reaction, delivery, give_back_at)
        metrics.consumed.labels(reaction.queue).inc()
        return outcome

    async def _attempt(self, reaction: Reaction, delivery: Delivery[EventPayload], give_back_at: float) -> Outcome:
        outages = 0
        while True:
            try:
                with metrics.handling_seconds.labels(reaction.queue).time():
                    async with asyncio.timeout(HANDLER_SECONDS_MAX):
                        await reaction.handle(delivery)
            except AlreadyHandled:
                metrics.repeated.labels(reaction.queue).inc()
                return Settled()
            except NotYet as not_yet:
                return self._put_off(delivery, not_yet, cause="not_yet")
            except DatabaseUnavailable as error:
                outages += 1
                if asyncio.get_running_loop().time() > give_back_at:
                    return self._put_off(delivery, error, cause="database")
                log.warning("the database is away; the message waits", error=str(error), outages=outages)
                await asyncio.sleep(backoff_s(outages))
            except Exception as error:
                log.warning("a handler failed", attempt=delivery.attempt, exc_info=True)
                return self._put_off(delivery, error, cause="error")
            else:
                return Settled()

    def _put_off(self, delivery: Delivery[EventPayload], error: Exception, *, cause: str) -> Outcome:
        delay_s = self._transport.retry.delay_after(delivery.attempt, not_yet=cause == "not_yet")
        if delay_s is not None:
            metrics.retried.labels(delivery.handler, cause).inc()
            log.debug("a message is put off", attempt=delivery.attempt, delay_s=delay_s, cause=cause)
            return Retry(delay_s)
        metrics.dead.labels(delivery.handler).inc()
        reason = mask_text(f"{type(error).__name__}: {error}")[:REASON_MAX]
        log.error("a message is given up", attempt=delivery.attempt, reason=reason)
        return Bury(reason)


def _give_back_at() -> float:
    return asyncio.get_running_loop().time() + OUTAGE_SECONDS_MAX


def _read_payload(reaction: Reaction, event: Event) -> EventPayload:
    payload_class = reaction.payload_classes.get(event.type)
    if payload_class is None:
        # A binding of an earlier release that the broker still has.
        raise MalformedEvent(f"{reaction.queue} does not read {event.type}")
    try:
        return payload_class.model_validate_json(orjson.dumps(event.data))
    except pydantic.ValidationError as error:
        details = error.errors(include_url=False, include_context=False, include_input=False)
        first = "; ".join(f"{'.'.join(map(str, detail['loc']))}: {detail['msg']}" for detail in details[:5])
        raise MalformedEvent(f"data is not a {payload_class.__name__}: {first}") from None


@dataclass(slots=True)
class _Lane:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    users: int = 0


class _Lanes:
    """
    One message of a subject at a time, first come first served.

    `asyncio.Lock` is fair, and transports start callbacks in queue order, so the
    messages of a subject are handled in the order of the queue while none fails.
    """

    def __init__(self) -> None:
        self._lanes: dict[str, _Lane] = {}

    @asynccontextmanager
    async def lane(self, key: str) -> AsyncIterator[None]:
        lane = self._lanes.setdefault(key, _Lane())
        lane.users += 1
        try:
            async with lane.lock:
                yield
        finally:
            lane.users -= 1
            if not lane.users:
                self._lanes.pop(key, None)
