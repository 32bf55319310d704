"""Messages on their way to people."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from subgraphs.accounts.models.orm import Base


class OutgoingMessage(Base):
    """A message to be delivered after the transaction that wants it. Its content is deleted once it is sent."""

    __tablename__ = "outgoing_messages"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    channel: Mapped[str]
    content_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Recipient and text: links and codes in it open accounts."""
    queued_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    failure: Mapped[str | None]
    """Why it cannot be delivered at all."""

    __table_args__ = (Index("ix_outgoing_messages_queued_at", "queued_at"),)
