"""What can be asked of the marketplace."""

from decimal import Decimal

import strawberry

from subgraphs.marketplace.api import loaders
from subgraphs.marketplace.api.offering_pages import decode_cursor, encode_cursor
from subgraphs.marketplace.api.types.enums import OfferingSort, OfferingStatus
from subgraphs.marketplace.api.types.offering import Offering, OfferingPage
from subgraphs.marketplace.crud.offering_search import OfferingFilter, search_offerings
from subgraphs.shared.graphql.context import Info
from subgraphs.shared.graphql.cost import PAGED
from subgraphs.shared.graphql.paging import PageInfo, page_request
from subgraphs.shared.graphql.scalars import parse_id
from subgraphs.shared.graphql.vocabulary import Crop, Region, RiskGrade

PERCENT = Decimal(100)


@strawberry.input(name="OfferingFilter", description="What offerings are looked for. A field left out looks for all.")
class OfferingFilterInput:
    status: list[OfferingStatus] | None = strawberry.field(default=None, description="Open ones when left out.")
    region: list[Region] | None = None
    crop: list[Crop] | None = None
    grade: list[RiskGrade] | None = None
    annual_rate_min: Decimal | None = None
    annual_rate_max: Decimal | None = None
    term_months_min: int | None = None
    term_months_max: int | None = None
    funded_percent_min: Decimal | None = None
    funded_percent_max: Decimal | None = None

    def to_filter(self) -> OfferingFilter:
        return OfferingFilter(
            statuses=[OfferingStatus.OPEN] if self.status is None else self.status,
            regions=self.region,
            crops=self.crop,
            grades=self.grade,
            annual_rate_min=self.annual_rate_min,
            annual_rate_max=self.annual_rate_max,
            term_months_min=self.term_months_min,
            term_months_max=self.term_months_max,
            funded_share_min=None if self.funded_percent_min is None else self.funded_percent_min / PERCENT,
            funded_share_max=None if self.funded_percent_max is None else self.funded_percent_max / PERCENT,
        )


@strawberry.type
class Query:
    @strawberry.field(
        description="Offerings to invest in; the open ones, unless the filter says otherwise.", directives=[PAGED]
    )
    async def offerings(
        self,
        info: Info,
        filter: OfferingFilterInput | None = None,
        sort: OfferingSort = OfferingSort.CLOSING_SOON,
        first: int | None = None,
        after: str | None = None,
    ) -> OfferingPage:
        page = page_request(first, None)
        wanted = (filter or OfferingFilterInput()).to_filter()
        place = decode_cursor(sort, after) if after else None
        async with info.context.read() as session:
            rows = await search_offerings(session, wanted, sort, after=place, limit=page.limit)
        kept = rows[: page.first]
        end = encode_cursor(sort, kept[-1]) if kept else None
        return OfferingPage(
            nodes=[Offering.from_model(row) for row in kept],
            page_info=PageInfo(has_next_page=len(rows) > page.first, end_cursor=end),
        )

    @strawberry.field(description="One offering.")
    async def offering(self, info: Info, id: strawberry.ID) -> Offering | None:
        if (offering_id := parse_id(id)) is None:
            return None
        row = await info.context.loader(loaders.load_offerings).load(offering_id)
        return Offering.from_model(row) if row else None
