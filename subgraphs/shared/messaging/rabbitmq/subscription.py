"""Takes a queue's messages from RabbitMQ and settles each by its outcome."""

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from typing import Any

import structlog
from aio_pika import DeliveryMode
from aio_pika import Message as AMQPMessage
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage

from subgraphs.shared.messaging.event import CONTENT_TYPE
from subgraphs.shared.messaging.outages import backoff_s, settle_in_the_end
from subgraphs.shared.messaging.rabbitmq.connection import RABBIT_ERRORS, Connection, close_channel
from subgraphs.shared.messaging.rabbitmq.topology import Topology, message_count
from subgraphs.shared.messaging.transport import (
    STOP_SECONDS_MAX,
    BatchCallback,
    Bury,
    Callback,
    Message,
    Outcome,
    Retry,
    Settled,
    TransportUnavailable,
)
from subgraphs.shared.tasks import end

log = structlog.get_logger()

ATTEMPT = "peerseed-attempt"
REASON = "peerseed-reason"
QUEUE = "peerseed-queue"
DIED_AT = "peerseed-died-at"
"""Our headers. RabbitMQ 4 keeps names that begin with `x-` to itself."""

CONFIRM_SECONDS_MAX = 10.0

_RETURN_SECONDS_MAX = 1.0
"""Longest that RabbitMQ is believed to take from a delay's end to the queue."""


ASK_SECONDS = 15.0
"""How often a consumer that hears nothing asks whether something waits for it."""


class Observed:
    """
    What this process knows of messages that RabbitMQ does not show.

    A message whose delay is over leaves the delay's count before it is in its queue
    again; so it is remembered here until it is received, or, when another process
    may have it, for a moment longer than its delay.
    """

    def __init__(self) -> None:
        self.received = 0
        self._put_off: dict[tuple[str, str | None, int], float] = {}

    def on_received(self, queue: str, message_id: str | None, attempt: int) -> None:
        self.received += 1
        self._put_off.pop((queue, message_id, attempt), None)

    def on_put_off(self, queue: str, message_id: str | None, attempt: int, delay_s: float) -> None:
        """The message will come back as this *attempt*."""
        self._put_off[queue, message_id, attempt] = time.monotonic() + delay_s + _RETURN_SECONDS_MAX

    @property
    def put_off(self) -> int:
        now = time.monotonic()
        self._put_off = {message: until for message, until in self._put_off.items() if until > now}
        return len(self._put_off)


class _RabbitMQSubscription(ABC):
    """What takes a queue's messages over one channel, which is opened again whenever it is lost."""

    def __init__(
        self,
        connection: Connection,
        topology: Topology,
        queue: str,
        *,
        prefetch: int,
        observed: Observed,
        declare: Callable[[str], Awaitable[None]],
    ) -> None:
        self._connection = connection
        self._topology = topology
        self._queue = queue
        self._prefetch = prefetch
        self._observed = observed
        self._declare = declare
        self._keeper: asyncio.Task[None] | None = None
        self._channel: AbstractChannel | None = None
        self._consumer_tag = ""
        self._takes_one = True
        self._running: set[asyncio.Task[None]] = set()

    @property
    def queue(self) -> str:
        return self._queue

    @property
    def channel(self) -> AbstractChannel | None:
        """
        The channel that messages come by, while there is one.

        Whoever asks the broker something over it gets the answer after what was
        delivered before the question was put.
        """
        return self._channel if self.is_consuming else None

    @property
    def in_flight(self) -> int:
        return len(self._running)

    @property
    def is_consuming(self) -> bool:
        return self._channel is not None and not self._channel.is_closed

    def start(self) -> None:
        self._keeper = asyncio.create_task(self._keep_consuming(), name=f"takes {self._queue}")

    async def cancel(self) -> None:
        """Take no more; wait for what runs, up to a limit. Closing the channel gives the rest back."""
        if self._keeper is None:
            return
        await end(self._keeper)
        self._keeper = None
        channel, self._channel = self._channel, None
        with suppress(*RABBIT_ERRORS):
            if channel is not None and not channel.is_closed:
                await (await channel.get_underlay_channel()).basic_cancel(self._consumer_tag)
        if self._running:
            _, late = await asyncio.wait(self._running, timeout=STOP_SECONDS_MAX)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        if channel is not None:
            await close_channel(channel)

    async def _keep_consuming(self) -> None:
        failures = 0
        while True:
            try:
                lost = await self._consume()
                failures = 0
                await self._until_lost(lost)
                await self._leave_channel()
            except TransportUnavailable:  # which has been said
                failures += 1
                await asyncio.sleep(backoff_s(failures, longest_s=5.0))
            except Exception as error:  # noqa: BLE001  # without this task the queue would only grow
                failures += 1
                if failures == 1:
                    log.warning("cannot take messages; it tries again", queue=self._queue, error=str(error))
                await asyncio.sleep(backoff_s(failures, longest_s=5.0))

    async def _until_lost(self, lost: asyncio.Event) -> None:
        """
        Until RabbitMQ takes the consumer away, or is found to have forgotten it.

        A quorum queue that is made again in the moment of its deletion keeps its name, and tells its consumers
        nothing: its messages wait while they wait for messages.
        """
        queue = self._topology.queue(self._queue)
        looks_in_vain = 0
        while not lost.is_set() and looks_in_vain < 2:  # what is on its way to us at one look has come by the next
            received = self._observed.received
            with suppress(TimeoutError):
                async with asyncio.timeout(ASK_SECONDS):
                    await lost.wait()
            is_idle = not self._running and received == self._observed.received
            is_waited_for = is_idle and self.channel and await message_count(self.channel, queue)
            looks_in_vain = looks_in_vain + 1 if is_waited_for else 0
        if not lost.is_set():
            log.error("messages wait and none comes; it is consumed anew", queue=self._queue)

    async def _leave_channel(self) -> None:
        channel, self._channel = self._channel, None
        if channel is not None and not channel.is_closed:
            await close_channel(channel)

    async def _consume(self) -> asyncio.Event:
        """Begin to consume on a new channel; answers the event of its loss."""
        lost = asyncio.Event()
        await self._declare(self._queue)
        channel = await self._connection.channel()
        channel.close_callbacks.add(lambda *_: lost.set())
        underlay = await channel.get_underlay_channel()

        def on_cancelled(*_: object) -> None:
            # The channel lives, but nothing would come any more.
            log.error("a queue has vanished, with what it held; it is declared again", queue=self._queue)
            lost.set()

        underlay.on_consumer_cancel_callbacks.add(on_cancelled)
        self._channel = channel
        self._takes_one = True
        await self._take(channel, 1)
        if channel.is_closed:
            lost.set()
        return lost

    async def _take(self, channel: AbstractChannel, prefetch: int) -> None:
        await channel.set_qos(prefetch_count=prefetch)  # of those who begin to consume after it
        queue = await channel.get_queue(self._topology.queue(self._queue), ensure=True)
        self._consumer_tag = await queue.consume(partial(self._on_message, channel))

    async def _take_many(self, channel: AbstractChannel) -> None:
        """
        From the first message that no consumer has had before; until then one at a time.

        RabbitMQ counts a consumer's death against all that it had. What died with somebody comes first and again, so a
        message that kills whoever takes it dies alone from the second time on, and its neighbours live.
        """
        with suppress(*RABBIT_ERRORS):  # a channel that is lost meanwhile has its keeper
            await (await channel.get_underlay_channel()).basic_cancel(self._consumer_tag)
            await self._take(channel, self._prefetch)

    async def _on_message(self, channel: AbstractChannel, incoming: AbstractIncomingMessage) -> None:
        self._observed.on_received(self._queue, incoming.message_id, _attempt_of(incoming))
        if channel is not self._channel:
            return  # it goes back when its channel closes
        if self._takes_one and not incoming.redelivered:
            self._takes_one = False
            self._start(self._take_many(channel))
        self._begin(channel, incoming)

    @abstractmethod
    def _begin(self, channel: AbstractChannel, incoming: AbstractIncomingMessage) -> None:
        """See to it that the message is handled and settled."""

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    def _message(self, incoming: AbstractIncomingMessage) -> Message:
        return Message(
            queue=self._queue,
            body=incoming.body,
            attempt=_attempt_of(incoming),
            redelivered=bool(incoming.redelivered),
        )

    async def _until_done(self, channel: AbstractChannel, carry_out: Callable[[], Awaitable[None]]) -> None:
        # Without its channel the message cannot be settled, and comes back by itself.
        await settle_in_the_end(
            carry_out, queue=self._queue, outages=RABBIT_ERRORS, is_lost=lambda: bool(channel.is_closed)
        )

    async def _settle(self, channel: AbstractChannel, incoming: AbstractIncomingMessage, outcome: Outcome) -> None:
        attempt = _attempt_of(incoming)
        # The copy is confirmed before the original is acknowledged: a crash between leaves two, never none.
        match outcome:
            case Settled():
                pass
            case Retry(delay_s):
                tier = await channel.get_exchange(self._topology.tier(delay_s), ensure=False)
                copy = copied(incoming, {ATTEMPT: attempt + 1})
                self._observed.on_put_off(self._queue, incoming.message_id, attempt + 1, delay_s)
                await tier.publish(copy, self._topology.queue(self._queue), mandatory=True, timeout=CONFIRM_SECONDS_MAX)
            case Bury(reason):
                headers = {
                    ATTEMPT: attempt,
                    REASON: reason,
                    QUEUE: self._queue,
                    DIED_AT: datetime.now(UTC).isoformat(),
                }
                await channel.default_exchange.publish(
                    copied(incoming, headers),
                    self._topology.dead,
                    mandatory=True,
                    timeout=CONFIRM_SECONDS_MAX,
                )
        await incoming.ack()


class RabbitMQSubscription(_RabbitMQSubscription):
    """One callback on one queue, for each message."""

    def __init__(
        self,
        connection: Connection,
        topology: Topology,
        queue: str,
        callback: Callback,
        *,
        concurrency: int,
        observed: Observed,
        declare: Callable[[str], Awaitable[None]],
    ) -> None:
        super().__init__(connection, topology, queue, prefetch=concurrency, observed=observed, declare=declare)
        self._callback = callback

    def _begin(self, channel: AbstractChannel, incoming: AbstractIncomingMessage) -> None:
        self._start(self._deliver(channel, incoming))

    async def _deliver(self, channel: AbstractChannel, incoming: AbstractIncomingMessage) -> None:
        try:
            outcome = await self._callback(self._message(incoming))
        except Exception:
            log.exception("a message could not be settled", queue=self._queue)
            outcome = Retry(self._topology.delays_s[0])
        await self._until_done(channel, partial(self._settle, channel, incoming, outcome))


class RabbitMQBatchSubscription(_RabbitMQSubscription):
    """One callback on one queue, for all that waits, one batch after another."""

    def __init__(
        self,
        connection: Connection,
        topology: Topology,
        queue: str,
        callback: BatchCallback,
        *,
        batch_max: int,
        observed: Observed,
        declare: Callable[[str], Awaitable[None]],
    ) -> None:
        super().__init__(connection, topology, queue, prefetch=batch_max, observed=observed, declare=declare)
        self._callback = callback
        self._waiting: list[tuple[AbstractChannel, AbstractIncomingMessage]] = []
        self._handled_now = 0
        self._is_delivering = False
        self._is_ending = False

    @property
    def in_flight(self) -> int:
        return len(self._waiting) + self._handled_now

    async def cancel(self) -> None:
        self._is_ending = True
        self._waiting.clear()  # they go back when the channel closes
        await super().cancel()

    def _begin(self, channel: AbstractChannel, incoming: AbstractIncomingMessage) -> None:
        if self._is_ending:
            return  # it would overtake those of its subject that go back
        self._waiting.append((channel, incoming))
        if not self._is_delivering:  # not "no task": one whose work is over is known to be so a moment later
            self._is_delivering = True
            self._start(self._deliver_all())

    async def _deliver_all(self) -> None:
        try:
            while self._waiting:
                channel = self._waiting[0][0]
                batch = [incoming for its_channel, incoming in self._waiting if its_channel is channel]
                self._waiting = [waits for waits in self._waiting if waits[0] is not channel]
                self._handled_now = len(batch)
                if not channel.is_closed:  # else all of it comes back
                    await self._deliver(channel, batch)
        finally:
            self._handled_now = 0
            self._is_delivering = False

    async def _deliver(self, channel: AbstractChannel, batch: Sequence[AbstractIncomingMessage]) -> None:
        outcomes: Sequence[Outcome]
        try:
            outcomes = await self._callback([self._message(incoming) for incoming in batch])
        except Exception:
            log.exception("a batch could not be settled", queue=self._queue)
            outcomes = [Retry(self._topology.delays_s[0])] * len(batch)
        if all(isinstance(outcome, Settled) for outcome in outcomes):
            # Of this channel nothing else that came before the last one is unsettled.
            await self._until_done(channel, partial(batch[-1].ack, multiple=True))
            return
        for incoming, outcome in zip(batch, outcomes, strict=True):
            await self._until_done(channel, partial(self._settle, channel, incoming, outcome))


def copied(incoming: AbstractIncomingMessage, headers: dict[str, Any]) -> AMQPMessage:
    """The same message with other headers, for another queue."""
    return AMQPMessage(
        incoming.body,
        headers=headers,
        content_type=incoming.content_type or CONTENT_TYPE,
        delivery_mode=DeliveryMode.PERSISTENT,
        message_id=incoming.message_id,
        correlation_id=incoming.correlation_id,
        timestamp=incoming.timestamp,
        type=incoming.type,
        app_id=incoming.app_id,
    )


def _attempt_of(incoming: AbstractIncomingMessage) -> int:
    attempt = incoming.headers.get(ATTEMPT, 1)
    return attempt if isinstance(attempt, int) and attempt >= 1 else 1
