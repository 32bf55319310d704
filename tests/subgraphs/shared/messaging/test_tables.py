"""The messaging tables of a domain, as its migration makes them."""

from typing import Any

from sqlalchemy import MetaData, inspect, text
from sqlalchemy.engine import Connection

from subgraphs.shared.database import Database
from subgraphs.shared.messaging.outbox import create_messaging_tables, drop_messaging_tables, messaging_tables
from tests.subgraphs.shared.messaging.conftest import MakeHarvest


class Operations:
    """As much of `alembic.op` as the functions use."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get_bind(self) -> Connection:
        return self._connection


def described(connection: Connection) -> dict[str, Any]:
    """The tables' columns and indexes, and the triggers, as PostgreSQL has them."""
    inspector = inspect(connection)
    return {
        name: (
            [(column["name"], str(column["type"]), column["nullable"]) for column in inspector.get_columns(name)],
            sorted(index["name"] or "" for index in inspector.get_indexes(name)),
            sorted(connection.scalars(text("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"))),
        )
        for name in ("inbox", "outbox")
    }


async def test_a_migration_makes_what_the_models_describe_and_can_undo_it(make_harvest: MakeHarvest) -> None:
    database: Database = await make_harvest()
    async with database.engine.begin() as connection:
        from_models = await connection.run_sync(described)
        await connection.run_sync(lambda sync: drop_messaging_tables(Operations(sync)))
        left = await connection.run_sync(lambda sync: inspect(sync).get_table_names())
        assert sorted(left) == ["effect", "last_sown"]
        functions = await connection.scalar(text("SELECT count(*) FROM pg_proc WHERE proname = 'outbox_wake_relay'"))
        assert functions == 0
        await connection.run_sync(lambda sync: create_messaging_tables(Operations(sync)))
        assert await connection.run_sync(described) == from_models
    assert from_models["outbox"][2] == ["outbox_wake_relay"]


def test_each_domain_gets_tables_of_its_own() -> None:
    first, second = MetaData(), MetaData()
    outbox, inbox = messaging_tables(first)
    assert messaging_tables(second)[0] is not outbox
    assert [*first.tables.values()] == [outbox, inbox]
