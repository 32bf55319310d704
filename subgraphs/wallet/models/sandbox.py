"""
The sandbox gateway's own memory: in tables, so that a payment outlives the process that took it.

Nothing of the wallet reads them; a real gateway would keep them in its own house.
"""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Index, Text
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from subgraphs.wallet.models.declarative import Base


class SandboxCharge(Base):
    __tablename__ = "sandbox_charges"

    txid: Mapped[str] = mapped_column(primary_key=True)
    method: Mapped[str]
    amount_minor: Mapped[int]
    code: Mapped[str]
    """The BR code or the barcode."""
    expires_at: Mapped[datetime]
    cancelled_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_sandbox_charges_code", "code"),)


class SandboxPayment(Base):
    """A payer's payment, whether or not we have been told."""

    __tablename__ = "sandbox_payments"

    end_to_end_id: Mapped[str] = mapped_column(primary_key=True)
    txid: Mapped[str]
    method: Mapped[str]
    amount_minor: Mapped[int]
    paid_at: Mapped[datetime]
    settles_on: Mapped[date]
    payer: Mapped[dict[str, str] | None] = mapped_column(JSONB)
    """Name, tax id and bank, where they were told."""
    if_returned: Mapped[str | None]
    """Misbehaviour on demand: what becomes of an order to give it back."""

    __table_args__ = (Index("ix_sandbox_payments_paid_at", "paid_at"),)


class SandboxTransfer(Base):
    """Money sent out on our order."""

    __tablename__ = "sandbox_transfers"

    reference: Mapped[str] = mapped_column(primary_key=True)
    """Ours; an order repeated with it is the same order."""
    amount_minor: Mapped[int]
    status: Mapped[str]
    reason: Mapped[str | None]
    ordered_at: Mapped[datetime]


class SandboxTaxSlip(Base):
    """A payment slip that the sandbox's tax collector has issued."""

    __tablename__ = "sandbox_tax_slips"

    reference: Mapped[str] = mapped_column(primary_key=True)
    """Ours; an order repeated with it is the same order."""
    number: Mapped[str] = mapped_column(unique=True)
    revenue_code: Mapped[str]
    amount_minor: Mapped[int]
    due_on: Mapped[date]
    issued_at: Mapped[datetime]
    paid_at: Mapped[datetime | None]
    authentication: Mapped[str | None]


class SandboxReturn(Base):
    """A payment given back on our order, or a part of it."""

    __tablename__ = "sandbox_returns"

    reference: Mapped[str] = mapped_column(primary_key=True)
    """Ours; an order repeated with it is the same order."""
    end_to_end_id: Mapped[str] = mapped_column(index=True)
    amount_minor: Mapped[int]
    status: Mapped[str]
    reason: Mapped[str | None]
    ordered_at: Mapped[datetime]


class SandboxClaim(Base):
    """What a payer's bank wants back, or has."""

    __tablename__ = "sandbox_claims"

    claim: Mapped[str] = mapped_column(primary_key=True)
    end_to_end_id: Mapped[str] = mapped_column(index=True)
    amount_minor: Mapped[int]
    status: Mapped[str]
    opened_at: Mapped[datetime]


class SandboxDelivery(Base):
    """A webhook that has to reach us, however often it takes."""

    __tablename__ = "sandbox_deliveries"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    body: Mapped[str] = mapped_column(Text)
    wrong_signature: Mapped[bool]
    """Misbehaviour on demand: the first attempt is signed with another key."""
    due_at: Mapped[datetime]
    attempts: Mapped[int]
    last_error: Mapped[str | None]
    delivered_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_sandbox_deliveries_due", "due_at", postgresql_where=sql("delivered_at IS NULL")),)
