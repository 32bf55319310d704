"""The tables of the `broker` database. They are made by whoever comes first."""

from collections.abc import Iterable

import asyncpg

from subgraphs.shared.messaging.transport import Binding

_SETUP_LOCK = 0x7065_6572_0001
"""`CREATE … IF NOT EXISTS` alone fails when two processes run it in one moment."""

_TABLES = """
CREATE TABLE IF NOT EXISTS binding (
    type text NOT NULL,
    queue text NOT NULL,
    PRIMARY KEY (type, queue)
);
CREATE TABLE IF NOT EXISTS message (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    queue text NOT NULL,
    message_id uuid NOT NULL,
    body bytea NOT NULL,
    attempt integer NOT NULL DEFAULT 1,
    deliveries integer NOT NULL DEFAULT 0,
    ready_at timestamptz NOT NULL DEFAULT now(),
    owner bigint,
    leased_until timestamptz,
    died_at timestamptz,
    reason text
) WITH (autovacuum_vacuum_scale_factor = 0.02);
CREATE INDEX IF NOT EXISTS message_by_queue ON message (queue, ready_at, id) WHERE died_at IS NULL;
CREATE INDEX IF NOT EXISTS message_by_owner ON message (owner) WHERE owner IS NOT NULL;
CREATE INDEX IF NOT EXISTS message_dead ON message (queue, id) WHERE died_at IS NOT NULL;
COMMENT ON COLUMN message.attempt IS 'From 1; raised by a retry.';
COMMENT ON COLUMN message.deliveries IS 'Leases of this attempt. More than one: a consumer died with it.';
COMMENT ON COLUMN message.ready_at IS 'Not delivered before. The order of the queue, kept while leased.';
COMMENT ON COLUMN message.owner IS 'The advisory lock that the leasing consumer holds while it lives.';
COMMENT ON COLUMN message.died_at IS 'Set: a dead letter, for the reason given.';
"""


async def ensure_tables(connection: asyncpg.Connection) -> None:
    """Make what is missing; harmless when all is there."""
    async with connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock($1)", _SETUP_LOCK)
        if await connection.fetchval("SELECT to_regclass('message_dead')") is None:
            await connection.execute(_TABLES)


async def declare_bindings(connection: asyncpg.Connection, bindings: Iterable[Binding]) -> None:
    """Bind each queue to its types, and to no others."""
    wanted = [(event_type, binding.queue) for binding in bindings for event_type in sorted(binding.types)]
    types = [event_type for event_type, _ in wanted]
    queues = [queue for _, queue in wanted]
    async with connection.transaction():
        await connection.execute(
            "DELETE FROM binding WHERE queue = ANY($2::text[])"
            " AND (type, queue) NOT IN (SELECT * FROM unnest($1::text[], $2::text[]))",
            types,
            queues,
        )
        await connection.execute(
            "INSERT INTO binding (type, queue) SELECT * FROM unnest($1::text[], $2::text[])"
            " ORDER BY 1, 2 ON CONFLICT DO NOTHING",
            types,
            queues,
        )
