"""What people are told of in case it was not them, and what law and owner may change of it."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from subgraphs.accounts.models.orm import Base


class Alert(Base):
    """A link on its way to a person: following it says that what the message tells of was not them."""

    __tablename__ = "alerts"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    email: Mapped[str]
    """The account's address at that moment, which it gets back."""
    email_key: Mapped[str]
    email_confirmed_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

    __table_args__ = (
        Index("ix_alerts_user_id", "user_id"),
        Index("ix_alerts_email_key", "email_key"),
        Index("ix_alerts_expires_at", "expires_at"),
    )


class Parameter(Base):
    """One value of one parameter from one day on, until a later row of the same name replaces it."""

    __tablename__ = "parameters"
    __table_args__ = (CheckConstraint("value >= 0", name="not_negative"),)

    name: Mapped[str] = mapped_column(primary_key=True)
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    """A day in Brasília."""
    value: Mapped[int]
    """In the unit that the name ends in."""
    note: Mapped[str]
    """Why this value, and by which rule."""
