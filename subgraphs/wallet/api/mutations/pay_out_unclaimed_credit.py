"""An administrator enters that the money of somebody who has left was paid out at the bank."""

from typing import Annotated

import strawberry

from subgraphs.shared.graphql.context import Info
from subgraphs.shared.graphql.refusals import IdempotencyKeyReused, InvalidInput
from subgraphs.shared.graphql.scalars import require_id
from subgraphs.shared.idempotency import KEY_DESCRIPTION, check_key
from subgraphs.shared.scopes import ADMIN
from subgraphs.wallet.api import errors, types
from subgraphs.wallet.domain import unclaimed
from subgraphs.wallet.domain.reasons import check_reason


@strawberry.input(description="Which credit, and by what payment.")
class PayOutUnclaimedCreditInput:
    unclaimed_credit_id: strawberry.ID
    bank_reference: str = strawberry.field(
        description="The bank's name for the payment, such as Pix' end-to-end id; 6 to 64 characters."
    )
    reason: str = strawberry.field(description="Kept for the audit, 5 to 500 characters.")
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)


PayOutUnclaimedCreditResult = Annotated[
    types.LedgerTransfer
    | errors.UnclaimedCreditNotOpen
    | errors.BankReferenceUsed
    | IdempotencyKeyReused
    | InvalidInput,
    strawberry.union("PayOutUnclaimedCreditResult"),
]


@strawberry.mutation(
    description="For administrators: enter that money of somebody who has left was paid at the bank, as the law says."
)
async def pay_out_unclaimed_credit(info: Info, input: PayOutUnclaimedCreditInput) -> PayOutUnclaimedCreditResult:
    context = info.context
    decision = unclaimed.Decision(
        credit_id=require_id(input.unclaimed_credit_id),
        actor_id=context.require(ADMIN).user_id,
        reason=check_reason(input.reason),
        idempotency_key=check_key(input.idempotency_key),
    )
    async with context.begin() as session:
        transfer = await unclaimed.pay_out_credit(
            session, decision, bank_reference=input.bank_reference, now=context.clock.now()
        )
    return types.LedgerTransfer.from_model(transfer)
