"""Contracts' root fields."""

import strawberry

from subgraphs.contracts.api import loaders
from subgraphs.contracts.api.types.cpr import CPR
from subgraphs.contracts.api.types.installment import Installment
from subgraphs.shared.graphql.context import Info
from subgraphs.shared.graphql.scalars import require_id


@strawberry.type
class Query:
    @strawberry.field(description="A CPR of one's own, a registered one, or any for staff; null otherwise.")
    async def cpr(self, info: Info, id: strawberry.ID) -> CPR | None:
        row = await info.context.loader(loaders.load_cprs).load(require_id(id))
        return CPR.from_model(row) if row else None

    @strawberry.field(description="An installment of a CPR that one may see; null otherwise.")
    async def installment(self, info: Info, id: strawberry.ID) -> Installment | None:
        row = await info.context.loader(loaders.load_installments).load(require_id(id))
        return Installment.from_model(row) if row else None
