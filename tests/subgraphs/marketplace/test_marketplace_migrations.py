"""The migrations make the tables that the code maps."""

from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from subgraphs.marketplace.models import Base
from tests.fixtures.databases import MakeDatabase


async def test_models_and_migrations_agree(make_database: MakeDatabase) -> None:
    def differences(connection: Any) -> list[Any]:
        return compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), Base.metadata)

    database = await make_database("marketplace")
    async with database.engine.connect() as connection:
        assert await connection.run_sync(differences) == []
