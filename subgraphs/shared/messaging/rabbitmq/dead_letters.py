"""Dead letters in RabbitMQ: one queue, which is read without taking anything out of it."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from aio_pika.abc import AbstractChannel, AbstractIncomingMessage
from aio_pika.exceptions import QueueEmpty

from subgraphs.shared.messaging.rabbitmq.connection import RABBIT_ERRORS, Connection
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


class RabbitMQDeadLetters:
    """
    Looks at messages by taking them unacknowledged; closing the channel puts them back.

    While one person looks, another sees what the first has not taken yet.
    """

    def __init__(self, connection: Connection, topology: Topology) -> None:
        self._connection = connection
        self._topology = topology

    async def list(self, *, queue: str | None = None, limit: int = 100) -> AsyncIterator[DeadLetter]:
        found = 0
        async with self._channel() as channel:
            async for _, letter in self._scan(channel):
                if queue is None or letter.queue == queue:
                    yield letter
                    found += 1
                    if found >= limit:
                        return

    async def replay(self, *, queue: str | None = None, ids: frozenset[str] | None = None) -> int:
        count = 0
        async with self._channel() as channel:
            async for incoming, letter in self._scan(channel):
                if not _is_chosen(letter, queue, ids):
                    continue
                await channel.default_exchange.publish(
                    copied(incoming, {}),
                    self._topology.queue(letter.queue),
                    mandatory=True,
                    timeout=CONFIRM_SECONDS_MAX,
                )
                await incoming.ack()
                count += 1
        return count

    async def purge(self, *, queue: str | None = None, ids: frozenset[str] | None = None) -> int:
        count = 0
        async with self._channel() as channel:
            async for incoming, letter in self._scan(channel):
                if _is_chosen(letter, queue, ids):
                    await incoming.ack()
                    count += 1
        return count

    async def _scan(self, channel: AbstractChannel) -> AsyncIterator[tuple[AbstractIncomingMessage, DeadLetter]]:
        dead = await channel.get_queue(self._topology.dead, ensure=True)
        for _ in range(min(dead.declaration_result.message_count or 0, SCAN_MAX)):
            try:
                incoming = await dead.get(timeout=CONFIRM_SECONDS_MAX)
            except QueueEmpty:
                return
            if incoming is not None:
                yield incoming, self._letter(incoming)

    @asynccontextmanager
    async def _channel(self) -> AsyncIterator[AbstractChannel]:
        channel = await self._connection.channel()
        try:
            await self._topology.declare_shared(channel)
            yield channel
        except RABBIT_ERRORS as error:
            raise TransportUnavailable(f"RabbitMQ did not answer: {error!r}") from error
        finally:
            await channel.close()

    def _letter(self, incoming: AbstractIncomingMessage) -> DeadLetter:
        headers = incoming.headers
        queue = headers.get(QUEUE)
        if not isinstance(queue, str):  # the broker buried it, at the delivery limit
            queue = self._topology.handler(_first_death(headers).get("queue", "unknown"))
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
