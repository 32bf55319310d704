"""A person takes a bank account off their list."""

from typing import Annotated

import strawberry

from subgraphs.shared.graphql.context import Info
from subgraphs.shared.graphql.refusals import InvalidInput
from subgraphs.shared.graphql.scalars import require_id
from subgraphs.wallet.api import errors, types
from subgraphs.wallet.domain import bank_accounts


@strawberry.input(description="Which bank account to remove.")
class RemoveBankAccountInput:
    bank_account_id: strawberry.ID


RemoveBankAccountResult = Annotated[
    types.BankAccount | errors.BankAccountNotFound | InvalidInput, strawberry.union("RemoveBankAccountResult")
]


@strawberry.mutation(description="Let no more withdrawals go to a bank account.")
async def remove_bank_account(info: Info, input: RemoveBankAccountInput) -> RemoveBankAccountResult:
    context = info.context
    async with context.begin() as session:
        account = await bank_accounts.remove_bank_account(
            session,
            require_id(input.bank_account_id),
            user_id=context.identity.user_id,
            now=context.clock.now(),
        )
    return types.BankAccount.from_model(account, context.services.vault)
