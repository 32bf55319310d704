"""Credit's root fields."""

from typing import Annotated

import strawberry

from subgraphs.credit.api import loaders
from subgraphs.credit.api.types.request import CreditRequest, CreditRequestPage
from subgraphs.credit.api.types.user import User
from subgraphs.credit.api.types.vocabulary import RequestStatus
from subgraphs.credit.crud import requests
from subgraphs.shared.graphql.context import Info
from subgraphs.shared.graphql.cost import PAGED
from subgraphs.shared.graphql.me import me_field
from subgraphs.shared.graphql.paging import After, Cursor, First, cut_page, page_request
from subgraphs.shared.graphql.scalars import require_id


@strawberry.type
class Query:
    me = me_field(User)

    @strawberry.field(description="A request of one's own, or any for staff; null otherwise.")
    async def credit_request(
        self,
        info: Info,
        id: Annotated[
            strawberry.ID,
            strawberry.argument(
                description="The request's id; null comes for an unknown one, and for somebody else's."
            ),
        ],
    ) -> CreditRequest | None:
        row = await info.context.loader(loaders.requests_by_id).load(require_id(id))
        return CreditRequest.from_model(row) if row and loaders.may_see(info.context, row.farmer_id) else None

    @strawberry.field(description="The analyst's queue, the longest waiting first. Staff only.", directives=[PAGED])
    async def credit_requests(
        self,
        info: Info,
        status: Annotated[
            RequestStatus | None, strawberry.argument(description="Only those that stand there; all when left out.")
        ] = None,
        first: First = None,
        after: After = None,
    ) -> CreditRequestPage:
        page = page_request(first, after)
        async with info.context.read() as session:
            found = await requests.list_queue(session, status, page)
        rows, page_info = cut_page(found, page, lambda row: Cursor(at=row.submitted_at, id=row.id))
        return CreditRequestPage(
            nodes=[CreditRequest.from_model(row) for row in rows if loaders.may_see(info.context, row.farmer_id)],
            page_info=page_info,
        )
