"""Models and migrations tell the same story, for every domain."""

from importlib import import_module
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection

from tests.fixtures.databases import MakeDatabase

ROOT = Path(__file__).resolve().parents[2]
DOMAINS = sorted(folder.name for folder in (ROOT / "alembic" / "versions").iterdir() if any(folder.glob("0*.py")))


@pytest.mark.parametrize("domain", DOMAINS)
async def test_a_migrated_database_is_what_the_models_describe(domain: str, make_database: MakeDatabase) -> None:
    database = await make_database(domain)
    metadata = import_module(f"subgraphs.{domain}.models").Base.metadata

    def differences(connection: Connection) -> list[object]:
        return compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata)

    async with database.engine.connect() as connection:
        assert await connection.run_sync(differences) == []
