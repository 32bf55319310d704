"""
What staff did that no other record of the domain says: who, what, to what, and why. Added, never edited.

Written in the transaction of what was done. What has a record of its own with who did it (a decision, a proposal) is
not written here a second time; the audit log reads both (`audit.py`).
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, Index, MetaData, Table, Text
from sqlalchemy import Uuid as UuidType
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from subgraphs.shared.correlation import correlation_id
from subgraphs.shared.ids import new_id


class StaffActsBase(DeclarativeBase):
    """The mapping shared by all domains that write such acts down."""


class StaffAct(StaffActsBase):
    __tablename__ = "staff_acts"

    id: Mapped[UUID] = mapped_column(UuidType, primary_key=True)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    actor_id: Mapped[UUID] = mapped_column(UuidType)
    action: Mapped[str] = mapped_column(Text)
    """The domain's own word."""
    subject_id: Mapped[UUID] = mapped_column(UuidType)
    """What it was done to."""
    person_id: Mapped[UUID | None] = mapped_column(UuidType)
    """Whose that is."""
    reason: Mapped[str | None] = mapped_column(Text)
    correlation_id: Mapped[str] = mapped_column(Text)
    """The request's, under which the logs tell the rest."""

    __table_args__ = (
        Index("ix_staff_acts_at", "at", "id"),
        Index("ix_staff_acts_action", "action", "at", "id"),
        Index("ix_staff_acts_actor_id", "actor_id", "at", "id"),
        Index("ix_staff_acts_subject_id", "subject_id", "at", "id"),
        Index("ix_staff_acts_person_id", "person_id", "at", "id"),
    )


def staff_acts_table(metadata: MetaData) -> Table:
    """Add `staff_acts` to a domain's *metadata*."""
    return StaffActsBase.metadata.tables["staff_acts"].to_metadata(metadata)


def note_act(
    session: AsyncSession,
    action: str,
    *,
    subject_id: UUID,
    person_id: UUID | None = None,
    reason: str | None = None,
    actor_id: UUID,
    now: datetime,
) -> None:
    session.add(
        StaffAct(
            id=new_id(),
            at=now,
            actor_id=actor_id,
            action=action,
            subject_id=subject_id,
            person_id=person_id,
            reason=reason,
            correlation_id=correlation_id.get() or "",
        )
    )


CREATE = (
    """
    CREATE TABLE staff_acts (
        id             uuid NOT NULL,
        at             timestamptz NOT NULL,
        actor_id       uuid NOT NULL,
        action         text NOT NULL,
        subject_id     uuid NOT NULL,
        person_id      uuid,
        reason         text,
        correlation_id text NOT NULL,
        CONSTRAINT pk_staff_acts PRIMARY KEY (id)
    )
    """,
    "CREATE INDEX ix_staff_acts_at ON staff_acts (at, id)",
    "CREATE INDEX ix_staff_acts_action ON staff_acts (action, at, id)",
    "CREATE INDEX ix_staff_acts_actor_id ON staff_acts (actor_id, at, id)",
    "CREATE INDEX ix_staff_acts_subject_id ON staff_acts (subject_id, at, id)",
    "CREATE INDEX ix_staff_acts_person_id ON staff_acts (person_id, at, id)",
    """
    CREATE FUNCTION staff_act_stays() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
    BEGIN
        RAISE EXCEPTION 'what staff did is added, never changed: % refused', TG_OP USING ERRCODE = 'restrict_violation';
    END $$
    """,
    """
    CREATE TRIGGER staff_act_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON staff_acts
    FOR EACH STATEMENT EXECUTE FUNCTION staff_act_stays()
    """,
)


def create_staff_acts(op: Any) -> None:
    """In a domain's migration (*op* is `alembic.op`). A later change of the table is a new function beside this one."""
    for statement in CREATE:
        op.execute(statement)


def drop_staff_acts(op: Any) -> None:
    op.execute("DROP TABLE staff_acts")
    op.execute("DROP FUNCTION staff_act_stays")
