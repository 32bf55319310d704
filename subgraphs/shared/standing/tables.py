"""
The tables of a domain's read model of standing, alike in every domain, as those of messaging are.

Each change is notified in the commit that makes it, with the row in it, so that every process of the domain knows it
at once; and whoever was not listening reads the tables when it listens again.
"""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import DDL, CheckConstraint, DateTime, Index, MetaData, SmallInteger, Table, Text, event
from sqlalchemy import Uuid as UuidType
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from subgraphs.shared.database import Base
from subgraphs.shared.messaging.read_models import Versioned
from subgraphs.shared.named import Named

CHANNEL = "standing"
"""Of NOTIFY. Channels are per database, so one name serves all domains."""


class PersonStatus(StrEnum):
    ACTIVE = "ACTIVE"
    SUSPENDED = "SUSPENDED"
    """Locked out by staff. What they owe stays payable, what is theirs is still credited."""
    CLOSED = "CLOSED"
    """They have left; what still arrives for them is nobody's until people have looked."""


class StandingBase(DeclarativeBase):
    """The mapping shared by all domains' tables of standing."""


class PersonStanding(Versioned, StandingBase):
    """
    Somebody about whom something was decided; who is not here is in good standing.

    An older decision that arrives later changes nothing.
    """

    __tablename__ = "standing_people"

    user_id: Mapped[UUID] = mapped_column(UuidType, primary_key=True)
    status: Mapped[PersonStatus] = mapped_column(Named(PersonStatus))
    changed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))

    __table_args__ = (
        CheckConstraint("status IN ('ACTIVE', 'SUSPENDED', 'CLOSED')", name="known_status"),
        Index("ix_standing_people_changed_at", "changed_at"),
    )


class EndedSession(StandingBase):
    """A session that is over, until the last token of it has expired."""

    __tablename__ = "standing_ended_sessions"

    session_id: Mapped[UUID] = mapped_column(UuidType, primary_key=True)
    forget_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))

    __table_args__ = (Index("ix_standing_ended_sessions_forget_at", "forget_at"),)


class WithdrawnKey(StandingBase):
    """A signing key that somebody else may have. Kept for good: what it signs may bear any date."""

    __tablename__ = "standing_withdrawn_keys"

    key_id: Mapped[str] = mapped_column(Text, primary_key=True)
    withdrawn_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class StandingFeed(StandingBase):
    """Up to when we know everything that accounts has decided."""

    __tablename__ = "standing_feed"

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    """Always 1: there is one feed."""
    told_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))

    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)


_NAMES = ("standing_people", "standing_ended_sessions", "standing_withdrawn_keys", "standing_feed")

_CREATE_NOTIFY = f"""
CREATE FUNCTION tell_standing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Sent with the commit, and never without it.
    PERFORM pg_notify('{CHANNEL}', json_build_object('table', TG_TABLE_NAME, 'row', row_to_json(NEW))::text);
    RETURN NULL;
END $$
"""
_DROP_NOTIFY = "DROP FUNCTION IF EXISTS tell_standing() CASCADE"


def standing_tables(metadata: MetaData) -> Sequence[Table]:
    """Add the tables of standing to a domain's *metadata*."""
    tables = [StandingBase.metadata.tables[name].to_metadata(metadata) for name in _NAMES]
    event.listen(tables[0], "before_create", _ddl(_CREATE_NOTIFY))
    for table in tables:
        trigger = (
            f"CREATE TRIGGER tell_standing AFTER INSERT OR UPDATE ON {table.name} "
            "FOR EACH ROW EXECUTE FUNCTION tell_standing()"
        )
        event.listen(table, "after_create", _ddl(trigger))
    event.listen(tables[0], "after_drop", _ddl(_DROP_NOTIFY))
    return tables


def create_standing_tables(op: Any) -> None:
    """In a domain's migration (*op* is `alembic.op`): create the tables and their notices."""
    for table in standing_tables(_metadata()):
        table.create(op.get_bind())


def drop_standing_tables(op: Any) -> None:
    """Undo `create_standing_tables`."""
    for table in reversed(standing_tables(_metadata())):
        table.drop(op.get_bind())


def _metadata() -> MetaData:
    # Constraints get the names that the domains' own metadata expects of them.
    return MetaData(naming_convention=Base.metadata.naming_convention)


def _ddl(statement: str) -> DDL:
    # `DDL` formats its text with `%`.
    return DDL(statement.replace("%", "%%"))  # type: ignore[no-untyped-call]  # SQLAlchemy leaves it unannotated
