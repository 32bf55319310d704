"""What can be asked of the marketplace."""

from decimal import Decimal
from typing import Annotated

import strawberry

from subgraphs.marketplace.api import loaders
from subgraphs.marketplace.api.context import Info
from subgraphs.marketplace.api.sorted_pages import cut_sorted_page, decode_cursor
from subgraphs.marketplace.api.types.offering import Offering, OfferingPage
from subgraphs.marketplace.api.types.secondary import QuotaOfferPage, quota_offer_page
from subgraphs.marketplace.api.types.user import User
from subgraphs.marketplace.api.types.vocabulary import OfferingSort, OfferingStatus, QuotaOfferSort, QuotaOfferStatus
from subgraphs.marketplace.crud.offering_search import SORT_KEYS, OfferingFilter, search_offerings
from subgraphs.marketplace.crud.quota_offer_search import QuotaOfferFilter
from subgraphs.marketplace.schemas.commands import QUOTA_PRICE_MINOR_MAX
from subgraphs.shared.graphql.cost import PAGED
from subgraphs.shared.graphql.me import me_field
from subgraphs.shared.graphql.paging import After, First, page_request
from subgraphs.shared.graphql.scalars import parse_id
from subgraphs.shared.graphql.vocabulary import Crop, Region, RiskGrade

PERCENT = Decimal(100)
CENTS = 100


def _price_minor(price: Decimal) -> int:
    """As whole cents, within what a quota may cost: what is beyond looks for all, or for none."""
    return max(0, min(int(price * CENTS), QUOTA_PRICE_MINOR_MAX))


@strawberry.input(name="OfferingFilter", description="What offerings are looked for. A field left out looks for all.")
class OfferingFilterInput:
    status: list[OfferingStatus] | None = strawberry.field(default=None, description="Open ones when left out.")
    region: list[Region] | None = strawberry.field(default=None, description="Of CPRs in any of these states.")
    crop: list[Crop] | None = strawberry.field(default=None, description="Of CPRs that grow any of these.")
    grade: list[RiskGrade] | None = strawberry.field(default=None, description="Of CPRs with any of these grades.")
    annual_rate_min: Decimal | None = strawberry.field(
        default=None, description='Of CPRs with this rate or more, a fraction per year: "0.18" is 18 %.'
    )
    annual_rate_max: Decimal | None = strawberry.field(
        default=None, description="Of CPRs with this rate or less, a fraction per year."
    )
    term_months_min: int | None = strawberry.field(
        default=None, description="Of CPRs that go over so many months or more."
    )
    term_months_max: int | None = strawberry.field(
        default=None, description="Of CPRs that go over so many months or fewer."
    )
    funded_percent_min: Decimal | None = strawberry.field(
        default=None, description='Funded to this part or more: "50" is half.'
    )
    funded_percent_max: Decimal | None = strawberry.field(
        default=None, description='Funded to this part or less: "50" is half.'
    )

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


@strawberry.input(
    name="QuotaOfferFilter", description="What offers of quotas are looked for. A field left out looks for all."
)
class QuotaOfferFilterInput:
    status: list[QuotaOfferStatus] | None = strawberry.field(default=None, description="Open ones when left out.")
    region: list[Region] | None = strawberry.field(default=None, description="Of CPRs in any of these states.")
    crop: list[Crop] | None = strawberry.field(default=None, description="Of CPRs that grow any of these.")
    grade: list[RiskGrade] | None = strawberry.field(default=None, description="Of CPRs with any of these grades.")
    price_per_quota_max: Decimal | None = strawberry.field(
        default=None, description="At this price for one quota or less, in reais."
    )

    def to_filter(self) -> QuotaOfferFilter:
        return QuotaOfferFilter(
            statuses=[QuotaOfferStatus.OPEN] if self.status is None else self.status,
            regions=self.region,
            crops=self.crop,
            grades=self.grade,
            price_minor_max=None if self.price_per_quota_max is None else _price_minor(self.price_per_quota_max),
        )


@strawberry.type
class Query:
    me = me_field(User)

    @strawberry.field(
        description="Offerings to invest in; the open ones, unless the filter says otherwise.", directives=[PAGED]
    )
    async def offerings(
        self,
        info: Info,
        filter: Annotated[
            OfferingFilterInput | None, strawberry.argument(description="Which offerings; the open ones when left out.")
        ] = None,
        sort: Annotated[
            OfferingSort,
            strawberry.argument(
                description="In what order; those that close soonest first when left out. A cursor is of one order."
            ),
        ] = OfferingSort.CLOSING_SOON,
        first: First = None,
        after: After = None,
    ) -> OfferingPage:
        page, key = page_request(first, None), SORT_KEYS[sort]
        wanted = (filter or OfferingFilterInput()).to_filter()
        place = decode_cursor(sort, after, key.parse) if after else None
        async with info.context.read() as session:
            rows = await search_offerings(session, wanted, sort, after=place, limit=page.limit)
        kept, page_info = cut_sorted_page(rows, page, sort, key)
        return OfferingPage(nodes=[Offering.from_model(row) for row in kept], page_info=page_info)

    @strawberry.field(
        description="Quotas that their holders offer; the open offers, unless the filter says otherwise.",
        directives=[PAGED],
    )
    async def secondary_offers(
        self,
        info: Info,
        filter: Annotated[
            QuotaOfferFilterInput | None, strawberry.argument(description="Which offers; the open ones when left out.")
        ] = None,
        sort: Annotated[
            QuotaOfferSort,
            strawberry.argument(
                description="In what order; the cheapest come first when left out. A cursor is of one order."
            ),
        ] = QuotaOfferSort.CHEAPEST,
        first: First = None,
        after: After = None,
    ) -> QuotaOfferPage:
        wanted = (filter or QuotaOfferFilterInput()).to_filter()
        return await quota_offer_page(info, wanted, sort, first=first, after=after)

    @strawberry.field(description="One offering.")
    async def offering(
        self,
        info: Info,
        id: Annotated[
            strawberry.ID, strawberry.argument(description="The offering's id; null comes for an unknown one.")
        ],
    ) -> Offering | None:
        if (offering_id := parse_id(id)) is None:
            return None
        row = await info.context.loader(loaders.offerings_by_id).load(offering_id)
        return Offering.from_model(row) if row else None
