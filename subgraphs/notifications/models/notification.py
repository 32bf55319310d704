"""What somebody was told."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, FetchedValue, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from subgraphs.notifications.models.metadata import Base


class Notification(Base):
    """One message in one person's inbox."""

    __tablename__ = "notifications"
    __table_args__ = (
        # One fact tells one person one thing once, whatever is delivered again.
        UniqueConstraint("event_id", "user_id", "category"),
        CheckConstraint("read_at IS NULL OR read_at >= occurred_at", name="read_after_it_happened"),
        UniqueConstraint("user_id", "place"),
        Index("ix_notifications_user_id", "user_id", "occurred_at", "id"),
        Index("ix_notifications_unread", "user_id", postgresql_where=text("read_at IS NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID]
    category: Mapped[str]
    title: Mapped[str]
    """In Portuguese, as it was said then: a later change of the catalogue does not rewrite what people were told."""
    body: Mapped[str]
    title_english: Mapped[str]
    body_english: Mapped[str]
    subject_type: Mapped[str | None]
    """GraphQL type of what it is about, for a link: `CPR`, `Installment`, …"""
    subject_id: Mapped[UUID | None]
    occurred_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    place: Mapped[int] = mapped_column(server_default=FetchedValue())
    """Which one of its person's it is, counted from 1 in the order of their commits. The database gives it."""
    event_id: Mapped[UUID]
    """The fact that was told."""
