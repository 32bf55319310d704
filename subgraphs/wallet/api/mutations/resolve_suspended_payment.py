"""An administrator decides whose money it is that could not be placed."""

from typing import Annotated

import strawberry

from subgraphs.shared.graphql.context import Info
from subgraphs.shared.graphql.money import Money
from subgraphs.shared.graphql.refusals import IdempotencyKeyReused, InvalidInput
from subgraphs.shared.graphql.scalars import require_id
from subgraphs.shared.idempotency import KEY_DESCRIPTION, check_key
from subgraphs.shared.scopes import ADMIN
from subgraphs.wallet.api import errors
from subgraphs.wallet.domain import payments
from subgraphs.wallet.domain.reasons import check_reason


@strawberry.input(description="Which payment, and whose money it is.")
class ResolveSuspendedPaymentInput:
    payment_id: strawberry.ID
    user_id: strawberry.ID = strawberry.field(description="The person whose wallet gets it.")
    reason: str = strawberry.field(description="Kept for the audit, 5 to 500 characters.")
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)


@strawberry.type(description="A payment that was in suspense and is in a wallet now.")
class ResolvedPayment:
    id: strawberry.ID
    amount: Money


ResolveSuspendedPaymentResult = Annotated[
    ResolvedPayment | errors.PaymentNotInSuspense | errors.WalletNotReady | IdempotencyKeyReused | InvalidInput,
    strawberry.union("ResolveSuspendedPaymentResult"),
]


@strawberry.mutation(description="For administrators: give money in suspense to the person it belongs to.")
async def resolve_suspended_payment(info: Info, input: ResolveSuspendedPaymentInput) -> ResolveSuspendedPaymentResult:
    context = info.context
    actor = context.require(ADMIN)
    async with context.begin() as session:
        payment = await payments.resolve_suspense(
            session,
            require_id(input.payment_id),
            user_id=require_id(input.user_id),
            actor_id=actor.user_id,
            reason=check_reason(input.reason),
            idempotency_key=check_key(input.idempotency_key),
            now=context.clock.now(),
        )
    return ResolvedPayment(id=strawberry.ID(str(payment.id)), amount=Money.of_minor(payment.amount_minor))
