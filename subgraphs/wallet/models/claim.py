"""Money that a payer's bank wants back, and what is taken of its person for it."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from subgraphs.shared.named import Named
from subgraphs.wallet.models.declarative import Base


class ClaimStatus(StrEnum):
    OPEN = "OPEN"
    """The banks look at it; what is there is blocked."""
    PAID = "PAID"
    """The payer's bank has the money. What was not there is the person's debt."""
    REJECTED = "REJECTED"
    """It was not right; what was blocked is free again."""


class MoneyClaim(Base):
    """A payment, or a part of it, that the payer's bank wants back (Pix: devolução by the bank, MED)."""

    __tablename__ = "money_claims"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(unique=True)
    """The gateway's own name of it, the same in every notice."""
    payment_id: Mapped[UUID] = mapped_column(ForeignKey("gateway_payments.id"), index=True)
    user_id: Mapped[UUID | None]
    """Whose money or debt it is; nobody's while the payment is in suspense."""
    amount_minor: Mapped[int]
    reason: Mapped[str]
    status: Mapped[ClaimStatus] = mapped_column(Named(ClaimStatus))
    opened_at: Mapped[datetime]
    collects_until: Mapped[datetime]
    """Until then later credits pay first."""
    blocked_minor: Mapped[int]
    """On the claim's account at the moment."""
    taken_minor: Mapped[int]
    """What the payer's bank got."""
    debt_minor: Mapped[int]
    """What of that the person still owes."""
    ended_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("amount_minor > 0 AND taken_minor BETWEEN 0 AND amount_minor", name="amounts"),
        CheckConstraint("blocked_minor BETWEEN 0 AND amount_minor", name="blocked_within_amount"),
        CheckConstraint("debt_minor BETWEEN 0 AND taken_minor", name="debt_within_taken"),
        CheckConstraint("user_id IS NOT NULL OR (blocked_minor = 0 AND debt_minor = 0)", name="somebodys"),
        Index("ix_money_claims_opened_at", "opened_at", "id"),
        Index(
            "ix_money_claims_collecting",
            "user_id",
            postgresql_where=sql("(status = 'OPEN' AND blocked_minor < amount_minor) OR debt_minor > 0"),
        ),
    )


class ClaimCollection(Base):
    """What was taken of a person's available money for a claim: blocked while it is open, for the debt afterwards."""

    __tablename__ = "claim_collections"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    claim_id: Mapped[UUID] = mapped_column(ForeignKey("money_claims.id"), index=True)
    pays_debt: Mapped[bool]
    amount_minor: Mapped[int]
    collected_at: Mapped[datetime]

    __table_args__ = (CheckConstraint("amount_minor > 0", name="positive"),)
