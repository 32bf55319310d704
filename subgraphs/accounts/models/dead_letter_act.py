"""What administrators did to messages that could not be handled."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from subgraphs.accounts.models.orm import Base


class DeadLetterAction(StrEnum):
    REPLAY = "REPLAY"
    """Deliver them again, as if new."""
    PURGE = "PURGE"
    """Delete them for good."""


class DeadLetterAct(Base):
    """Who asked for what, written down before it was done; never changed, never deleted."""

    __tablename__ = "dead_letter_acts"
    __table_args__ = (
        CheckConstraint("action IN ('REPLAY', 'PURGE')", name="action_known"),
        Index("ix_dead_letter_acts_at", "at", "id"),
        Index("ix_dead_letter_acts_actor_id", "actor_id", "at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    actor_id: Mapped[UUID]
    action: Mapped[str]
    letters: Mapped[list[str]] = mapped_column(ARRAY(Text))
    """`queue/message id` of each."""
    reason: Mapped[str]
    correlation_id: Mapped[str]
    """The request's, under which the logs tell the rest."""
