"""What a client may see: a file per noun."""

from subgraphs.wallet.api.types.activity import Activity
from subgraphs.wallet.api.types.bank_account import BankAccount
from subgraphs.wallet.api.types.charge import CPR, AmountDue, Charge, EarlySettlement, Installment
from subgraphs.wallet.api.types.codes import BoletoSlip, PixCode
from subgraphs.wallet.api.types.deposit import Deposit
from subgraphs.wallet.api.types.ledger import (
    BooksCheck,
    LedgerTransfer,
    LedgerTransferFilter,
    LedgerTransferPage,
    SuspendedPayment,
    SuspendedPaymentPage,
)
from subgraphs.wallet.api.types.money_claim import MoneyClaim, MoneyClaimPage, MoneyClaimRecord
from subgraphs.wallet.api.types.money_out import MoneyOut, NightLimit
from subgraphs.wallet.api.types.money_proposal import MoneyProposal, MoneyProposalPage, ReversalPreview
from subgraphs.wallet.api.types.payment_return import PaymentReturn, PaymentReturnPage, PaymentReturnRecord
from subgraphs.wallet.api.types.remittance import TaxRemittance, TaxRemittancePage
from subgraphs.wallet.api.types.statement import StatementEntry, StatementKind, StatementPage
from subgraphs.wallet.api.types.unclaimed import UnclaimedCredit, UnclaimedCreditPage
from subgraphs.wallet.api.types.wallet import User, Wallet
from subgraphs.wallet.api.types.withdrawal import Withdrawal, WithdrawalPage

__all__ = [
    "CPR",
    "Activity",
    "AmountDue",
    "BankAccount",
    "BoletoSlip",
    "BooksCheck",
    "Charge",
    "Deposit",
    "EarlySettlement",
    "Installment",
    "LedgerTransfer",
    "LedgerTransferFilter",
    "LedgerTransferPage",
    "MoneyClaim",
    "MoneyClaimPage",
    "MoneyClaimRecord",
    "MoneyOut",
    "MoneyProposal",
    "MoneyProposalPage",
    "NightLimit",
    "PaymentReturn",
    "PaymentReturnPage",
    "PaymentReturnRecord",
    "PixCode",
    "ReversalPreview",
    "StatementEntry",
    "StatementKind",
    "StatementPage",
    "SuspendedPayment",
    "SuspendedPaymentPage",
    "TaxRemittance",
    "TaxRemittancePage",
    "UnclaimedCredit",
    "UnclaimedCreditPage",
    "User",
    "Wallet",
    "Withdrawal",
    "WithdrawalPage",
]
