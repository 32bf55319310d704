"""The mapped classes are what the migrations make."""

from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection

from subgraphs.accounts.models import Base
from tests.fixtures.databases import MakeDatabase


def _differences(connection: Connection) -> list[Any]:
    return compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), Base.metadata)


async def test_models_and_migrations_agree(make_database: MakeDatabase) -> None:
    database = await make_database("accounts")
    async with database.engine.connect() as connection:
        differences = await connection.run_sync(_differences)
    assert [difference for difference in differences if "alembic_version" not in str(difference)] == []
