"""What staff do to collect a debt that is in default."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Date, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from subgraphs.contracts.models.orm import Base
from subgraphs.contracts.models.vocabulary import CollectionStepKind
from subgraphs.shared.named import Named


class CollectionStep(Base):
    """One step, as it was noted; a mistake is answered by another. The database lets nobody change it."""

    __tablename__ = "collection_steps"
    __table_args__ = (
        Index("ix_collection_steps_cpr_id", "cpr_id", "recorded_at", "id"),
        Index("ix_collection_steps_recorded_at", "recorded_at", "id"),
        Index("ix_collection_steps_recorded_by", "recorded_by", "recorded_at", "id"),
        Index("ix_collection_steps_farmer_id", "farmer_id", "recorded_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    cpr_id: Mapped[UUID] = mapped_column(ForeignKey("cprs.id"))
    farmer_id: Mapped[UUID]
    kind: Mapped[CollectionStepKind] = mapped_column(Named(CollectionStepKind))
    taken_on: Mapped[date] = mapped_column(Date)
    reference: Mapped[str | None]
    """What others call it: a case's number at court, a protest's at the notary."""
    note: Mapped[str]
    """The farmer reads it."""
    recorded_by: Mapped[UUID]
    recorded_at: Mapped[datetime]
