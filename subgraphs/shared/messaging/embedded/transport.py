"""The embedded transport: bindings, publishing and what is pending."""

from collections.abc import Iterable, Sequence

from asyncpg import Connection

from subgraphs.shared.messaging.embedded.broker import BROKER_ERRORS, CHANNEL, Broker
from subgraphs.shared.messaging.embedded.dead_letters import EmbeddedDeadLetters
from subgraphs.shared.messaging.embedded.schema import declare_bindings
from subgraphs.shared.messaging.embedded.subscription import EmbeddedBatchSubscription, EmbeddedSubscription
from subgraphs.shared.messaging.event import Event
from subgraphs.shared.messaging.retry import RetryPolicy
from subgraphs.shared.messaging.transport import (
    BatchCallback,
    Binding,
    Callback,
    Health,
    Pending,
    PublishRefused,
    TransportUnavailable,
    UnheardTypes,
    encode_all,
)

LEASE_SECONDS = 30.0
"""How long a message is its consumer's without a sign of life. Long enough for a stalled event loop;
a crash is noticed earlier, by the next consumer that connects."""

_PUBLISH = f"""
WITH routed AS (
    INSERT INTO message (queue, message_id, body)
    SELECT binding.queue, event.id, event.body
    FROM unnest($1::uuid[], $2::text[], $3::bytea[]) WITH ORDINALITY AS event (id, type, body, place)
    JOIN binding ON binding.type = event.type
    ORDER BY event.place
    RETURNING queue
), woken AS (
    SELECT pg_notify('{CHANNEL}', queue) FROM routed GROUP BY queue
)
SELECT count(*) AS woken, ARRAY(
    SELECT DISTINCT type FROM unnest($2::text[]) AS type
    WHERE NOT EXISTS (SELECT FROM binding WHERE binding.type = type.type)
) AS unheard
FROM woken
"""  # noqa: S608  # a constant

_SEND_TO = f"""
WITH routed AS (
    INSERT INTO message (queue, message_id, body)
    SELECT $1, event.id, event.body FROM unnest($2::uuid[], $3::bytea[]) WITH ORDINALITY AS event (id, body, place)
    ORDER BY event.place
)
SELECT pg_notify('{CHANNEL}', $1)
"""  # noqa: S608  # a constant

_PENDING = """
SELECT count(*) FILTER (WHERE leased_until > now()) AS in_flight,
       count(*) FILTER (WHERE ready_at > now()) AS delayed,
       count(*) AS total
FROM message WHERE died_at IS NULL
"""


class EmbeddedTransport:
    """
    The transport over the PostgreSQL database at *url*, which is nobody else's.

    Its tables are made on `start`.
    """

    def __init__(self, url: str, *, retry: RetryPolicy | None = None, lease_s: float = LEASE_SECONDS) -> None:
        self._broker = Broker(url.replace("postgresql+asyncpg://", "postgresql://", 1), lease_s=lease_s)
        self._retry = retry or RetryPolicy()
        self._dead_letters = EmbeddedDeadLetters(self._broker)
        self._subscriptions: list[EmbeddedSubscription | EmbeddedBatchSubscription] = []
        self._unheard = UnheardTypes()
        self._received = 0

    @property
    def retry(self) -> RetryPolicy:
        return self._retry

    @property
    def dead_letters(self) -> EmbeddedDeadLetters:
        return self._dead_letters

    async def start(self) -> None:
        await self._broker.start()

    async def stop(self) -> None:
        for subscription in self._subscriptions:
            await subscription.cancel()
        self._subscriptions.clear()
        await self._broker.stop()

    async def declare(self, bindings: Iterable[Binding]) -> None:
        wanted = list(bindings)
        self._broker.declared |= {binding.queue: binding for binding in wanted}
        try:
            async with self._broker.pool.acquire() as connection:
                await declare_bindings(connection, wanted)
        except BROKER_ERRORS as error:
            raise TransportUnavailable(str(error)) from error

    async def publish(self, events: Sequence[Event]) -> None:
        encoded, refused = encode_all(events)
        declared = self._broker.declared.values()
        heard = frozenset[str]().union(*(binding.types for binding in declared))
        try:
            async with self._broker.pool.acquire() as connection:
                unheard = await _publish(connection, encoded)
                if missed := [(event, body) for event, body in encoded if event.type in unheard & heard]:
                    async with connection.transaction():
                        await declare_bindings(connection, declared)
                        await _publish(connection, missed)
        except BROKER_ERRORS as error:
            raise TransportUnavailable(f"the message database does not answer: {error}") from error
        for event_type in unheard - heard:
            self._unheard.note(event_type)
        if refused:
            raise PublishRefused(refused)

    async def send_to(self, queue: str, events: Sequence[Event]) -> None:
        ids, bodies = [event.id for event in events], [event.encode() for event in events]
        try:
            async with self._broker.pool.acquire() as connection, connection.transaction():
                if not await connection.fetchval("SELECT count(*) FROM binding WHERE queue = $1", queue):
                    raise TransportUnavailable(f"there is no queue {queue}")
                await connection.execute(_SEND_TO, queue, ids, bodies)
        except BROKER_ERRORS as error:
            raise TransportUnavailable(f"the message database does not answer: {error}") from error

    async def consume(self, queue: str, callback: Callback, *, concurrency: int) -> EmbeddedSubscription:
        subscription = EmbeddedSubscription(
            self._broker, queue, callback, concurrency=concurrency, on_received=self._count_received
        )
        subscription.start()
        self._subscriptions.append(subscription)
        return subscription

    async def consume_batches(
        self, queue: str, callback: BatchCallback, *, batch_max: int
    ) -> EmbeddedBatchSubscription:
        subscription = EmbeddedBatchSubscription(
            self._broker, queue, callback, batch_max=batch_max, on_received=self._count_received
        )
        subscription.start()
        self._subscriptions.append(subscription)
        return subscription

    def _count_received(self) -> None:
        self._received += 1

    async def pending(self) -> Pending:
        try:
            row = await self._broker.pool.fetchrow(_PENDING)
        except BROKER_ERRORS as error:
            raise TransportUnavailable(str(error)) from error
        ready = row["total"] - row["in_flight"] - row["delayed"]
        return Pending(ready=ready, delayed=row["delayed"], in_flight=row["in_flight"], received=self._received)

    async def health(self) -> Health:
        connected = self._broker.is_listening
        detail = "listening" if connected else "the message database does not answer"
        return Health(transport="embedded", connected=connected, detail=detail)


async def _publish(connection: Connection, encoded: Sequence[tuple[Event, bytes]]) -> frozenset[str]:
    """Put the events on all queues that are bound to their types; the types that none is bound to."""
    ids = [event.id for event, _ in encoded]
    types = [event.type for event, _ in encoded]
    row = await connection.fetchrow(_PUBLISH, ids, types, [body for _, body in encoded])
    return frozenset(row["unheard"])
