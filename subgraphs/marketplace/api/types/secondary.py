"""Positions, and the secondary market of them: offers, purchases and the fair price."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

import strawberry

from subgraphs.marketplace import models
from subgraphs.marketplace.api import loaders
from subgraphs.marketplace.api.context import Info
from subgraphs.marketplace.api.messages import fair_price_explanation, purchase_summary
from subgraphs.marketplace.api.sorted_pages import cut_sorted_page, decode_cursor
from subgraphs.marketplace.api.types.activity import Activity
from subgraphs.marketplace.api.types.offering import CPR
from subgraphs.marketplace.api.types.vocabulary import (
    PositionEnd,
    QuotaOfferSort,
    QuotaOfferStatus,
    QuotaPurchaseStatus,
)
from subgraphs.marketplace.crud.quota_offer_search import (
    QUOTA_OFFER_SORT_KEYS,
    QuotaOfferFilter,
    search_quota_offers,
)
from subgraphs.marketplace.domain import fair_price
from subgraphs.marketplace.domain.portfolios import expected_income, outstanding
from subgraphs.shared.clock import business_date
from subgraphs.shared.graphql import descriptions
from subgraphs.shared.graphql.cost import RECKONED, sized
from subgraphs.shared.graphql.entities import Reference
from subgraphs.shared.graphql.money import Money
from subgraphs.shared.graphql.node import Node
from subgraphs.shared.graphql.paging import PageInfo, page_request
from subgraphs.shared.scopes import Sight
from subgraphs.shared.standing.tables import PersonStatus


@strawberry.type(description="One installment's part in the fair price of a quota.")
class FairPriceLine:
    number: int = strawberry.field(description="The installment's number in the CPR's schedule.")
    due_on: date = strawberry.field(description="When the installment is due.")
    amount: Money = strawberry.field(description="What it brings a quota, after fee and tax.")
    present_value: Money = strawberry.field(description="What that is worth today.")


@strawberry.type(
    description="A suggestion: what is still to come of one quota, each part less what waiting for it is worth."
)
class FairPrice:
    price_per_quota: Money = strawberry.field(description="What one quota is worth today: the sum of the lines.")
    discount_rate: Decimal = strawberry.field(description="What buyers of this grade are taken to want a year.")
    explanation: str = strawberry.field(description="In Portuguese.")
    explanation_english: str = strawberry.field(description="The same in English.")
    lines: list[FairPriceLine] = strawberry.field(
        description="Installment by installment, those still to come.", directives=[sized(36)]
    )

    @classmethod
    def of(cls, price: fair_price.FairPrice, grade: str) -> "FairPrice":
        portuguese, english = fair_price_explanation(price, grade)
        return cls(
            price_per_quota=Money.of_minor(price.price_minor),
            discount_rate=price.discount_rate.normalize(),
            explanation=portuguese,
            explanation_english=english,
            lines=[
                FairPriceLine(
                    number=line.number,
                    due_on=line.due_on,
                    amount=Money.of_minor(line.amount_minor),
                    present_value=Money.of_minor(line.present_minor),
                )
                for line in price.lines
            ],
        )


async def _offering(info: Info, offering_id: UUID) -> models.Offering:
    row = await info.context.loader(loaders.offerings_by_id).load(offering_id)
    if row is None:
        raise LookupError(f"there is no offering {offering_id}")
    return row


async def _fair_price(info: Info, offering_id: UUID) -> FairPrice | None:
    price = await info.context.loader(loaders.fair_prices_by_offering).load(offering_id)
    if price is None:
        return None
    return FairPrice.of(price, (await _offering(info, offering_id)).grade)


async def _is_late(info: Info, cpr_id: UUID) -> bool:
    unpaid = await info.context.loader(loaders.unpaid_by_cpr).load(cpr_id)
    return bool(unpaid) and min(line.due_on for line in unpaid) < business_date(info.context.clock.now())


@strawberry.federation.type(keys=["id"], description=descriptions.QUOTA_POSITION)
class QuotaPosition:
    id: strawberry.ID = strawberry.field(description=descriptions.ID)
    quota_count: int = strawberry.field(description="What is left of it.")
    cost: Money = strawberry.field(description="What the holder put in for these quotas.")
    acquired_at: datetime = strawberry.field(description="When the quotas became the holder's.")
    ended_at: datetime | None = strawberry.field(
        description="When the last of them was gone; null while some are held."
    )
    ended_as: PositionEnd | None = strawberry.field(description="How it ended; null while some quotas are held.")
    was_bought: bool = strawberry.field(description="From another holder; otherwise by investing.")
    row: strawberry.Private[models.QuotaPosition]

    @strawberry.field(description="The CPR it is in.")
    async def cpr(self, info: Info) -> CPR | None:
        return CPR.of_offering(await _offering(info, self.row.offering_id))

    @strawberry.field(description="Principal still to come, whatever was paid for the quotas; zero for what has ended.")
    async def outstanding(self, info: Info) -> Money:
        if self.row.ended_as is not None:
            return Money.of_minor(0)
        offering = await _offering(info, self.row.offering_id)
        progress = await info.context.loader(loaders.progress_by_cpr).load(self.row.cpr_id)
        return Money.of_minor(outstanding(self.row.held_quotas, offering, progress))

    @strawberry.field(description="Interest still to come, after fee and tax; zero for what has ended.")
    async def expected_income(self, info: Info) -> Money:
        if self.row.ended_as is not None:
            return Money.of_minor(0)
        offering = await _offering(info, self.row.offering_id)
        progress = await info.context.loader(loaders.progress_by_cpr).load(self.row.cpr_id)
        rules = await info.context.loader(loaders.rules_in_force).load(None)
        return Money.of_minor(expected_income(self.row.held_quotas, offering, progress, rules))

    @strawberry.field(
        description="A suggestion for the price of one quota, while something is still to come.", directives=[RECKONED]
    )
    async def fair_price(self, info: Info) -> FairPrice | None:
        return await _fair_price(info, self.row.offering_id)

    @classmethod
    def from_model(cls, row: models.QuotaPosition) -> "QuotaPosition":
        return cls(
            id=strawberry.ID(str(row.id)),
            quota_count=row.held_quotas,
            cost=Money.of_minor(row.held_minor),
            acquired_at=row.valid_from,
            ended_at=row.valid_to,
            ended_as=None if row.ended_as is None else PositionEnd(row.ended_as),
            was_bought=row.id != row.investment_id,
            row=row,
        )

    @classmethod
    async def resolve_references(cls, info: Info, references: list[Reference]) -> list["QuotaPosition | None"]:
        if info.context.is_anonymous:
            return [None] * len(references)
        rows = await info.context.loader(loaders.positions_by_id).load_many([item.id for item in references])
        sees = info.context.identity.sees_own
        return [cls.from_model(row) if row and sees(row.investor_id, Sight.INVESTMENTS) else None for row in rows]


@strawberry.type(description="A part of a list of positions.")
class QuotaPositionPage:
    nodes: list[QuotaPosition] = strawberry.field(description=descriptions.NODES)
    page_info: PageInfo = strawberry.field(description=descriptions.PAGE_INFO)


@strawberry.federation.type(keys=["id"], description=descriptions.QUOTA_OFFER)
class QuotaOffer(Node):
    id: strawberry.ID = strawberry.field(description=descriptions.ID)
    quota_count: int = strawberry.field(description="How many were offered.")
    price_per_quota: Money = strawberry.field(description="What one quota costs.")
    status: QuotaOfferStatus = strawberry.field(description="Where it stands.")
    offered_at: datetime = strawberry.field(description="When it was offered.")
    ended_at: datetime | None = strawberry.field(
        description="When it was sold out or came to another end; null while it is open."
    )
    row: strawberry.Private[models.QuotaOffer]

    @strawberry.field(description="What can still be bought of it: nothing while its seller is locked out.")
    async def available_quotas(self, info: Info) -> int:
        if self.row.status != QuotaOfferStatus.OPEN:
            return 0
        status = await info.context.loader(loaders.standing_by_user).load(self.row.seller_id)
        return self.row.left_quotas if status is PersonStatus.ACTIVE else 0

    @strawberry.field(description="The CPR the quotas are of.")
    async def cpr(self, info: Info) -> CPR | None:
        return CPR.of_offering(await _offering(info, self.row.offering_id))

    @strawberry.field(description="Whether an installment of the CPR is late today.")
    async def is_cpr_late(self, info: Info) -> bool:
        return await _is_late(info, self.row.cpr_id)

    @strawberry.field(
        description="Of how many installments of the CPR nothing is paid yet. Who buys says it back: what was paid, in "
        "part or whole, is no longer to come."
    )
    async def remaining_installments(self, info: Info) -> int:
        unpaid = await info.context.loader(loaders.unpaid_by_cpr).load(self.row.cpr_id)
        return sum(line.payment_count == 0 for line in unpaid)

    @strawberry.field(description="Whether the asker offers it.")
    def is_mine(self, info: Info) -> bool:
        return info.context.identity.sees_own(self.row.seller_id, Sight.INVESTMENTS)

    @strawberry.field(
        description="What a quota is worth by its schedule and grade, while something is still to come.",
        directives=[RECKONED],
    )
    async def fair_price(self, info: Info) -> FairPrice | None:
        return await _fair_price(info, self.row.offering_id)

    @classmethod
    def from_model(cls, row: models.QuotaOffer) -> "QuotaOffer":
        return cls(
            id=strawberry.ID(str(row.id)),
            quota_count=row.quota_count,
            price_per_quota=Money.of_minor(row.price_minor),
            status=row.status,
            offered_at=row.offered_at,
            ended_at=row.ended_at,
            row=row,
        )

    @classmethod
    async def resolve_references(cls, info: Info, references: list[Reference]) -> list["QuotaOffer | None"]:
        if info.context.is_anonymous:
            return [None] * len(references)
        rows = await info.context.loader(loaders.quota_offers_by_id).load_many([item.id for item in references])
        return [cls.from_model(row) if row else None for row in rows]


@strawberry.type(description="A part of a list of offers of quotas.")
class QuotaOfferPage:
    nodes: list[QuotaOffer] = strawberry.field(description=descriptions.NODES)
    page_info: PageInfo = strawberry.field(description=descriptions.PAGE_INFO)


async def quota_offer_page(
    info: Info, wanted: QuotaOfferFilter, sort: QuotaOfferSort, *, first: int | None, after: str | None
) -> QuotaOfferPage:
    """The offers that are looked for, in one statement."""
    page, key = page_request(first, None), QUOTA_OFFER_SORT_KEYS[sort]
    place = decode_cursor(sort, after, key.parse) if after else None
    async with info.context.read() as session:
        rows = await search_quota_offers(session, wanted, sort, after=place, limit=page.limit)
    kept, page_info = cut_sorted_page(rows, page, sort, key)
    return QuotaOfferPage(nodes=[QuotaOffer.from_model(row) for row in kept], page_info=page_info)


@strawberry.federation.type(keys=["id"], description=descriptions.QUOTA_PURCHASE)
class QuotaPurchase(Activity, Node):
    quota_count: int = strawberry.field(description="How many quotas.")
    amount: Money = strawberry.field(description="What the buyer pays.")
    status: QuotaPurchaseStatus = strawberry.field(description="Where it stands.")
    requested_at: datetime = strawberry.field(description="When it was asked for.")
    ended_at: datetime | None = strawberry.field(description="When it was completed or refused; null while it waits.")
    refusal_reason: str | None = strawberry.field(
        description="Of a refused one: INSUFFICIENT_FUNDS, QUOTAS_SOLD, INSTALLMENT_PAID_MEANWHILE, CPR_SETTLED, "
        "PERSON_NOT_ACTIVE, MONEY_OUT_PAUSED, SELLER_UNAVAILABLE or TIMED_OUT."
    )
    row: strawberry.Private[models.QuotaPurchase]

    @strawberry.field(description="The offer it is of.")
    async def offer(self, info: Info) -> QuotaOffer:
        row = await info.context.loader(loaders.quota_offers_by_id).load(self.row.offer_id)
        if row is None:
            raise LookupError(f"purchase {self.row.id} has no offer")
        return QuotaOffer.from_model(row)

    @strawberry.field(description="What the platform kept of the price. The seller sees it.")
    def fee(self, info: Info) -> Money | None:
        return self._of_the_seller(info, self.row.fee_minor)

    @strawberry.field(description="Income tax withheld from the gain. The seller sees it.")
    def tax(self, info: Info) -> Money | None:
        return self._of_the_seller(info, self.row.tax_minor)

    def _of_the_seller(self, info: Info, minor: int | None) -> Money | None:
        is_seller = info.context.identity.sees_own(self.row.seller_id, Sight.INVESTMENTS)
        return Money.of_minor(minor) if is_seller and minor is not None else None

    @classmethod
    def from_model(cls, row: models.QuotaPurchase, *, is_seller: bool = False) -> "QuotaPurchase":
        return cls(
            id=strawberry.ID(str(row.id)),
            occurred_at=row.ended_at or row.requested_at,
            summary=purchase_summary(row, is_seller=is_seller),
            quota_count=row.quota_count,
            amount=Money.of_minor(row.amount_minor),
            status=row.status,
            requested_at=row.requested_at,
            ended_at=row.ended_at,
            refusal_reason=row.refusal_reason,
            row=row,
        )

    @classmethod
    async def resolve_references(cls, info: Info, references: list[Reference]) -> list["QuotaPurchase | None"]:
        if info.context.is_anonymous:
            return [None] * len(references)
        rows = await info.context.loader(loaders.purchases_by_id).load_many([item.id for item in references])
        return [cls._seen(info, row) for row in rows]

    @classmethod
    def _seen(cls, info: Info, row: models.QuotaPurchase | None) -> "QuotaPurchase | None":
        if row is None:
            return None
        sees = info.context.identity.sees_own
        if sees(row.buyer_id, Sight.INVESTMENTS):
            return cls.from_model(row)
        return cls.from_model(row, is_seller=True) if sees(row.seller_id, Sight.INVESTMENTS) else None


@strawberry.type(description="A part of a list of purchases of quotas.")
class QuotaPurchasePage:
    nodes: list[QuotaPurchase] = strawberry.field(description=descriptions.NODES)
    page_info: PageInfo = strawberry.field(description=descriptions.PAGE_INFO)
