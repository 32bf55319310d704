"""What only somebody with the owner's password could do."""

from typing import Any

import asyncpg


async def tamper(owner: asyncpg.Connection, table: str, statement: str, *values: Any) -> None:
    """Execute *statement* while the triggers of *table* are off; they are on again after it, as if nothing had been."""
    async with owner.transaction():
        await owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        await owner.execute(statement, *values)
        await owner.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
