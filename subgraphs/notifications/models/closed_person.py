"""Who has left."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from subgraphs.notifications.models.metadata import Base


class ClosedPerson(Base):
    """Somebody whose account is closed: what is still told about them finds no inbox."""

    __tablename__ = "closed_people"

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    closed_at: Mapped[datetime]
