"""An administrator undoes a transfer by another one."""

from typing import Annotated

import strawberry

from subgraphs.shared.graphql.context import Info
from subgraphs.shared.graphql.refusals import IdempotencyKeyReused, InvalidInput
from subgraphs.shared.graphql.scalars import require_id
from subgraphs.shared.idempotency import KEY_DESCRIPTION, check_key
from subgraphs.shared.scopes import ADMIN
from subgraphs.wallet.api import errors, types
from subgraphs.wallet.domain import reversals
from subgraphs.wallet.domain.reasons import check_reason


@strawberry.input(description="Which transfer to undo, and why.")
class ReverseTransferInput:
    transfer_id: strawberry.ID
    reason: str = strawberry.field(description="Kept for the audit, 5 to 500 characters.")
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)


ReverseTransferResult = Annotated[
    types.LedgerTransfer
    | errors.TransferNotFound
    | errors.TransferAlreadyReversed
    | errors.TransferNotReversible
    | IdempotencyKeyReused
    | InvalidInput,
    strawberry.union("ReverseTransferResult"),
]


@strawberry.mutation(
    description="For administrators: undo a credit or a settlement by a new transfer. Each can be undone once."
)
async def reverse_transfer(info: Info, input: ReverseTransferInput) -> ReverseTransferResult:
    context = info.context
    actor = context.require(ADMIN)
    async with context.begin() as session:
        reversal = await reversals.reverse_transfer(
            session,
            require_id(input.transfer_id),
            actor_id=actor.user_id,
            reason=check_reason(input.reason),
            idempotency_key=check_key(input.idempotency_key),
            now=context.clock.now(),
        )
    return types.LedgerTransfer.from_model(reversal)
