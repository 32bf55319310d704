"""Money whose owner has closed their account."""

from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey
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

    __table_args__ = (CheckConstraint("amount_minor > 0", name="positive"),)
