"""Money that goes back to who paid it, and who that was."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from subgraphs.shared.named import Named
from subgraphs.wallet.models.declarative import Base


class PaymentPayer(Base):
    """Who made a payment, as their bank says; sealed, for it may be anybody."""

    __tablename__ = "payment_payers"

    payment_id: Mapped[UUID] = mapped_column(ForeignKey("gateway_payments.id"), primary_key=True)
    payer_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    kept_until: Mapped[datetime]
    """Until then the law wants to know where money came from."""

    __table_args__ = (Index("ix_payment_payers_kept_until", "kept_until"),)


class ReturnReason(StrEnum):
    """Why a payment goes back."""

    ANOTHER_PAYER = "ANOTHER_PAYER"
    """A deposit that came from somebody else's account."""
    PAID_TWICE = "PAID_TWICE"
    """A boleto that was paid before."""
    DECIDED = "DECIDED"
    """Staff found that it is the payer's."""


class ReturnSource(StrEnum):
    """Where the money was when it was to go back."""

    SUSPENSE = "SUSPENSE"
    """With us, as it could not be placed."""
    WALLET = "WALLET"
    """In the wallet that it had gone to."""


class ReturnStatus(StrEnum):
    REQUESTED = "REQUESTED"
    """Set aside; the gateway has not been told, or has not answered."""
    SENT = "SENT"
    """The gateway has taken the order."""
    SETTLED = "SETTLED"
    """The money is with the payer."""
    FAILED = "FAILED"
    """It did not get there, and is again where it was. Final, even when an older message says that it settled."""


class PaymentReturn(Base):
    """A payment, or a part of it, that goes back to its payer."""

    __tablename__ = "payment_returns"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    payment_id: Mapped[UUID] = mapped_column(ForeignKey("gateway_payments.id"), index=True)
    source: Mapped[ReturnSource] = mapped_column(Named(ReturnSource))
    user_id: Mapped[UUID | None]
    """Who had asked for the payment, or has it in their wallet; unknown of a payment that names nothing we know."""
    amount_minor: Mapped[int]
    reason: Mapped[ReturnReason] = mapped_column(Named(ReturnReason))
    status: Mapped[ReturnStatus] = mapped_column(Named(ReturnStatus))
    requested_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    failure: Mapped[str | None]

    __table_args__ = (
        CheckConstraint("amount_minor > 0", name="positive"),
        CheckConstraint("source = 'SUSPENSE' OR user_id IS NOT NULL", name="out_of_somebodys_wallet"),
        Index("ix_payment_returns_user_id", "user_id", "requested_at"),
        Index("ix_payment_returns_requested_at", "requested_at", "id"),
        Index("ix_payment_returns_in_flight", "requested_at", postgresql_where=sql("status IN ('REQUESTED', 'SENT')")),
    )
