"""`Offering`, and `CPR` as the marketplace knows it."""

from datetime import datetime
from decimal import ROUND_FLOOR, Decimal
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from subgraphs.marketplace import models
from subgraphs.marketplace.api import loaders
from subgraphs.marketplace.api.context import Info
from subgraphs.marketplace.api.types.vocabulary import OfferingStatus, QuotaOfferSort, QuotaOfferStatus
from subgraphs.marketplace.crud.quota_offer_search import QuotaOfferFilter
from subgraphs.marketplace.domain.returns import expected_net_return, monthly_rate
from subgraphs.shared.graphql import descriptions
from subgraphs.shared.graphql.cost import PAGED
from subgraphs.shared.graphql.entities import Reference
from subgraphs.shared.graphql.money import Money
from subgraphs.shared.graphql.node import Node
from subgraphs.shared.graphql.paging import After, First, PageInfo

if TYPE_CHECKING:
    from subgraphs.marketplace.api.types.secondary import QuotaOfferPage

SECONDARY = strawberry.lazy("subgraphs.marketplace.api.types.secondary")


@strawberry.federation.type(keys=["id"], description=descriptions.CPR)
class CPR:
    id: strawberry.ID = strawberry.field(description=descriptions.ID)
    annual_rate: Decimal = strawberry.federation.field(description=descriptions.ANNUAL_RATE, external=True)
    term_months: int = strawberry.federation.field(description=descriptions.TERM_MONTHS, external=True)
    known: strawberry.Private["models.Offering | None"] = None

    @strawberry.field(description="How the CPR is, or was, funded. Absent until it is registered.")
    def offering(self) -> "Offering | None":
        return Offering.from_model(self.known) if self.known else None

    @strawberry.field(
        description="Quotas of it that their holders offer, the cheapest first; absent until it is registered.",
        directives=[PAGED],
    )
    async def secondary_offers(
        self, info: Info, first: First = None, after: After = None
    ) -> Annotated["QuotaOfferPage", SECONDARY] | None:
        from subgraphs.marketplace.api.types.secondary import quota_offer_page  # noqa: PLC0415  # offers have a CPR, too

        if self.known is None:
            return None
        wanted = QuotaOfferFilter(cpr_id=self.known.cpr_id, statuses=[QuotaOfferStatus.OPEN])
        return await quota_offer_page(info, wanted, QuotaOfferSort.CHEAPEST, first=first, after=after)

    @classmethod
    def of_offering(cls, row: models.Offering) -> "CPR":
        return cls(
            id=strawberry.ID(str(row.cpr_id)), annual_rate=row.annual_rate, term_months=row.term_months, known=row
        )

    @classmethod
    async def resolve_references(cls, info: Info, references: list[Reference]) -> list["CPR | None"]:
        if info.context.is_anonymous:
            return [None] * len(references)
        by_cpr = info.context.loader(loaders.offerings_by_cpr)
        rows = await by_cpr.load_many([reference.id for reference in references])
        return [
            cls.of_offering(row)
            if row
            else cls(id=strawberry.ID(str(reference.id)), annual_rate=Decimal(0), term_months=0)
            for reference, row in zip(references, rows, strict=True)
        ]


@strawberry.federation.type(keys=["id"], description=descriptions.OFFERING)
class Offering(Node):
    id: strawberry.ID = strawberry.field(description=descriptions.ID)
    cpr: CPR | None = strawberry.field(description="The CPR that is funded.")
    quota_count: int = strawberry.field(description="All its quotas.")
    quota_price: Money = strawberry.field(description="What one quota costs.")
    reserved_quotas: int = strawberry.field(description="Confirmed, or waiting for the investor's wallet.")
    available_quotas: int = strawberry.field(description="What can still be bought.")
    funded_quotas: int = strawberry.field(description="Confirmed: their money is held or was lent.")
    funded_amount: Money = strawberry.field(description="What the funded quotas come to.")
    funded_percent: Decimal = strawberry.field(description="To two places, rounded down, so that 100 means funded.")
    status: OfferingStatus = strawberry.field(description="Where it stands.")
    opened_at: datetime = strawberry.field(description="When it was opened: the CPR was registered.")
    closes_at: datetime = strawberry.field(description="Until when it takes investments.")
    decide_by: datetime | None = strawberry.field(
        description="Past the deadline: until when the farmer may take the part, extend, or cancel."
    )
    extension_count: int = strawberry.field(description="How often the farmer gave it more time.")
    row: strawberry.Private[models.Offering]
    required: strawberry.Private[Any] = None

    @strawberry.field(description="How many people have confirmed money in it.")
    async def investors_count(self, info: Info) -> int:
        return await info.context.loader(loaders.investor_counts_by_offering).load(self.row.id)

    @strawberry.federation.field(
        requires=["cpr { annualRate termMonths }"],
        description="Effective rate per year left to an investor after the platform's fee and income tax, "
        "if everything is paid as agreed.",
    )
    async def expected_net_return(self, info: Info) -> Decimal:
        terms = self.required or {}
        annual_rate = terms.get("annualRate", self.row.annual_rate)
        # Contracts decides how a year's rate becomes a month's; it told us when the CPR was registered.
        is_as_registered = annual_rate == self.row.annual_rate
        rules = await info.context.loader(loaders.rules_in_force).load(None)
        return expected_net_return(
            monthly=self.row.monthly_rate if is_as_registered else monthly_rate(annual_rate),
            term_months=terms.get("termMonths", self.row.term_months),
            amortisation=self.row.amortisation,
            net_of_interest=rules.net_of_interest,
        ).normalize()

    @classmethod
    def from_model(cls, row: models.Offering, *, required: Any = None) -> "Offering":
        percent = Decimal(row.funded_quotas * 100) / row.quota_count
        return cls(
            id=strawberry.ID(str(row.id)),
            cpr=CPR.of_offering(row),
            quota_count=row.quota_count,
            quota_price=Money.of_minor(row.quota_price_minor),
            reserved_quotas=row.reserved_quotas,
            available_quotas=row.free_quotas,
            funded_quotas=row.funded_quotas,
            funded_amount=Money.of_minor(row.funded_minor),
            funded_percent=percent.quantize(Decimal("0.01"), rounding=ROUND_FLOOR),
            status=row.status,
            opened_at=row.opened_at,
            closes_at=row.closes_at,
            decide_by=row.decide_by,
            extension_count=row.extension_count,
            row=row,
            required=required,
        )

    @classmethod
    async def resolve_references(cls, info: Info, references: list[Reference]) -> list["Offering | None"]:
        if info.context.is_anonymous:
            return [None] * len(references)
        rows = await info.context.loader(loaders.offerings_by_id).load_many([reference.id for reference in references])
        return [
            cls.from_model(row, required=reference.values.get("cpr")) if row else None
            for reference, row in zip(references, rows, strict=True)
        ]


@strawberry.type(description="A part of a list of offerings.")
class OfferingPage:
    nodes: list[Offering] = strawberry.field(description=descriptions.NODES)
    page_info: PageInfo = strawberry.field(description=descriptions.PAGE_INFO)
