"""
The `outbox` and `inbox` of a domain's database.

Every domain has its own pair with the same columns, so they are mapped once, here,
and belong to no domain's declarative base. `messaging_tables` copies them into a
domain's metadata, so that `create_all` and Alembic's comparison know them.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DDL, BigInteger, DateTime, Identity, Index, Integer, MetaData, Table, Text, event, func
from sqlalchemy import Uuid as UuidType
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from subgraphs.shared.database import Base

WAKE_CHANNEL = "peerseed_outbox"
"""Notified in the commit that adds outbox rows. Channels are per database, so one name serves all domains."""


class MessagingBase(DeclarativeBase):
    """The mapping shared by all domains' messaging tables."""


class OutboxRow(MessagingBase):
    """An event that is true because its transaction committed, and sent once `sent_at` says so."""

    __tablename__ = "outbox"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    """The order of recording. Not of commit: the relay looks for unsent rows, never for "id > last"."""
    event_id: Mapped[UUID] = mapped_column(UuidType, unique=True)
    type: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text)
    occurred_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    data: Mapped[dict[str, Any]] = mapped_column(JSONB)
    traceparent: Mapped[str | None] = mapped_column(Text)
    correlation_id: Mapped[str | None] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    due_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    """Not sent before: later than `recorded_at` only when the broker refused this row."""
    attempts: Mapped[int] = mapped_column(Integer, server_default=sql("0"))
    """How often the broker refused this row while taking others. An unreachable broker does not count."""
    last_error: Mapped[str | None] = mapped_column(Text)
    sent_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    __table_args__ = (
        Index("ix_outbox_unsent", "id", postgresql_where=sql("sent_at IS NULL")),
        Index("ix_outbox_refused", "subject", "id", postgresql_where=sql("sent_at IS NULL AND attempts > 0")),
        Index("ix_outbox_sent_at", "sent_at", postgresql_where=sql("sent_at IS NOT NULL")),
    )


class InboxRow(MessagingBase):
    """A reaction that has happened. Its key is what makes a repeated delivery harmless."""

    __tablename__ = "inbox"

    event_id: Mapped[UUID] = mapped_column(UuidType, primary_key=True)
    handler: Mapped[str] = mapped_column(Text, primary_key=True)
    """The queue's name, `consumer.handler`: each reaction to an event happens once."""
    handled_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


# A statement trigger, not a call in `record`: rows that an operator makes due again wake the relay too.
_CREATE_WAKE = f"""
CREATE FUNCTION outbox_wake_relay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('{WAKE_CHANNEL}', '');
    RETURN NULL;
END $$
"""
_CREATE_WAKE_TRIGGER = """
CREATE TRIGGER outbox_wake_relay AFTER INSERT OR UPDATE OF due_at ON outbox
FOR EACH STATEMENT EXECUTE FUNCTION outbox_wake_relay()
"""
_DROP_WAKE = "DROP FUNCTION IF EXISTS outbox_wake_relay() CASCADE"


def messaging_tables(metadata: MetaData) -> tuple[Table, Table]:
    """Add `outbox` and `inbox` to a domain's *metadata*."""
    outbox, inbox = (MessagingBase.metadata.tables[name].to_metadata(metadata) for name in ("outbox", "inbox"))
    event.listen(outbox, "after_create", _ddl(_CREATE_WAKE))
    event.listen(outbox, "after_create", _ddl(_CREATE_WAKE_TRIGGER))
    event.listen(outbox, "after_drop", _ddl(_DROP_WAKE))
    return outbox, inbox


def create_messaging_tables(op: Any) -> None:
    """
    In a domain's migration (*op* is `alembic.op`): create `outbox`, `inbox` and the relay's wake-up call.

    A later change of these tables is a new function beside this one: a migration
    that has run must not change its meaning.
    """
    outbox, inbox = messaging_tables(_metadata())
    bind = op.get_bind()
    outbox.create(bind)
    inbox.create(bind)


def drop_messaging_tables(op: Any) -> None:
    """Undo `create_messaging_tables`, with every event not yet sent."""
    outbox, inbox = messaging_tables(_metadata())
    bind = op.get_bind()
    inbox.drop(bind)
    outbox.drop(bind)


def _metadata() -> MetaData:
    # Constraints get the names that the domains' own metadata expects of them.
    return MetaData(naming_convention=Base.metadata.naming_convention)


def _ddl(statement: str) -> DDL:
    # `DDL` formats its text with `%`.
    return DDL(statement.replace("%", "%%"))  # type: ignore[no-untyped-call]  # SQLAlchemy leaves it unannotated
