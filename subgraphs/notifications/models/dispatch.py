"""A notification on its way out of the app."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from subgraphs.notifications.models.metadata import Base
from subgraphs.shared.named import Named


class DispatchStatus(StrEnum):
    """How far it has come."""

    PENDING = "PENDING"
    SENT = "SENT"
    FAILED = "FAILED"
    """Tried as often as the settings allow; the inbox in the app has it all the same."""


class Dispatch(Base):
    """One notification over one channel."""

    __tablename__ = "dispatches"
    __table_args__ = (
        UniqueConstraint("notification_id", "channel"),
        CheckConstraint("status IN ('PENDING', 'SENT', 'FAILED')", name="status_known"),
        CheckConstraint("(status = 'SENT') = (sent_at IS NOT NULL)", name="sent_has_instant"),
        Index("ix_dispatches_due", "due_at", postgresql_where=text("status = 'PENDING'")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    """Given to the channel as its idempotency key."""
    notification_id: Mapped[UUID] = mapped_column(ForeignKey("notifications.id"))
    channel: Mapped[str]
    status: Mapped[DispatchStatus] = mapped_column(Named(DispatchStatus), default=DispatchStatus.PENDING)
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    last_error: Mapped[str | None]
