"""What contracts adds to a credit request: the CPR that came of it."""

import strawberry

from subgraphs.contracts.api import loaders
from subgraphs.contracts.api.types.cpr import CPR
from subgraphs.shared.graphql import descriptions
from subgraphs.shared.graphql.context import Info
from subgraphs.shared.graphql.entities import Reference
from subgraphs.shared.graphql.scalars import require_id


@strawberry.federation.type(keys=["id"], description=descriptions.CREDIT_REQUEST)
class CreditRequest:
    id: strawberry.ID = strawberry.field(description=descriptions.ID)

    @strawberry.field(description="The CPR drafted from it; null until there is one. The farmer's and staff's to see.")
    async def cpr(self, info: Info) -> CPR | None:
        row = await info.context.loader(loaders.cprs_by_request).load(require_id(self.id))
        return CPR.from_model(row) if row else None

    @classmethod
    async def resolve_references(cls, info: Info, references: list[Reference]) -> list["CreditRequest | None"]:
        """Whether such a request exists is credit's to say; the field decides who may see it."""
        signed_in = not info.context.is_anonymous
        return [cls(id=strawberry.ID(str(reference.id))) if signed_in else None for reference in references]
