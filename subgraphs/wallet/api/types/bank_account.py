"""Where withdrawals go."""

from datetime import datetime
from typing import Self

import strawberry

from subgraphs.shared.graphql import descriptions
from subgraphs.shared.vault import Vault
from subgraphs.wallet import models
from subgraphs.wallet.api.types.vocabulary import BankAccountType
from subgraphs.wallet.domain import bank_details


@strawberry.type(description="A bank account of the same CPF or CNPJ as the wallet, confirmed by the bank.")
class BankAccount:
    id: strawberry.ID = strawberry.field(description=descriptions.ID)
    bank_code: str = strawberry.field(description="The bank's three digits in the clearing system, such as 001 or 237.")
    branch: str = strawberry.field(description="The branch, without check digit.")
    account_number: str = strawberry.field(description="With its check digit.")
    account_type: BankAccountType = strawberry.field(description="What kind of account it is.")
    holder_name: str = strawberry.field(description="Whose it is, as the bank knows them.")
    registered_at: datetime = strawberry.field(description="When it was registered here.")

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
