"""What credit adds to a person."""

import strawberry

from subgraphs.credit.api import loaders
from subgraphs.credit.api.types.request import CreditRequest, CreditRequestPage
from subgraphs.credit.api.types.score import AgroScore
from subgraphs.shared.graphql import descriptions
from subgraphs.shared.graphql.context import Info
from subgraphs.shared.graphql.cost import PAGED
from subgraphs.shared.graphql.entities import Reference
from subgraphs.shared.graphql.looks import StaffLookPage, looks_field
from subgraphs.shared.graphql.paging import After, Cursor, First, cut_page, page_request
from subgraphs.shared.graphql.scalars import require_id
from subgraphs.shared.scopes import Sight


@strawberry.federation.type(description=descriptions.USER, keys=["id"])
class User:
    id: strawberry.ID = strawberry.field(description=descriptions.ID)
    credit_looks: StaffLookPage | None = looks_field("credit requests, documents and scores")

    @strawberry.field(
        description="The newest first. The person's own and staff's to see; null for others.", directives=[PAGED]
    )
    async def credit_requests(self, info: Info, first: First = None, after: After = None) -> CreditRequestPage | None:
        farmer_id = require_id(self.id)
        if not info.context.shows(farmer_id, Sight.CREDIT):
            return None
        page = page_request(first, after)
        found = await info.context.loader(loaders.requests_by_farmer).load((farmer_id, page))
        rows, page_info = cut_page(found, page, lambda row: Cursor(at=row.submitted_at, id=row.id))
        return CreditRequestPage(nodes=[CreditRequest.from_model(row) for row in rows], page_info=page_info)

    @strawberry.field(description="The newest AgroScore. The person's own and staff's to see; null for others.")
    async def agro_score(self, info: Info) -> AgroScore | None:
        farmer_id = require_id(self.id)
        if not info.context.shows(farmer_id, Sight.CREDIT):
            return None
        score = await info.context.loader(loaders.latest_scores_by_farmer).load(farmer_id)
        return AgroScore.from_model(score) if score else None

    @classmethod
    async def resolve_references(cls, info: Info, references: list[Reference]) -> list["User | None"]:
        """Whether such a person exists is accounts' to say; each field decides who may see it."""
        signed_in = not info.context.is_anonymous
        return [cls(id=strawberry.ID(str(reference.id))) if signed_in else None for reference in references]
