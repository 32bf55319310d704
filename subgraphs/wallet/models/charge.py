"""Money that is asked for and money that arrives: charges and the gateway's payments."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from subgraphs.shared.named import Named
from subgraphs.wallet.models.declarative import Base


class ChargePurpose(StrEnum):
    DEPOSIT = "DEPOSIT"
    INSTALLMENT = "INSTALLMENT"
    SETTLEMENT = "SETTLEMENT"
    """All that is left of a CPR."""


class ChargeMethod(StrEnum):
    PIX = "PIX"
    """By Pix, at once."""
    BOLETO = "BOLETO"
    """By boleto, which takes a business day or more."""


class ChargeStatus(StrEnum):
    OPEN = "OPEN"
    PAID = "PAID"
    CANCELLED = "CANCELLED"
    """Replaced by another charge, or no longer needed."""


class Charge(Base):
    """A sum that someone is asked to pay at the gateway."""

    __tablename__ = "charges"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    txid: Mapped[str] = mapped_column(unique=True)
    """Names the charge at the gateway. Made here, so that registering it can be repeated."""
    purpose: Mapped[ChargePurpose] = mapped_column(Named(ChargePurpose))
    method: Mapped[ChargeMethod] = mapped_column(Named(ChargeMethod))
    payer_id: Mapped[UUID]
    """The person on whose behalf it is paid."""
    installment_id: Mapped[UUID | None]
    cpr_id: Mapped[UUID | None]
    """The CPR that a settlement is of."""
    amount_minor: Mapped[int]
    status: Mapped[ChargeStatus] = mapped_column(Named(ChargeStatus))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    paid_at: Mapped[datetime | None]
    br_code: Mapped[str | None]
    """Pix: what the QR shows. Empty until the gateway has registered the charge."""
    barcode: Mapped[str | None]
    """Boleto: 44 digits."""
    due_on: Mapped[date | None]
    is_early: Mapped[bool]
    """Over what paying before the due date costs that day."""

    __table_args__ = (
        Index("ix_charges_payer_id", "payer_id", "created_at"),
        Index(
            "uq_charges_one_open_per_installment",
            "installment_id",
            unique=True,
            postgresql_where=sql("status = 'OPEN' AND installment_id IS NOT NULL"),
        ),
        Index(
            "uq_charges_one_open_per_cpr",
            "cpr_id",
            unique=True,
            postgresql_where=sql("status = 'OPEN' AND cpr_id IS NOT NULL"),
        ),
    )


class PaymentOutcome(StrEnum):
    """Where money that arrived went."""

    CREDITED = "CREDITED"
    """To the wallet it was meant for."""
    INSTALLMENT = "INSTALLMENT"
    """To the holders of the installment it pays."""
    SURPLUS = "SURPLUS"
    """To the payer's wallet, for what it should pay is paid or out of time."""
    QUARANTINED = "QUARANTINED"
    """To suspense, until people decide."""
    RESOLVED = "RESOLVED"
    """Out of suspense again."""
    RETURNED = "RETURNED"
    """Out of suspense, back to its payer or on the way there."""


class GatewayPayment(Base):
    """One payment that the gateway reported; the bank's own identifier makes it count once."""

    __tablename__ = "gateway_payments"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    end_to_end_id: Mapped[str] = mapped_column(unique=True)
    txid: Mapped[str]
    method: Mapped[ChargeMethod] = mapped_column(Named(ChargeMethod))
    charge_id: Mapped[UUID | None] = mapped_column(ForeignKey("charges.id"), index=True)
    amount_minor: Mapped[int]
    paid_at: Mapped[datetime]
    received_at: Mapped[datetime]
    outcome: Mapped[PaymentOutcome] = mapped_column(Named(PaymentOutcome))
    note: Mapped[str]
    """Why it went where it went, when that was not the plain way."""
    settles_on: Mapped[date]
    """When the gateway pays it to our bank."""
    settled_at: Mapped[datetime | None]

    __table_args__ = (
        Index("ix_gateway_payments_unsettled", "settles_on", postgresql_where=sql("settled_at IS NULL")),
        Index("ix_gateway_payments_quarantined", "received_at", postgresql_where=sql("outcome = 'QUARANTINED'")),
    )
