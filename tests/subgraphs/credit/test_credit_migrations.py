"""The mapped classes and the migrations say the same."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection

from subgraphs.credit.models import Base
from tests.subgraphs.credit.credit_builders import Credit


async def test_models_and_migrations_agree(credit: Credit) -> None:
    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, Base.metadata))

    async with credit.subgraph.database.engine.connect() as connection:
        assert await connection.run_sync(differences) == []
