"""Whose money it is: wallets, verified identities, bank accounts."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from subgraphs.shared.messaging.read_models import Versioned
from subgraphs.shared.named import Named
from subgraphs.wallet.models.declarative import Base


class Wallet(Base):
    """A person's view of their money: three accounts of the ledger."""

    __tablename__ = "wallets"
    __table_args__ = (UniqueConstraint("id", "user_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(unique=True)
    available_id: Mapped[UUID] = mapped_column(ForeignKey("ledger_accounts.id"), unique=True)
    held_id: Mapped[UUID] = mapped_column(ForeignKey("ledger_accounts.id"), unique=True)
    processing_id: Mapped[UUID] = mapped_column(ForeignKey("ledger_accounts.id"), unique=True)
    opened_at: Mapped[datetime]


class VerifiedIdentity(Versioned, Base):
    """Accounts has verified who this user is; only accounts knows it."""

    __tablename__ = "verified_identities"

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    verified_at: Mapped[datetime | None]
    """None once the account is closed."""


class BankAccountType(StrEnum):
    CHECKING = "CHECKING"
    """A checking account (conta corrente)."""
    SAVINGS = "SAVINGS"
    """A savings account (conta poupança)."""
    PAYMENT = "PAYMENT"
    """A payment account (conta de pagamento)."""


class BankAccount(Base):
    """Where a person's withdrawals go; the gateway has confirmed that it is theirs."""

    __tablename__ = "bank_accounts"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID]
    details_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Bank, numbers and holder (`BankDetails`), sealed. None once they are erased."""
    fingerprint: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Keyed hash of bank and numbers: finds the same account again without holding it."""
    account_type: Mapped[BankAccountType] = mapped_column(Named(BankAccountType))
    registered_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]
    kept_until: Mapped[datetime | None]
    """Set when its person's account is closed: until then the law wants to know where withdrawals went."""

    __table_args__ = (
        UniqueConstraint("id", "user_id"),
        Index(
            "uq_bank_accounts_in_use", "user_id", "fingerprint", unique=True, postgresql_where=sql("removed_at IS NULL")
        ),
        Index("ix_bank_accounts_kept_until", "kept_until", postgresql_where=sql("kept_until IS NOT NULL")),
    )


class BankAccountToSeal(Base):
    """Details from before they were sealed, until the job has sealed them."""

    __tablename__ = "bank_accounts_to_seal"

    id: Mapped[UUID] = mapped_column(ForeignKey("bank_accounts.id"), primary_key=True)
    bank_code: Mapped[str]
    branch: Mapped[str]
    account_number: Mapped[str]
    holder_name: Mapped[str]
    holder_cpf: Mapped[str]
