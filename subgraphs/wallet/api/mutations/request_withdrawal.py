"""A person takes money out."""

import strawberry

from subgraphs.shared.fresh_proof import require_fresh_proof
from subgraphs.shared.graphql.cost import ONCE
from subgraphs.shared.graphql.money import MoneyInput
from subgraphs.shared.graphql.mutation import mutation
from subgraphs.shared.graphql.scalars import require_id
from subgraphs.shared.idempotency import KEY_DESCRIPTION, check_key
from subgraphs.shared.refusal import FreshProofRequired
from subgraphs.wallet.api import types
from subgraphs.wallet.api.context import Info
from subgraphs.wallet.domain import money_out, refusals, withdrawals


@strawberry.input(description="How much to take out, and where to.")
class RequestWithdrawalInput:
    amount: MoneyInput = strawberry.field(
        description="Within the limits for one operation, which the refusal names, and what is available."
    )
    bank_account_id: strawberry.ID = strawberry.field(description="The id at `User.bankAccounts`.")
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)


@mutation(
    refusals.PaymentAmountOutOfRange,
    refusals.HolderNotVerified,
    refusals.BankAccountNotFound,
    refusals.InsufficientFunds,
    refusals.WalletNotReady,
    FreshProofRequired,
    refusals.CoolingOff,
    refusals.NightLimitExceeded,
    description="Send available money to one's own bank account.",
    directives=[ONCE],
)
async def request_withdrawal(info: Info, input: RequestWithdrawalInput) -> types.Withdrawal:
    context = info.context
    command = withdrawals.RequestWithdrawal(
        user_id=context.identity.user_id,
        bank_account_id=require_id(input.bank_account_id),
        amount_minor=input.amount.to_minor(),
        idempotency_key=check_key(input.idempotency_key),
    )
    async with context.read() as session:
        rules = await money_out.get_rules(session, now=context.clock.now())
    require_fresh_proof(context.identity, within=rules.fresh_proof)
    async with context.begin() as session:
        withdrawal = await withdrawals.request_withdrawal(
            session, command, settings=context.services.settings, now=context.clock.now()
        )
    return types.Withdrawal.from_model(withdrawal)
