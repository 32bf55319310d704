"""The RabbitMQ transport: declaring, publishing with confirms, and what is pending."""

import asyncio
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any
from uuid import UUID

from aio_pika import DeliveryMode
from aio_pika import Message as AMQPMessage
from aio_pika.abc import AbstractChannel
from aio_pika.exceptions import ChannelClosed, ChannelInvalidStateError, DeliveryError, PublishError

from subgraphs.shared.messaging.event import CONTENT_TYPE, Event
from subgraphs.shared.messaging.rabbitmq.connection import RABBIT_ERRORS, Connection, close_channel
from subgraphs.shared.messaging.rabbitmq.dead_letters import RabbitMQDeadLetters
from subgraphs.shared.messaging.rabbitmq.subscription import (
    ATTEMPT,
    CONFIRM_SECONDS_MAX,
    Observed,
    RabbitMQBatchSubscription,
    RabbitMQSubscription,
)
from subgraphs.shared.messaging.rabbitmq.topology import Topology, message_count
from subgraphs.shared.messaging.retry import RetryPolicy
from subgraphs.shared.messaging.transport import (
    NO_QUEUE,
    BatchCallback,
    Binding,
    Callback,
    Health,
    Pending,
    Presence,
    PublishRefused,
    QueuesRefused,
    TransportUnavailable,
    UnheardTypes,
    encode_all,
)

NAMESPACE = "peerseed"

Encoded = tuple[Event, bytes]

_HEALTH_SECONDS_MAX = 1.0
"""Shorter than whoever asks `/ready` waits for its answer."""


class RabbitMQTransport:
    """
    The transport over the RabbitMQ at *url*, `amqp://user:password@host:5672/vhost`.

    Publishing and consuming have a connection each: a broker short of memory stops
    reading from connections that publish, and acknowledgements must get through.
    """

    def __init__(self, url: str, *, retry: RetryPolicy | None = None, namespace: str = NAMESPACE) -> None:
        self._retry = retry or RetryPolicy()
        self.topology = Topology(namespace, self._retry.delays_s)
        presence = Presence("rabbitmq")
        self._publishing = Connection(url, purpose="publishes", presence=presence)
        self._consuming = Connection(url, purpose="consumes", presence=presence)
        self._dead_letters = RabbitMQDeadLetters(self._consuming, self.topology)
        self._subscriptions: list[RabbitMQSubscription | RabbitMQBatchSubscription] = []
        self._declared: dict[str, Binding] = {}
        self._declaring = asyncio.Lock()
        self._channel: AbstractChannel | None = None
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
        self._channel = None
        await self._consuming.close()
        await self._publishing.close()

    async def declare(self, bindings: Iterable[Binding]) -> None:
        wanted = list(bindings)
        self._declared |= {binding.queue: binding for binding in wanted}
        await self._declare(wanted)

    async def _declare(self, bindings: Iterable[Binding]) -> None:
        refused: dict[str, str] = {}
        async with self._declaring:  # one after another: of two that make a quorum queue at once, one may fail
            channel = await self._publishing.channel()
            try:
                await self.topology.declare_shared(channel)
                for binding in bindings:
                    try:
                        await self.topology.declare_binding(channel, binding)
                    except ChannelClosed as error:  # RabbitMQ's way to refuse; the others are still to be made
                        refused[binding.queue] = str(error)
                        channel = await self._publishing.channel()
            except RABBIT_ERRORS as error:
                raise TransportUnavailable(f"RabbitMQ did not make the queues: {error!r}") from error
            finally:
                await close_channel(channel)
        if refused:
            raise QueuesRefused(refused)

    async def _declare_for(self, queue: str) -> None:
        """What a consumer of *queue* needs: it, and what its messages pass through."""
        await self._declare([self._declared[queue]] if queue in self._declared else [])

    async def publish(self, events: Sequence[Event]) -> None:
        encoded, refused = encode_all(events)
        returned = await self._publish_all(encoded, refused)
        heard = frozenset[str]().union(*(binding.types for binding in self._declared.values()))
        for event, _ in returned:
            if event.type not in heard:
                self._unheard.note(event.type)
        if missed := [(event, body) for event, body in returned if event.type in heard]:
            await self._publish_again(missed, refused)
        if refused:
            raise PublishRefused(refused)

    async def _publish_again(self, missed: Sequence[Encoded], refused: dict[UUID, str]) -> None:
        """Their queue has vanished since it was declared: it is declared anew, and takes them now."""
        with suppress(QueuesRefused):
            await self._declare(self._declared.values())
        refused |= {event.id: NO_QUEUE for event, _ in await self._publish_all(missed, refused)}

    async def _publish_all(self, encoded: Sequence[Encoded], refused: dict[UUID, str]) -> list[Encoded]:
        """Publish what is *encoded*; answers what no queue took, and adds to *refused* what RabbitMQ did not take."""
        channel = await self._open_channel()
        # Written in order, since tasks start in order and a channel writes one message at a time;
        # the confirmations are awaited together.
        answers = await asyncio.gather(
            *(self._publish_one(channel, self.topology.events, event.type, event, body) for event, body in encoded),
            return_exceptions=True,
        )
        returned = []
        for (event, body), answer in zip(encoded, answers, strict=True):
            if isinstance(answer, PublishError):
                returned.append((event, body))
            elif isinstance(answer, DeliveryError):
                refused[event.id] = f"RabbitMQ did not take the message: {answer!r}"
            elif isinstance(answer, BaseException):
                await self._close_channel()
                raise TransportUnavailable(f"RabbitMQ did not confirm: {answer!r}") from answer
        return returned

    async def send_to(self, queue: str, events: Sequence[Event]) -> None:
        channel = await self._publishing.channel()
        try:
            for event in events:
                name = self.topology.queue(queue)
                await self._publish_one(channel, "", name, event, event.encode())
        except (*RABBIT_ERRORS, DeliveryError) as error:
            raise TransportUnavailable(f"RabbitMQ did not take the events for {queue}: {error!r}") from error
        finally:
            await close_channel(channel)

    async def _publish_one(
        self, channel: AbstractChannel, exchange: str, routing_key: str, event: Event, body: bytes
    ) -> None:
        if channel.is_closed:
            raise ChannelInvalidStateError(f"the channel {channel} is closed")
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
        writing: Any = await channel.get_underlay_channel()  # its abstract class does not have `wait`
        await writing.basic_publish(
            message.body,
            exchange=exchange,
            routing_key=routing_key,
            properties=message.properties,
            mandatory=True,
            timeout=CONFIRM_SECONDS_MAX,
            # Confirmed it is; but until the socket has taken it, nobody else could write: a turn of the loop for each.
            wait=False,
        )

    async def _open_channel(self) -> AbstractChannel:
        async with self._opening:
            if self._channel is None or self._channel.is_closed:
                with suppress(QueuesRefused):  # no reason to send nothing; who would hear it from them is told below
                    await self._declare(self._declared.values())
                self._channel = await self._publishing.channel()
            return self._channel

    async def _close_channel(self) -> None:
        # What was sent without an answer may be confirmed late: on another channel that cannot confuse anybody.
        channel, self._channel = self._channel, None
        if channel is not None and not channel.is_closed:
            try:
                async with asyncio.timeout(CONFIRM_SECONDS_MAX):
                    await close_channel(channel)
            except TimeoutError:
                await self._publishing.close()

    async def consume(self, queue: str, callback: Callback, *, concurrency: int) -> RabbitMQSubscription:
        subscription = RabbitMQSubscription(
            self._consuming,
            self.topology,
            queue,
            callback,
            concurrency=concurrency,
            observed=self._observed,
            declare=self._declare_for,
        )
        subscription.start()
        self._subscriptions.append(subscription)
        return subscription

    async def consume_batches(
        self, queue: str, callback: BatchCallback, *, batch_max: int
    ) -> RabbitMQBatchSubscription:
        subscription = RabbitMQBatchSubscription(
            self._consuming,
            self.topology,
            queue,
            callback,
            batch_max=batch_max,
            observed=self._observed,
            declare=self._declare_for,
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
                await message_count(consuming.get(queue) or channel, self.topology.queue(queue))
                for queue in self._declared
            ]
            delayed = [await message_count(channel, tier) for tier in self.topology.tiers]
        except RABBIT_ERRORS as error:
            raise TransportUnavailable(f"RabbitMQ did not answer: {error!r}") from error
        finally:
            await close_channel(channel)
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
                await self._open_channel()  # opened on demand, and nobody may have had anything to say since it broke
        except (TransportUnavailable, TimeoutError):
            return Health(transport="rabbitmq", connected=False, detail=f"RabbitMQ does not answer; {detail}")
        return Health(transport="rabbitmq", connected=consuming == len(self._subscriptions), detail=detail)
