"""Money whose owner has closed their account."""

from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from subgraphs.wallet.models.declarative import Base


class UnclaimedCredit(Base):
    """What a transfer brought to suspense, because the wallet that it was meant for is closed."""

    __tablename__ = "unclaimed_credits"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    transfer_id: Mapped[UUID] = mapped_column(ForeignKey("ledger_transfers.id"), index=True)
    user_id: Mapped[UUID] = mapped_column(index=True)
    """Whose it would have been."""
    amount_minor: Mapped[int]
    reason: Mapped[str]
    settled_by: Mapped[UUID | None] = mapped_column(ForeignKey("ledger_transfers.id"), unique=True)
    """The transfer that took it out of suspense again; empty while nobody has decided, and after a reversal of that."""

    __table_args__ = (
        CheckConstraint("amount_minor > 0", name="positive"),
        Index("ix_unclaimed_credits_open", "id", postgresql_where=sql("settled_by IS NULL")),
    )


class UnclaimedPayout(Base):
    """What a transfer out of suspense is at the bank, where it was made by hand."""

    __tablename__ = "unclaimed_payouts"

    transfer_id: Mapped[UUID] = mapped_column(ForeignKey("ledger_transfers.id"), primary_key=True)
    bank_reference: Mapped[str] = mapped_column(unique=True)
    """The bank's own name for it (Pix' end-to-end id, a judicial deposit's number): one payment is entered once."""
