"""What staff did to people's money."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from subgraphs.wallet.models.column_types import Named
from subgraphs.wallet.models.declarative import Base


class StaffActionKind(StrEnum):
    REVERSE_TRANSFER = "REVERSE_TRANSFER"
    RESOLVE_SUSPENSE = "RESOLVE_SUSPENSE"
    RELEASE_UNCLAIMED = "RELEASE_UNCLAIMED"
    PAY_OUT_UNCLAIMED = "PAY_OUT_UNCLAIMED"


class StaffAction(Base):
    """One decision, with who made it and why; the database lets nobody change it."""

    __tablename__ = "staff_actions"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    actor_id: Mapped[UUID]
    action: Mapped[StaffActionKind] = mapped_column(Named(StaffActionKind))
    subject_id: Mapped[UUID] = mapped_column(index=True)
    """The transfer, payment or unclaimed credit decided on."""
    reason: Mapped[str]
    at: Mapped[datetime]
