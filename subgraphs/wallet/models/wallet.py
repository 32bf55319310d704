"""Whose money it is: wallets, verified identities, bank accounts."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from subgraphs.shared.messaging.read_models import Versioned
from subgraphs.wallet.models.column_types import Named
from subgraphs.wallet.models.declarative import Base


class Wallet(Base):
    """A person's view of their money: three accounts of the ledger."""

    __tablename__ = "wallets"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(unique=True)
    available_id: Mapped[UUID] = mapped_column(ForeignKey("ledger_accounts.id"), unique=True)
    held_id: Mapped[UUID] = mapped_column(ForeignKey("ledger_accounts.id"), unique=True)
    processing_id: Mapped[UUID] = mapped_column(ForeignKey("ledger_accounts.id"), unique=True)
    opened_at: Mapped[datetime]


class VerifiedIdentity(Versioned, Base):
    """Whom accounts has verified a user to be, until the account is closed; withdrawals go to no one else."""

    __tablename__ = "verified_identities"

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    full_name: Mapped[str | None]
    cpf: Mapped[str | None]
    """Eleven digits."""
    verified_at: Mapped[datetime | None]


class BankAccountType(StrEnum):
    CHECKING = "CHECKING"
    SAVINGS = "SAVINGS"
    PAYMENT = "PAYMENT"


class BankAccount(Base):
    """Where a person's withdrawals go; the gateway has confirmed that it is theirs."""

    __tablename__ = "bank_accounts"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID]
    bank_code: Mapped[str]
    """Three digits, the clearing house's number of the bank."""
    branch: Mapped[str]
    account_number: Mapped[str]
    """With its check digit."""
    account_type: Mapped[BankAccountType] = mapped_column(Named(BankAccountType))
    holder_name: Mapped[str]
    holder_cpf: Mapped[str]
    registered_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]

    __table_args__ = (
        Index(
            "uq_bank_accounts_in_use",
            "user_id",
            "bank_code",
            "branch",
            "account_number",
            unique=True,
            postgresql_where=sql("removed_at IS NULL"),
        ),
    )
