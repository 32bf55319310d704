"""
Runs one domain's migrations over one connection.

`launch/migrate.py` sets `domain` and `url`; the domain's mapped classes are the target for autogeneration.
"""

import asyncio
from importlib import import_module
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from alembic import context

domain = context.config.attributes["domain"]
url = context.config.attributes["url"]
metadata = import_module(f"subgraphs.{domain}.models").Base.metadata

MIGRATION_LOCK = 7_205_991_001
"""Two processes that migrate the same database at once go one after the other."""


def run(connection: Any) -> None:
    context.configure(
        connection=connection, target_metadata=metadata, compare_type=True, transaction_per_migration=True
    )
    with context.begin_transaction():
        context.run_migrations()


async def run_async() -> None:
    engine = create_async_engine(url)
    try:
        async with engine.connect() as connection:
            await connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": MIGRATION_LOCK})
            await connection.commit()
            try:
                await connection.run_sync(run)
                await connection.commit()
            finally:
                await connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": MIGRATION_LOCK})
    finally:
        await engine.dispose()


asyncio.run(run_async())
