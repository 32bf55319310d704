"""A person brings money in by Pix."""

import strawberry

from subgraphs.shared.graphql.money import MoneyInput
from subgraphs.shared.graphql.mutation import mutation
from subgraphs.shared.idempotency import KEY_DESCRIPTION, check_key
from subgraphs.wallet.api import types
from subgraphs.wallet.api.context import Info
from subgraphs.wallet.domain import charges, refusals


@strawberry.input(description="How much to bring in.")
class CreateDepositInput:
    amount: MoneyInput = strawberry.field(description="Within the limits for one operation, which the refusal names.")
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)


@mutation(
    refusals.PaymentAmountOutOfRange,
    refusals.WalletNotReady,
    refusals.PaymentGatewayUnavailable,
    description="Ask for a Pix code that brings money into one's wallet when it is paid.",
)
async def create_deposit(info: Info, input: CreateDepositInput) -> types.Deposit:
    context, services = info.context, info.context.services
    command = charges.CreateDeposit(
        user_id=context.identity.user_id,
        amount_minor=input.amount.to_minor(),
        idempotency_key=check_key(input.idempotency_key),
    )
    now = context.clock.now()
    async with context.begin() as session:
        charge = await charges.open_deposit(session, command, settings=services.settings, now=now)
    charge = await charges.register_at_gateway(context.database, charge, gateway=services.gateway)
    return types.Deposit.from_model(charge, now=now)
