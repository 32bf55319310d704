"""SQL and nothing else. `get_` must exist, `find_` may not, `list_` many, `lock_` takes row locks in id order."""

from subgraphs.wallet.crud import (
    bank_accounts,
    books,
    causes,
    charges,
    exports,
    holds,
    installments,
    ledger,
    money_out,
    parameters,
    quotas,
    remittances,
    unclaimed,
    wallets,
    withdrawals,
)

__all__ = [
    "bank_accounts",
    "books",
    "causes",
    "charges",
    "exports",
    "holds",
    "installments",
    "ledger",
    "money_out",
    "parameters",
    "quotas",
    "remittances",
    "unclaimed",
    "wallets",
    "withdrawals",
]
