"""
The ledger: accounts, and transfers that move money between them by entries.

These rows are facts. The database refuses to change or delete them, appends each entry to its account's hash chain,
keeps the balances, and refuses a transfer whose entries do not sum to zero (see the migration `wallet_0001`).
"""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    FetchedValue,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    UniqueConstraint,
    func,
)
from sqlalchemy.orm import Mapped, mapped_column

from subgraphs.shared.named import Named
from subgraphs.wallet.models.declarative import Base


class Side(StrEnum):
    DEBIT = "DEBIT"
    """It raises what we have (bank, gateway), and lowers what we owe or have earned."""
    CREDIT = "CREDIT"
    """It raises what we owe or have earned, and lowers what we have (bank, gateway)."""

    @property
    def opposite(self) -> "Side":
        return Side.CREDIT if self is Side.DEBIT else Side.DEBIT


class AccountKind(StrEnum):
    """What an account is for. The chart of accounts (`domain/chart.py`) says which side raises it."""

    AVAILABLE = "AVAILABLE"
    """Owed to a person, free to use."""
    HELD = "HELD"
    """Owed to a person, set aside by holds."""
    PROCESSING = "PROCESSING"
    """Owed to a person, on its way to their bank."""
    GATEWAY = "GATEWAY"
    """Between the payment gateway and our bank; zero when the gateway has settled everything."""
    BANK = "BANK"
    """Our money at the bank."""
    RETURNS = "RETURNS"
    """On its way back to who paid it."""
    CLAIM = "CLAIM"
    """Blocked for one claim of a payer's bank: owed to the person or to the payer, until the claim ends."""
    PERSON_DEBTS = "PERSON_DEBTS"
    """What people owe us, because a payer's bank took back what they had spent."""
    SUSPENSE = "SUSPENSE"
    """Owed to whoever sent money that we could not place; people decide on it."""
    ESCROW = "ESCROW"
    """Owed to the parties of one CPR between capture and disbursement; otherwise zero."""
    DISTRIBUTION = "DISTRIBUTION"
    """Owed to the holders of one paid installment until its payouts are credited; otherwise zero."""
    ORIGINATION_FEE = "ORIGINATION_FEE"
    """Income of the platform for bringing a CPR to its investors."""
    PERFORMANCE_FEE = "PERFORMANCE_FEE"
    """Income of the platform: its part of the interest that investors earn."""
    SECONDARY_FEE = "SECONDARY_FEE"
    """Income of the platform: its part of the price when quotas change hands."""
    IOF_PAYABLE = "IOF_PAYABLE"
    """Tax on credit, withheld and owed to the state."""
    INCOME_TAX_PAYABLE = "INCOME_TAX_PAYABLE"
    """Tax on investors' yield, withheld and owed to the state."""


class TransferKind(StrEnum):
    """Why money moved."""

    DEPOSIT = "DEPOSIT"
    """Money that a person brought in."""
    SURPLUS = "SURPLUS"
    """Money for something that was paid already, or too late: it stays the payer's."""
    SUSPENSE = "SUSPENSE"
    """Money that came with an amount or a reference that we do not know."""
    SUSPENSE_RESOLVED = "SUSPENSE_RESOLVED"
    """Out of suspense, to the wallet of the person whose it is found to be."""
    SUSPENSE_PAID_OUT = "SUSPENSE_PAID_OUT"
    """Out of suspense, by the bank, to whom the law says: for those who have no wallet any more."""
    PAYMENT_RETURN = "PAYMENT_RETURN"
    """On its way back to who paid it: out of suspense, or of the wallet that it had gone to."""
    PAYMENT_RETURN_SENT = "PAYMENT_RETURN_SENT"
    """With its payer again."""
    PAYMENT_RETURN_FAILED = "PAYMENT_RETURN_FAILED"
    """Did not reach its payer, and is where it was."""
    CLAIM_BLOCK = "CLAIM_BLOCK"
    """Set aside, because a payer's bank wants it back."""
    CLAIM_RELEASE = "CLAIM_RELEASE"
    """Free again: the payer's bank does not get it."""
    CLAIM_PAID = "CLAIM_PAID"
    """To the payer's bank: what was blocked, or in suspense; the rest is a debt of the person."""
    DEBT_PAID = "DEBT_PAID"
    """A debt paid out of what was credited."""
    HOLD = "HOLD"
    """Set aside in a wallet, for an investment."""
    HOLD_RELEASE = "HOLD_RELEASE"
    """Free again: what it was set aside for came to nothing."""
    HOLD_CAPTURE = "HOLD_CAPTURE"
    """What was set aside goes into the CPR's escrow."""
    DISBURSEMENT = "DISBURSEMENT"
    """From the CPR's escrow to the farmer, less fee and tax."""
    INSTALLMENT_PAYMENT = "INSTALLMENT_PAYMENT"
    """A farmer paid an installment: to its distribution."""
    PAYOUT = "PAYOUT"
    """From a distribution to its holders, less fee and tax."""
    QUOTA_SWAP = "QUOTA_SWAP"
    """The price of quotas that change hands with it."""
    WITHDRAWAL = "WITHDRAWAL"
    """Requested: out of the available money, on its way."""
    WITHDRAWAL_SENT = "WITHDRAWAL_SENT"
    """Arrived at the person's bank."""
    WITHDRAWAL_RETURN = "WITHDRAWAL_RETURN"
    """Did not arrive, or came back."""
    GATEWAY_SETTLEMENT = "GATEWAY_SETTLEMENT"
    """Between the gateway and our bank."""
    TAX_REMITTANCE = "TAX_REMITTANCE"
    """Tax that was withheld, from our bank to the state."""
    LATE_REMITTANCE = "LATE_REMITTANCE"
    """The fine and interest for tax that was remitted late, out of what the platform earned."""
    REVERSAL = "REVERSAL"
    """What moved before, undone by two of the staff."""


class LedgerClock(StrEnum):
    """By which clock the process ran that posted a transfer."""

    SYSTEM = "SYSTEM"
    """The machine's: the transfer is dated when it was recorded, but for the minutes that work may take."""
    MOVED = "MOVED"
    """One that was moved from outside, for demos and tests."""


class LedgerAccount(Base):
    __tablename__ = "ledger_accounts"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    """Readable and unique: `available:<user>`, `escrow:<cpr>`, `bank`."""
    kind: Mapped[AccountKind] = mapped_column(Named(AccountKind))
    normal_side: Mapped[Side] = mapped_column(Named(Side))
    """The side that raises the balance: debit for what we own, credit for what we owe or earn."""
    may_go_negative: Mapped[bool]
    owner_id: Mapped[UUID | None]
    """The person whose money it is."""
    opened_at: Mapped[datetime] = mapped_column(server_default=func.now())

    __table_args__ = (Index("ix_ledger_accounts_kind", "kind"),)


class LedgerTransfer(Base):
    __tablename__ = "ledger_transfers"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger, Identity(always=True), unique=True)
    """The order in which transfers were posted."""
    kind: Mapped[TransferKind] = mapped_column(Named(TransferKind))
    cause_id: Mapped[UUID]
    """What made this happen. One cause moves money of one kind once, whatever is retried."""
    reference_id: Mapped[UUID]
    """The business object a reader knows: a deposit, an investment, a CPR, a payout."""
    reverses_id: Mapped[UUID | None] = mapped_column(ForeignKey("ledger_transfers.id"), unique=True)
    """The transfer that this one undoes; each can be undone once."""
    occurred_at: Mapped[datetime]
    transaction_id: Mapped[int] = mapped_column(server_default=FetchedValue())
    """The database transaction that made it. Entries can be added only within it."""
    recorded_at: Mapped[datetime | None] = mapped_column(server_default=FetchedValue())
    """When the database says that it was. Unknown, as the clock, of transfers from before this was asked."""
    clock: Mapped[LedgerClock | None] = mapped_column(Named(LedgerClock), server_default=FetchedValue())
    """The clock that `occurred_at` is of."""

    __table_args__ = (
        UniqueConstraint("kind", "cause_id"),
        Index("ix_ledger_transfers_occurred_at", "occurred_at", "id"),
        Index("ix_ledger_transfers_reference_id", "reference_id"),
    )


class LedgerEntry(Base):
    __tablename__ = "ledger_entries"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    transfer_id: Mapped[UUID] = mapped_column(ForeignKey("ledger_transfers.id"), index=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("ledger_accounts.id"))
    side: Mapped[Side] = mapped_column(Named(Side))
    amount_minor: Mapped[int]
    """Always positive; the side says the direction."""
    sequence: Mapped[int] = mapped_column(server_default=FetchedValue())
    """Place in the account's chain, from 1. This and what follows is written by the database."""
    balance_after_minor: Mapped[int] = mapped_column(server_default=FetchedValue())
    previous_hash: Mapped[bytes] = mapped_column(LargeBinary, server_default=FetchedValue())
    hash: Mapped[bytes] = mapped_column(LargeBinary, server_default=FetchedValue())

    __table_args__ = (UniqueConstraint("account_id", "sequence"),)


class LedgerBalance(Base):
    """The sum of an account's entries, kept by the database; the row that is locked before money moves."""

    __tablename__ = "ledger_balances"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("ledger_accounts.id"), primary_key=True)
    balance_minor: Mapped[int]
    """In the account's normal direction: what we owe on a liability is positive."""
    may_go_negative: Mapped[bool]
    entry_count: Mapped[int]
    last_hash: Mapped[bytes] = mapped_column(LargeBinary)
