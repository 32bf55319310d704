"""A person takes a bank account off their list."""

import strawberry

from subgraphs.shared.graphql.mutation import mutation
from subgraphs.shared.graphql.scalars import require_id
from subgraphs.wallet.api import types
from subgraphs.wallet.api.context import Info
from subgraphs.wallet.domain import bank_accounts, refusals


@strawberry.input(description="Which bank account to remove.")
class RemoveBankAccountInput:
    bank_account_id: strawberry.ID = strawberry.field(description="The id at `User.bankAccounts`.")


@mutation(
    refusals.BankAccountNotFound,
    description="Let no more withdrawals go to a bank account.",
)
async def remove_bank_account(info: Info, input: RemoveBankAccountInput) -> types.BankAccount:
    context = info.context
    async with context.begin() as session:
        account = await bank_accounts.remove_bank_account(
            session,
            require_id(input.bank_account_id),
            user_id=context.identity.user_id,
            now=context.clock.now(),
        )
    return types.BankAccount.from_model(account, context.services.vault)
