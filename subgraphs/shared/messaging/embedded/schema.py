"""The tables of the `broker` database. They are made by whoever comes first."""

import asyncpg

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
