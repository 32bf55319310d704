"""The migrations make what the models describe, and can be undone."""

import asyncio

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection

from alembic import command
from launch.migrate import migration_config
from subgraphs.wallet.models import Base
from tests.fixtures.databases import MakeDatabase, Server


async def test_models_and_migrations_agree(make_database: MakeDatabase) -> None:
    database = await make_database("wallet")

    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return compare_metadata(context, Base.metadata)

    async with database.engine.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_migrations_can_be_undone_and_done_again(postgres: Server) -> None:
    owner = (await postgres.clone("wallet")).owner
    config = migration_config("wallet", owner)
    await asyncio.to_thread(command.downgrade, config, "base")
    await asyncio.to_thread(command.upgrade, config, "heads")
