"""Dead letters in RabbitMQ: one queue, which is read without taking anything out of it."""

import asyncio
import hashlib
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from typing import Any

from aio_pika.abc import AbstractChannel, AbstractIncomingMessage, AbstractQueue
from aio_pika.exceptions import QueueEmpty

from subgraphs.shared.messaging.rabbitmq.connection import RABBIT_ERRORS, Connection, close_channel
from subgraphs.shared.messaging.rabbitmq.subscription import (
    ATTEMPT,
    CONFIRM_SECONDS_MAX,
    DIED_AT,
    QUEUE,
    REASON,
    copied,
)
from subgraphs.shared.messaging.rabbitmq.topology import Topology
from subgraphs.shared.messaging.transport import UNSETTLED, DeadLetter, TransportUnavailable

SCAN_MAX = 10_000
"""Dead letters looked at in one call. AMQP cannot search, so choosing means holding all that came before."""


_GIVE_BACK_SECONDS_MAX = 2.0
"""Longest wait for what was looked at to be back. Not more: somebody else may have taken it meanwhile."""


class _Look:
    """Takes dead letters one by one; those that nobody settles go back when the look ends."""

    def __init__(self, channel: AbstractChannel, topology: Topology) -> None:
        self._channel = channel
        self._topology = topology
        self._held: dict[int | None, AbstractIncomingMessage] = {}

    async def letters(self) -> AsyncIterator[tuple[AbstractIncomingMessage, DeadLetter]]:
        dead = await self._dead_queue()
        for _ in range(min(dead.declaration_result.message_count or 0, SCAN_MAX)):
            try:
                incoming = await dead.get(timeout=CONFIRM_SECONDS_MAX)
            except QueueEmpty:
                return
            if incoming is not None:
                self._held[incoming.delivery_tag] = incoming
                yield incoming, _letter(incoming, self._topology)

    async def put_back_on_its_queue(self, incoming: AbstractIncomingMessage, letter: DeadLetter) -> None:
        """Confirmed there before it is gone here."""
        await self._channel.default_exchange.publish(
            copied(incoming, {}),
            self._topology.queue(letter.queue),
            mandatory=True,
            timeout=CONFIRM_SECONDS_MAX,
        )
        await self.delete(incoming)

    async def delete(self, incoming: AbstractIncomingMessage) -> None:
        await incoming.ack()
        del self._held[incoming.delivery_tag]

    async def end(self) -> None:
        """
        Give back what was only looked at, and see it arrive.

        A quorum queue takes a moment for that, in which the next look would miss some.
        """
        if not self._held:
            return
        last = next(reversed(self._held.values()))
        await last.nack(multiple=True, requeue=True)
        with suppress(TimeoutError):
            async with asyncio.timeout(_GIVE_BACK_SECONDS_MAX):
                while await self._count() < len(self._held):  # noqa: ASYNC110  # the broker tells nobody
                    await asyncio.sleep(0.01)

    async def _count(self) -> int:
        return (await self._dead_queue()).declaration_result.message_count or 0

    async def _dead_queue(self) -> AbstractQueue:
        return await self._channel.declare_queue(self._topology.dead, passive=True)


class RabbitMQDeadLetters:
    """
    Looks at messages by taking them without acknowledgement.

    While one person looks, another sees only what the first has not taken yet.
    """

    def __init__(self, connection: Connection, topology: Topology) -> None:
        self._connection = connection
        self._topology = topology

    async def list(self, *, queue: str | None = None, limit: int = 100) -> AsyncIterator[DeadLetter]:
        found: deque[DeadLetter] = deque()
        async with self._looking() as look:
            async for _, letter in look.letters():
                if queue is None or letter.queue == queue:
                    found.append(letter)
                if len(found) >= limit:
                    break
        for letter in found:
            yield letter

    async def replay(self, *, queue: str | None = None, ids: frozenset[str] | None = None) -> int:
        count = 0
        async with self._looking() as look:
            async for incoming, letter in look.letters():
                if _is_chosen(letter, queue, ids):
                    await look.put_back_on_its_queue(incoming, letter)
                    count += 1
        return count

    async def purge(self, *, queue: str | None = None, ids: frozenset[str] | None = None) -> int:
        count = 0
        async with self._looking() as look:
            async for incoming, letter in look.letters():
                if _is_chosen(letter, queue, ids):
                    await look.delete(incoming)
                    count += 1
        return count

    @asynccontextmanager
    async def _looking(self) -> AsyncIterator[_Look]:
        channel = await self._connection.channel()
        try:
            await self._topology.declare_shared(channel)
            look = _Look(channel, self._topology)
            yield look
            await look.end()
        except RABBIT_ERRORS as error:
            raise TransportUnavailable(f"RabbitMQ did not answer: {error!r}") from error
        finally:
            await close_channel(channel)


def _letter(incoming: AbstractIncomingMessage, topology: Topology) -> DeadLetter:
    headers = incoming.headers
    queue = headers.get(QUEUE)
    if not isinstance(queue, str):  # the broker buried it, at the delivery limit
        queue = topology.handler(_first_death(headers).get("queue", "unknown"))
    attempts = headers.get(ATTEMPT)
    message_id = incoming.message_id or hashlib.sha256(incoming.body).hexdigest()[:32]
    return DeadLetter(
        id=f"{queue}/{message_id}",
        queue=queue,
        reason=str(headers.get(REASON) or UNSETTLED),
        attempts=attempts if isinstance(attempts, int) else 1,
        died_at=_died_at(headers),
        body=incoming.body,
    )


def _is_chosen(letter: DeadLetter, queue: str | None, ids: frozenset[str] | None) -> bool:
    return (queue is None or letter.queue == queue) and (ids is None or letter.id in ids)


def _first_death(headers: Any) -> dict[str, Any]:
    deaths = headers.get("x-death")
    return deaths[0] if isinstance(deaths, list) and deaths and isinstance(deaths[0], dict) else {}


def _died_at(headers: Any) -> datetime | None:
    stamp = headers.get(DIED_AT)
    if isinstance(stamp, str):
        return datetime.fromisoformat(stamp)
    died_at = _first_death(headers).get("time")
    return died_at if isinstance(died_at, datetime) else None
