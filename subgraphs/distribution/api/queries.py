"""What can be asked of distribution itself, all of it by staff."""

from datetime import datetime

import strawberry

from subgraphs.distribution.api.types.holdings import CPR, Installment
from subgraphs.distribution.api.types.user import User
from subgraphs.distribution.crud import payout_pages
from subgraphs.shared.graphql import descriptions
from subgraphs.shared.graphql.context import Info
from subgraphs.shared.graphql.cost import PAGED
from subgraphs.shared.graphql.me import me_field
from subgraphs.shared.graphql.money import Money
from subgraphs.shared.graphql.paging import After, Cursor, First, PageInfo, cut_page, page_request


@strawberry.type(description="A second payment of an installment: it belongs to whoever paid twice.")
class UndistributedPayment:
    payment_id: strawberry.ID = strawberry.field(description="The payment's id in the wallet.")
    installment: Installment | None = strawberry.field(description="The installment that had been paid before.")
    cpr: CPR | None = strawberry.field(description="The CPR it is of.")
    amount: Money = strawberry.field(description="What was paid.")
    paid_at: datetime = strawberry.field(description="When it was paid.")
    received_at: datetime = strawberry.field(description="When it was set aside.")


@strawberry.type(description="A part of a list of payments that were not distributed.")
class UndistributedPaymentPage:
    nodes: list[UndistributedPayment] = strawberry.field(description=descriptions.NODES)
    page_info: PageInfo = strawberry.field(description=descriptions.PAGE_INFO)


@strawberry.type
class Query:
    me = me_field(User)

    @strawberry.field(
        description="Payments set aside because their installment had been paid before. Staff see them.",
        directives=[PAGED],
    )
    async def undistributed_payments(
        self, info: Info, first: First = None, after: After = None
    ) -> UndistributedPaymentPage:
        page = page_request(first, after)
        async with info.context.read() as session:
            rows = await payout_pages.list_undistributed(session, after=page.place, limit=page.limit)
        kept, page_info = cut_page(rows, page, lambda row: Cursor(row.received_at, row.payment_id))
        return UndistributedPaymentPage(
            nodes=[
                UndistributedPayment(
                    payment_id=strawberry.ID(str(row.payment_id)),
                    installment=Installment.of(row.installment_id),
                    cpr=CPR.of(row.cpr_id),
                    amount=Money.of_minor(row.amount_minor),
                    paid_at=row.paid_at,
                    received_at=row.received_at,
                )
                for row in kept
            ],
            page_info=page_info,
        )
