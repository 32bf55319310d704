"""Where withdrawals go."""

from datetime import datetime
from typing import Self

import strawberry

from subgraphs.shared.vault import Vault
from subgraphs.wallet import models
from subgraphs.wallet.api.types.vocabulary import BankAccountType
from subgraphs.wallet.domain import bank_details


@strawberry.type(description="A bank account of the same CPF or CNPJ as the wallet, confirmed by the bank.")
class BankAccount:
    id: strawberry.ID
    bank_code: str
    branch: str
    account_number: str
    account_type: BankAccountType
    holder_name: str
    registered_at: datetime

    @classmethod
    def from_model(cls, account: models.BankAccount, vault: Vault) -> Self:
        """Of an account whose details are not erased."""
        details = bank_details.open_details(vault, account)
        assert details is not None  # noqa: S101  # whoever lists accounts leaves out the erased ones
        return cls(
            id=strawberry.ID(str(account.id)),
            bank_code=details.bank_code,
            branch=details.branch,
            account_number=details.account_number,
            account_type=account.account_type,
            holder_name=details.holder_name,
            registered_at=account.registered_at,
        )
