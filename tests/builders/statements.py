"""The SQL statements that a piece of work sends, and how the server finds what they ask for."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from subgraphs.shared.database import Database

Sent = tuple[str, Any]
"""A statement's text, and its values in the form that the driver takes."""


@contextmanager
def counted_statements(database: Database) -> Iterator[list[str]]:
    """The statements sent within the block."""
    sent: list[str] = []
    with _listening(database, lambda statement, _values: sent.append(statement)):
        yield sent


@contextmanager
def noted_statements(database: Database) -> Iterator[list[Sent]]:
    """The statements sent within the block, with their values."""
    sent: list[Sent] = []
    with _listening(database, lambda statement, values: sent.append((statement, values))):
        yield sent


async def explain(database: Database, sent: Sent) -> str:
    """The server's plan of *sent*."""
    statement, values = sent
    async with database.engine.connect() as connection:
        lines = await connection.exec_driver_sql(f"EXPLAIN {statement}", values)
        return "\n".join(line for (line,) in lines)


async def explain_for_all_values(database: Database, sent: Sent) -> str:
    """
    The plan that the server keeps of *sent* for whatever values come, with an index wherever one can serve.

    So it does not depend on how many rows there are.
    """
    statement, values = sent
    async with database.engine.connect() as connection:
        for setting in ("SET LOCAL plan_cache_mode = force_generic_plan", "SET LOCAL enable_seqscan = off"):
            await connection.exec_driver_sql(setting)
        await connection.exec_driver_sql(f"PREPARE explained AS {statement}")
        nothing = ", ".join(["NULL"] * len(values))
        lines = await connection.exec_driver_sql(f"EXPLAIN EXECUTE explained({nothing})")
        plan = "\n".join(line for (line,) in lines)
        await connection.exec_driver_sql("DEALLOCATE explained")
        return plan


@contextmanager
def _listening(database: Database, note: Callable[[str, Any], None]) -> Iterator[None]:
    def hear(_connection: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        note(statement, values)

    ask = database.looking.ask

    async def ask_and_note(connection: Any, bound: Any, statement: str, values: Sequence[Any]) -> Any:
        note(statement, tuple(values))
        return await ask(connection, bound, statement, values)

    event.listen(database.engine.sync_engine, "before_cursor_execute", hear)
    database.looking.ask = ask_and_note  # type: ignore[method-assign]
    try:
        yield
    finally:
        database.looking.ask = ask  # type: ignore[method-assign]
        event.remove(database.engine.sync_engine, "before_cursor_execute", hear)
