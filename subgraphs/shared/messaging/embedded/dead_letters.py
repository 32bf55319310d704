"""Dead letters of the embedded transport: rows that keep their place and are delivered no more."""

from collections.abc import AsyncIterator

from subgraphs.shared.messaging.embedded.broker import BROKER_ERRORS, CHANNEL, Broker
from subgraphs.shared.messaging.transport import DeadLetter, TransportUnavailable

_CHOSEN = """
died_at IS NOT NULL AND ($1::text IS NULL OR queue = $1)
AND ($2::text[] IS NULL OR queue || '/' || message_id = ANY($2))
"""
_LIST = f"""
SELECT queue, message_id, reason, attempt, died_at, body FROM message WHERE {_CHOSEN} ORDER BY id LIMIT $3
"""  # noqa: S608  # a constant
_REPLAY = f"""
WITH revived AS (
    UPDATE message SET died_at = NULL, reason = NULL, attempt = 1, deliveries = 0, ready_at = now()
    WHERE {_CHOSEN} RETURNING queue
), woken AS (
    SELECT count(*) AS count, pg_notify('{CHANNEL}', queue) FROM revived GROUP BY queue
)
SELECT coalesce(sum(count), 0)::int FROM woken
"""  # noqa: S608  # a constant
_PURGE = f"""
WITH gone AS (DELETE FROM message WHERE {_CHOSEN} RETURNING 1) SELECT count(*)::int FROM gone
"""  # noqa: S608  # a constant


class EmbeddedDeadLetters:
    def __init__(self, broker: Broker) -> None:
        self._broker = broker

    async def list(self, *, queue: str | None = None, limit: int = 100) -> AsyncIterator[DeadLetter]:
        try:
            rows = await self._broker.pool.fetch(_LIST, queue, None, limit)
        except BROKER_ERRORS as error:
            raise TransportUnavailable(str(error)) from error
        for row in rows:
            yield DeadLetter(
                id=f"{row['queue']}/{row['message_id']}",
                queue=row["queue"],
                reason=row["reason"],
                attempts=row["attempt"],
                died_at=row["died_at"],
                body=row["body"],
            )

    async def replay(self, *, queue: str | None = None, ids: frozenset[str] | None = None) -> int:
        return await self._count(_REPLAY, queue, ids)

    async def purge(self, *, queue: str | None = None, ids: frozenset[str] | None = None) -> int:
        return await self._count(_PURGE, queue, ids)

    async def _count(self, statement: str, queue: str | None, ids: frozenset[str] | None) -> int:
        try:
            count = await self._broker.pool.fetchval(statement, queue, None if ids is None else [*ids])
        except BROKER_ERRORS as error:
            raise TransportUnavailable(str(error)) from error
        return int(count)
