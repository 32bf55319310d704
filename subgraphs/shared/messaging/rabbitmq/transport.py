"""The RabbitMQ transport: declaring, publishing with confirms, and what is pending."""

import asyncio
from collections.abc import Iterable, Sequence

from aio_pika import DeliveryMode
from aio_pika import Message as AMQPMessage
from aio_pika.abc import AbstractChannel, AbstractExchange
from aio_pika.exceptions import DeliveryError, PublishError

from subgraphs.shared.messaging.event import CONTENT_TYPE, Event
from subgraphs.shared.messaging.rabbitmq.connection import RABBIT_ERRORS, Connection
from subgraphs.shared.messaging.rabbitmq.dead_letters import RabbitMQDeadLetters
from subgraphs.shared.messaging.rabbitmq.subscription import (
    ATTEMPT,
    CONFIRM_SECONDS_MAX,
    Observed,
    RabbitMQSubscription,
)
from subgraphs.shared.messaging.rabbitmq.topology import Topology
from subgraphs.shared.messaging.retry import RetryPolicy
from subgraphs.shared.messaging.transport import (
    Binding,
    Callback,
    Health,
    Pending,
    PublishRefused,
    TransportUnavailable,
    UnheardTypes,
    encode_all,
)

NAMESPACE = "peerseed"

_HEALTH_SECONDS_MAX = 3.0


class RabbitMQTransport:
    """
    The transport over the RabbitMQ at *url*, `amqp://user:password@host:5672/vhost`.

    Publishing and consuming have a connection each: a broker short of memory stops
    reading from connections that publish, and acknowledgements must get through.
    """

    def __init__(self, url: str, *, retry: RetryPolicy | None = None, namespace: str = NAMESPACE) -> None:
        self._retry = retry or RetryPolicy()
        self.topology = Topology(namespace, self._retry.delays_s)
        self._publishing = Connection(url, purpose="publishes")
        self._consuming = Connection(url, purpose="consumes")
        self._dead_letters = RabbitMQDeadLetters(self._consuming, self.topology)
        self._subscriptions: list[RabbitMQSubscription] = []
        self._declared: dict[str, Binding] = {}
        self._channel: AbstractChannel | None = None
        self._exchange: AbstractExchange | None = None
        self._opening = asyncio.Lock()
        self._unheard = UnheardTypes()
        self._observed = Observed()

    @property
    def retry(self) -> RetryPolicy:
        return self._retry

    @property
    def dead_letters(self) -> RabbitMQDeadLetters:
        return self._dead_letters

    async def start(self) -> None:
        await self.declare([])

    async def stop(self) -> None:
        for subscription in self._subscriptions:
            await subscription.cancel()
        self._subscriptions.clear()
        self._channel = self._exchange = None
        await self._consuming.close()
        await self._publishing.close()

    async def declare(self, bindings: Iterable[Binding]) -> None:
        wanted = list(bindings)
        channel = await self._publishing.channel()
        try:
            await self.topology.declare_shared(channel)
            await self.topology.declare_bindings(channel, wanted)
        except RABBIT_ERRORS as error:
            raise TransportUnavailable(f"RabbitMQ did not make the queues: {error!r}") from error
        finally:
            await channel.close()
        self._declared |= {binding.queue: binding for binding in wanted}

    async def publish(self, events: Sequence[Event]) -> None:
        encoded, refused = encode_all(events)
        exchange = await self._open_exchange()
        # Written in order, since tasks start in order and a channel writes one message at a time;
        # the confirmations are awaited together.
        answers = await asyncio.gather(
            *(self._publish_one(exchange, event, body) for event, body in encoded), return_exceptions=True
        )
        for (event, _), answer in zip(encoded, answers, strict=True):
            if isinstance(answer, PublishError):
                self._unheard.note(event.type)
            elif isinstance(answer, DeliveryError):
                refused[event.id] = f"RabbitMQ did not take the message: {answer!r}"
            elif isinstance(answer, BaseException):
                await self._close_exchange()
                raise TransportUnavailable(f"RabbitMQ did not confirm: {answer!r}") from answer
        if refused:
            raise PublishRefused(refused)

    async def _publish_one(self, exchange: AbstractExchange, event: Event, body: bytes) -> None:
        message = AMQPMessage(
            body,
            content_type=CONTENT_TYPE,
            delivery_mode=DeliveryMode.PERSISTENT,
            message_id=str(event.id),
            correlation_id=event.correlation_id,
            timestamp=event.time,
            type=event.type,
            app_id=event.source,
            headers={ATTEMPT: 1} | ({"traceparent": event.traceparent} if event.traceparent else {}),
        )
        await exchange.publish(message, event.type, mandatory=True, timeout=CONFIRM_SECONDS_MAX)

    async def _open_exchange(self) -> AbstractExchange:
        async with self._opening:
            if self._exchange is None or self._channel is None or self._channel.is_closed:
                self._channel = await self._publishing.channel()
                self._exchange = await self._channel.get_exchange(self.topology.events, ensure=False)
            return self._exchange

    async def _close_exchange(self) -> None:
        # What was sent without an answer may be confirmed late: on another channel that cannot confuse anybody.
        channel, self._channel, self._exchange = self._channel, None, None
        if channel is not None and not channel.is_closed:
            try:
                async with asyncio.timeout(CONFIRM_SECONDS_MAX):
                    await channel.close()
            except RABBIT_ERRORS:
                await self._publishing.close()

    async def consume(self, queue: str, callback: Callback, *, concurrency: int) -> RabbitMQSubscription:
        subscription = RabbitMQSubscription(
            self._consuming,
            self.topology,
            queue,
            callback,
            concurrency=concurrency,
            observed=self._observed,
        )
        subscription.start()
        self._subscriptions.append(subscription)
        return subscription

    async def pending(self) -> Pending:
        # Passive declaration is AMQP's only question about a queue, and tells what is ready, not what is unsettled.
        # A queue that is consumed here is asked about by its consumer's channel: between two such questions
        # nothing that was sent to us can remain on the way.
        channel = await self._publishing.channel()
        consuming = {subscription.queue: subscription.channel for subscription in self._subscriptions}
        try:
            ready = [
                await _message_count(consuming.get(queue) or channel, self.topology.queue(queue))
                for queue in self._declared
            ]
            delayed = [await _message_count(channel, tier) for tier in self.topology.tiers]
        except RABBIT_ERRORS as error:
            raise TransportUnavailable(f"RabbitMQ did not answer: {error!r}") from error
        finally:
            await channel.close()
        return Pending(
            ready=sum(ready),
            delayed=max(sum(delayed), self._observed.put_off),
            in_flight=sum(subscription.in_flight for subscription in self._subscriptions),
            received=self._observed.received,
        )

    async def health(self) -> Health:
        consuming = sum(subscription.is_consuming for subscription in self._subscriptions)
        detail = f"{consuming} of {len(self._subscriptions)} queues are consumed"
        try:
            async with asyncio.timeout(_HEALTH_SECONDS_MAX):
                await self._open_exchange()  # opened on demand, and nobody may have had anything to say since it broke
        except (TransportUnavailable, TimeoutError):
            return Health(transport="rabbitmq", connected=False, detail=f"RabbitMQ does not answer; {detail}")
        return Health(transport="rabbitmq", connected=consuming == len(self._subscriptions), detail=detail)


async def _message_count(channel: AbstractChannel, queue: str) -> int:
    declared = await channel.declare_queue(queue, passive=True)
    return declared.declaration_result.message_count or 0
