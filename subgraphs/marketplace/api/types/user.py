"""`User` as the marketplace knows them: an investor."""

from typing import Annotated

import strawberry

from subgraphs.marketplace.api import loaders
from subgraphs.marketplace.api.context import Info
from subgraphs.marketplace.api.types.investment import Investment, InvestmentPage
from subgraphs.marketplace.api.types.portfolio import Portfolio
from subgraphs.marketplace.api.types.secondary import (
    QuotaOfferPage,
    QuotaPosition,
    QuotaPositionPage,
    QuotaPurchase,
    QuotaPurchasePage,
    quota_offer_page,
)
from subgraphs.marketplace.api.types.vocabulary import InvestmentStatus, QuotaOfferSort, QuotaPurchaseStatus
from subgraphs.marketplace.crud.holdings import list_holdings, list_investments_of, sum_pending
from subgraphs.marketplace.crud.quota_offer_search import QuotaOfferFilter
from subgraphs.marketplace.crud.secondary import list_positions_of, list_purchases_of
from subgraphs.marketplace.domain.portfolios import portfolio_of
from subgraphs.shared.graphql import descriptions
from subgraphs.shared.graphql.cost import PAGED
from subgraphs.shared.graphql.entities import Reference
from subgraphs.shared.graphql.paging import After, Cursor, First, cut_page, page_request
from subgraphs.shared.graphql.scalars import require_id
from subgraphs.shared.scopes import Sight


@strawberry.federation.type(keys=["id"], description=descriptions.USER)
class User:
    id: strawberry.ID = strawberry.field(description=descriptions.ID)

    @strawberry.field(description="What they have invested. Only they see it.")
    async def portfolio(self, info: Info) -> Portfolio | None:
        if not self._is_seen(info):
            return None
        rules = info.context.loader(loaders.rules_in_force).load(None)
        async with info.context.read() as session:
            found = await list_holdings(session, require_id(self.id))
            pending = await sum_pending(session, require_id(self.id))
        cpr_ids = [offering.cpr_id for _, offering in found]
        schedules = await info.context.loader(loaders.progress_by_cpr).load_many(cpr_ids)
        progress = dict(zip(cpr_ids, schedules, strict=True))
        return Portfolio.of(portfolio_of(found, pending, progress, await rules))

    @strawberry.field(description="Their investments, the newest first. Only they see them.", directives=[PAGED])
    async def investments(
        self,
        info: Info,
        status: Annotated[
            list[InvestmentStatus] | None,
            strawberry.argument(description="Only those that stand at any of these; all when left out."),
        ] = None,
        first: First = None,
        after: After = None,
    ) -> InvestmentPage | None:
        if not self._is_seen(info):
            return None
        page = page_request(first, after)
        async with info.context.read() as session:
            rows = await list_investments_of(
                session,
                require_id(self.id),
                statuses=status,
                after=page.place,
                limit=page.limit,
            )
        kept, page_info = cut_page(rows, page, lambda row: Cursor(row.requested_at, row.id))
        return InvestmentPage(nodes=[Investment.from_model(row) for row in kept], page_info=page_info)

    @strawberry.field(
        description="Quotas they hold or have held, the newest first, whatever brought them. Only they see them.",
        directives=[PAGED],
    )
    async def positions(
        self,
        info: Info,
        is_open: Annotated[
            bool | None,
            strawberry.argument(
                description="True for those held now, false for those that have ended; all when left out."
            ),
        ] = None,
        first: First = None,
        after: After = None,
    ) -> QuotaPositionPage | None:
        if not self._is_seen(info):
            return None
        page = page_request(first, after)
        async with info.context.read() as session:
            rows = await list_positions_of(
                session,
                require_id(self.id),
                is_open=is_open,
                after=page.place,
                limit=page.limit,
            )
        kept, page_info = cut_page(rows, page, lambda row: Cursor(row.valid_from, row.id))
        return QuotaPositionPage(nodes=[QuotaPosition.from_model(row) for row in kept], page_info=page_info)

    @strawberry.field(
        description="Their offers of quotas, open and ended, the newest first. Only they see them.", directives=[PAGED]
    )
    async def secondary_offers(self, info: Info, first: First = None, after: After = None) -> QuotaOfferPage | None:
        if not self._is_seen(info):
            return None
        wanted = QuotaOfferFilter(seller_id=require_id(self.id))
        return await quota_offer_page(info, wanted, QuotaOfferSort.NEWEST, first=first, after=after)

    @strawberry.field(
        description="Their purchases of other holders' quotas, the newest first. Only they see them.",
        directives=[PAGED],
    )
    async def quota_purchases(
        self,
        info: Info,
        status: Annotated[
            list[QuotaPurchaseStatus] | None,
            strawberry.argument(description="Only those that stand at any of these; all when left out."),
        ] = None,
        first: First = None,
        after: After = None,
    ) -> QuotaPurchasePage | None:
        if not self._is_seen(info):
            return None
        page = page_request(first, after)
        async with info.context.read() as session:
            rows = await list_purchases_of(
                session,
                require_id(self.id),
                statuses=status,
                after=page.place,
                limit=page.limit,
            )
        kept, page_info = cut_page(rows, page, lambda row: Cursor(row.requested_at, row.id))
        return QuotaPurchasePage(nodes=[QuotaPurchase.from_model(row) for row in kept], page_info=page_info)

    def _is_seen(self, info: Info) -> bool:
        return info.context.shows_own(require_id(self.id), Sight.INVESTMENTS)

    @classmethod
    async def resolve_references(cls, info: Info, references: list[Reference]) -> list["User | None"]:
        if info.context.is_anonymous:
            return [None] * len(references)
        return [cls(id=strawberry.ID(str(reference.id))) for reference in references]
