"""What was asked of a provider, and what it answered."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from subgraphs.contracts.models.orm import Base
from subgraphs.shared.messaging.read_models import Versioned


class ProviderOrder(Base):
    """One signature or registration asked for. Its id is the reference that the provider answers with."""

    __tablename__ = "provider_orders"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    cpr_id: Mapped[UUID] = mapped_column(ForeignKey("cprs.id"))
    party: Mapped[str]
    status: Mapped[str]
    requested_at: Mapped[datetime]
    asked_at: Mapped[datetime | None]
    """When the provider last took the order; asked again when it stays silent."""
    attempts: Mapped[int] = mapped_column(Integer)
    answered_at: Mapped[datetime | None]
    answer: Mapped[dict[str, Any] | None] = mapped_column(JSONB)

    __table_args__ = (
        Index(
            "uq_provider_orders_one_open",
            "cpr_id",
            "party",
            unique=True,
            postgresql_where=text("status = 'REQUESTED'"),
        ),
    )


class WebhookReceipt(Base):
    """A provider's message that took effect; the same one again changes nothing."""

    __tablename__ = "webhook_receipts"

    party: Mapped[str] = mapped_column(primary_key=True)
    event_id: Mapped[str] = mapped_column(primary_key=True)
    received_at: Mapped[datetime]


class Signer(Versioned, Base):
    """Who signs: a verified person, as accounts told it."""

    __tablename__ = "signers"

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    full_name: Mapped[str | None]
    cpf: Mapped[str | None]
