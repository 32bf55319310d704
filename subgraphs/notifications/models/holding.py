"""Who holds quotas of which CPR, to know whom to tell of it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from subgraphs.notifications.models.metadata import Base


class Holding(Base):
    """One position, from when somebody came to it until it ends: cancelled, sold out, or repaid."""

    __tablename__ = "holdings"
    __table_args__ = (Index("ix_holdings_cpr_id", "cpr_id", postgresql_where=text("ended_at IS NULL")),)

    position_id: Mapped[UUID] = mapped_column(primary_key=True)
    cpr_id: Mapped[UUID]
    investor_id: Mapped[UUID]
    ended_at: Mapped[datetime | None]
