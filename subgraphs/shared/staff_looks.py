"""
Who of the staff looked at whose data, of what kind, and in which request. Added, never edited.

Looks are gathered while a request is answered and written down in one statement before the answer is given: a person
and a kind of data once per request. A look that cannot be written down is not had.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, Identity, Index, MetaData, Table, Text, select
from sqlalchemy import Uuid as UuidType
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from subgraphs.shared.reading import Reader
from subgraphs.shared.scopes import Sight

Look = tuple[UUID, Sight]
"""Whose data, and of what kind."""


class LooksBase(DeclarativeBase):
    """The mapping shared by all domains that write looks down."""


class StaffLook(LooksBase):
    __tablename__ = "staff_looks"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    actor_id: Mapped[UUID] = mapped_column(UuidType)
    """Who looked."""
    user_id: Mapped[UUID] = mapped_column(UuidType)
    """At whose data."""
    sight: Mapped[str] = mapped_column(Text)
    """At what: a `Sight`."""
    looked_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    correlation_id: Mapped[str] = mapped_column(Text)
    """The request's, under which the logs tell the rest."""

    __table_args__ = (
        Index("ix_staff_looks_user_id", "user_id", "id"),
        Index("ix_staff_looks_actor_id", "actor_id", "id"),
    )


def staff_looks_table(metadata: MetaData) -> Table:
    """Add `staff_looks` to a domain's *metadata*."""
    return LooksBase.metadata.tables["staff_looks"].to_metadata(metadata)


async def write_down(
    session: AsyncSession, looks: Collection[Look], *, actor_id: UUID, at: datetime, correlation_id: str
) -> None:
    rows = [
        {
            "actor_id": actor_id,
            "user_id": user_id,
            "sight": sight.value,
            "looked_at": at,
            "correlation_id": correlation_id,
        }
        for user_id, sight in sorted(looks)
    ]
    await session.execute(insert(StaffLook), rows)


async def list_looks(
    session: Reader, *, at: UUID | None = None, by: UUID | None = None, before: int | None, limit: int
) -> Sequence[StaffLook]:
    """Looks *at* somebody's data, or *by* somebody of the staff, those written down last first."""
    statement = select(StaffLook).order_by(StaffLook.id.desc()).limit(limit)
    if at is not None:
        statement = statement.where(StaffLook.user_id == at)
    if by is not None:
        statement = statement.where(StaffLook.actor_id == by)
    if before is not None:
        statement = statement.where(StaffLook.id < before)
    return (await session.scalars(statement)).all()


UPGRADE = (
    """
    CREATE TABLE staff_looks (
        id             bigint GENERATED ALWAYS AS IDENTITY,
        actor_id       uuid NOT NULL,
        user_id        uuid NOT NULL,
        sight          text NOT NULL,
        looked_at      timestamptz NOT NULL,
        correlation_id text NOT NULL,
        CONSTRAINT pk_staff_looks PRIMARY KEY (id)
    )
    """,
    "CREATE INDEX ix_staff_looks_user_id ON staff_looks (user_id, id)",
    "CREATE INDEX ix_staff_looks_actor_id ON staff_looks (actor_id, id)",
    """
    CREATE FUNCTION staff_looks_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'looks are added, never changed';
    END $$
    """,
    """
    CREATE TRIGGER staff_looks_refuse_change BEFORE UPDATE OR DELETE ON staff_looks
    FOR EACH ROW EXECUTE FUNCTION staff_looks_refuse_change()
    """,
    """
    CREATE TRIGGER staff_looks_refuse_emptying BEFORE TRUNCATE ON staff_looks
    FOR EACH STATEMENT EXECUTE FUNCTION staff_looks_refuse_change()
    """,
)


def create_staff_looks(op: Any) -> None:
    """In a domain's migration (*op* is `alembic.op`). A later change of the table is a new function beside this one."""
    for statement in UPGRADE:
        op.execute(statement)


def drop_staff_looks(op: Any) -> None:
    op.execute("DROP TABLE staff_looks")
    op.execute("DROP FUNCTION staff_looks_refuse_change")
