"""What somebody wants to be told where."""

from uuid import UUID

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from subgraphs.notifications.models.metadata import Base


class Preference(Base):
    """A choice that differs from the default of its category and channel, or repeats it."""

    __tablename__ = "preferences"
    __table_args__ = (CheckConstraint("channel IN ('EMAIL', 'PUSH', 'SMS')", name="channel_known"),)

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    category: Mapped[str] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(primary_key=True)
    enabled: Mapped[bool]
