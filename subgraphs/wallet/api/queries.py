"""What can be asked for by itself; most of the wallet is reached through `User` and `Installment`."""

import strawberry

from subgraphs.shared.graphql.context import Info
from subgraphs.shared.graphql.scalars import require_id
from subgraphs.wallet.api import loaders, types


@strawberry.type
class Query:
    @strawberry.field(description="One's own deposit, to see whether it has arrived.")
    async def deposit(self, info: Info, id: strawberry.ID) -> types.Deposit | None:
        charge = await info.context.loader(loaders.deposits_by_id).load(require_id(id))
        return types.Deposit.from_model(charge, now=info.context.clock.now()) if charge else None

    @strawberry.field(description="One's own withdrawal, to see how far it has come.")
    async def withdrawal(self, info: Info, id: strawberry.ID) -> types.Withdrawal | None:
        withdrawal = await info.context.loader(loaders.withdrawals_by_id).load(require_id(id))
        return types.Withdrawal.from_model(withdrawal) if withdrawal else None
