"""What was asked of a provider, and what it answered."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, LargeBinary, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from subgraphs.contracts.models.orm import Base
from subgraphs.contracts.models.vocabulary import OrderStatus
from subgraphs.shared.named import Named


class ProviderOrder(Base):
    """One signature or registration asked for. Its id is the reference that the provider answers with."""

    __tablename__ = "provider_orders"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    cpr_id: Mapped[UUID] = mapped_column(ForeignKey("cprs.id"))
    party: Mapped[str]
    status: Mapped[OrderStatus] = mapped_column(Named(OrderStatus))
    requested_at: Mapped[datetime]
    asked_at: Mapped[datetime | None]
    """When the provider last took the order; asked again when it stays silent."""
    attempts: Mapped[int] = mapped_column(Integer)
    answered_at: Mapped[datetime | None]
    answer_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    """The provider's word as it came, sealed: a certificate says whose it is. None once it is erased."""
    kept_until: Mapped[datetime | None]
    """Set when the farmer's account is closed: until then the answer proves what was signed."""

    __table_args__ = (
        Index(
            "uq_provider_orders_one_open",
            "cpr_id",
            "party",
            unique=True,
            postgresql_where=text("status = 'REQUESTED'"),
        ),
        Index("ix_provider_orders_kept_until", "kept_until", postgresql_where=text("kept_until IS NOT NULL")),
    )


class WebhookReceipt(Base):
    """A provider's message that took effect; the same one again changes nothing."""

    __tablename__ = "webhook_receipts"

    party: Mapped[str] = mapped_column(primary_key=True)
    event_id: Mapped[str] = mapped_column(primary_key=True)
    received_at: Mapped[datetime]


class AnswerToSeal(Base):
    """An answer from before they were sealed, until the job has sealed it."""

    __tablename__ = "answers_to_seal"

    order_id: Mapped[UUID] = mapped_column(ForeignKey("provider_orders.id"), primary_key=True)
    answer: Mapped[dict[str, Any]] = mapped_column(JSONB)
