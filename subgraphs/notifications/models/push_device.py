"""Where push messages go."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from subgraphs.notifications.models.metadata import Base


class PushDevice(Base):
    """An app on a telephone, or a browser, that its person wants to be told on."""

    __tablename__ = "push_devices"
    __table_args__ = (
        CheckConstraint("platform IN ('ANDROID', 'IOS', 'WEB')", name="platform_known"),
        CheckConstraint("language IN ('PORTUGUESE', 'ENGLISH')", name="language_known"),
        Index("ix_push_devices_user_id", "user_id", "registered_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID]
    token: Mapped[str] = mapped_column(unique=True)
    """By which the push provider knows it. It is one person's at a time: who registered it last."""
    platform: Mapped[str]
    language: Mapped[str | None]
    """In which messages to it are written; the person's choice where it has none of its own."""
    registered_at: Mapped[datetime]
    """When its app last said that it is there."""
