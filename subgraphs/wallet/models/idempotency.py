"""Requests already answered."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from subgraphs.wallet.models.declarative import Base


class IdempotencyKey(Base):
    """A client-made key, what it was used for, and the id of what came out."""

    __tablename__ = "idempotency_keys"

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary)
    """SHA-256 of the operation and its content."""
    result_id: Mapped[UUID]
    created_at: Mapped[datetime]
