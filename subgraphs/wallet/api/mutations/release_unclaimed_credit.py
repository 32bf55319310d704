"""An administrator gives the money of somebody who has left to a person whose it is found to be."""

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


@strawberry.input(description="Which credit, and whose it is.")
class ReleaseUnclaimedCreditInput:
    unclaimed_credit_id: strawberry.ID
    user_id: strawberry.ID = strawberry.field(
        description="The person whose wallet gets it; their identity is verified."
    )
    reason: str = strawberry.field(description="Kept for the audit, 5 to 500 characters.")
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)


ReleaseUnclaimedCreditResult = Annotated[
    types.LedgerTransfer | errors.UnclaimedCreditNotOpen | errors.WalletNotReady | IdempotencyKeyReused | InvalidInput,
    strawberry.union("ReleaseUnclaimedCreditResult"),
]


@strawberry.mutation(
    description="For administrators: give the money of somebody who has left to a person whose it is found to be."
)
async def release_unclaimed_credit(info: Info, input: ReleaseUnclaimedCreditInput) -> ReleaseUnclaimedCreditResult:
    context = info.context
    decision = unclaimed.Decision(
        credit_id=require_id(input.unclaimed_credit_id),
        actor_id=context.require(ADMIN).user_id,
        reason=check_reason(input.reason),
        idempotency_key=check_key(input.idempotency_key),
    )
    async with context.begin() as session:
        transfer = await unclaimed.release_credit(
            session, decision, user_id=require_id(input.user_id), now=context.clock.now()
        )
    return types.LedgerTransfer.from_model(transfer)
