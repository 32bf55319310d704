"""Where withdrawals go."""

from datetime import datetime
from typing import Self

import strawberry

from subgraphs.wallet import models
from subgraphs.wallet.models import BankAccountType

strawberry.enum(BankAccountType, description="The kind of a bank account.")


@strawberry.type(description="A bank account of the same CPF as the wallet, confirmed by the bank.")
class BankAccount:
    id: strawberry.ID
    bank_code: str
    branch: str
    account_number: str
    account_type: BankAccountType
    holder_name: str
    registered_at: datetime

    @classmethod
    def from_model(cls, account: models.BankAccount) -> Self:
        return cls(
            id=strawberry.ID(str(account.id)),
            bank_code=account.bank_code,
            branch=account.branch,
            account_number=account.account_number,
            account_type=account.account_type,
            holder_name=account.holder_name,
            registered_at=account.registered_at,
        )
