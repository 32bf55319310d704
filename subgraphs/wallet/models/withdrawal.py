"""Money on its way to a person's bank."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from subgraphs.shared.named import Named
from subgraphs.wallet.models.declarative import Base


class WithdrawalStatus(StrEnum):
    REQUESTED = "REQUESTED"
    """Held in processing; the gateway has not been told, or has not answered."""
    SENT = "SENT"
    """The gateway has taken the order."""
    SETTLED = "SETTLED"
    """The money is at the person's bank."""
    RETURNED = "RETURNED"
    """The money is in the wallet again. Final, even when an older message says that it settled."""


class Withdrawal(Base):
    __tablename__ = "withdrawals"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID]
    wallet_id: Mapped[UUID] = mapped_column(ForeignKey("wallets.id"))
    bank_account_id: Mapped[UUID] = mapped_column(ForeignKey("bank_accounts.id"))
    amount_minor: Mapped[int]
    status: Mapped[WithdrawalStatus] = mapped_column(Named(WithdrawalStatus))
    requested_at: Mapped[datetime]
    ordered_at: Mapped[datetime | None]
    """When the gateway was first asked to send it, whatever it answered: from then on nobody calls it back."""
    sent_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    return_reason: Mapped[str | None]

    __table_args__ = (
        ForeignKeyConstraint(
            ["wallet_id", "user_id"], ["wallets.id", "wallets.user_id"], name="fk_withdrawals_wallet_of_its_person"
        ),
        ForeignKeyConstraint(
            ["bank_account_id", "user_id"],
            ["bank_accounts.id", "bank_accounts.user_id"],
            name="fk_withdrawals_bank_account_of_its_person",
        ),
        Index("ix_withdrawals_user_id", "user_id", "requested_at"),
        Index(
            "ix_withdrawals_in_flight",
            "requested_at",
            postgresql_where=sql("status IN ('REQUESTED', 'SENT')"),
        ),
    )
