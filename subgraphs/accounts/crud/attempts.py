"""SQL on the counters of attempts."""

from datetime import datetime

from sqlalchemy import delete, func, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.accounts.models import AttemptCounter


async def lock_counter(session: AsyncSession, kind: str, key: bytes, *, now: datetime) -> AttemptCounter:
    """
    The counter's row, made if need be, locked until the transaction ends.

    In one statement: between making and locking it, somebody's success could delete it.
    """
    statement = insert(AttemptCounter).values(kind=kind, key=key, failures=0, last_tried_at=now)
    locked = statement.on_conflict_do_update(
        index_elements=[AttemptCounter.kind, AttemptCounter.key], set_={"failures": AttemptCounter.failures}
    ).returning(AttemptCounter)
    return (await session.scalars(locked, execution_options={"populate_existing": True})).one()


async def delete_counter(session: AsyncSession, kind: str, key: bytes) -> None:
    await session.execute(delete(AttemptCounter).where(AttemptCounter.kind == kind, AttemptCounter.key == key))


async def take_back(session: AsyncSession, kind: str, key: bytes) -> None:
    await session.execute(
        update(AttemptCounter)
        .where(AttemptCounter.kind == kind, AttemptCounter.key == key)
        .values(failures=func.greatest(AttemptCounter.failures - 1, 0), blocked_until=None)
    )


async def delete_counters_before(session: AsyncSession, instant: datetime) -> None:
    await session.execute(delete(AttemptCounter).where(AttemptCounter.last_tried_at < instant))
