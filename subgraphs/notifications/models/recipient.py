"""Whom we can tell something outside the app."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from subgraphs.notifications.models.metadata import Base
from subgraphs.shared.messaging.read_models import Versioned


class Recipient(Versioned, Base):
    """A registered person as accounts described them. Addresses vanish when the account is closed."""

    __tablename__ = "recipients"

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    display_name: Mapped[str]
    email: Mapped[str | None]
    phone: Mapped[str | None]
    closed_at: Mapped[datetime | None]
