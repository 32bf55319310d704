"""What distribution adds to other domains' entities: `Investment`, `Installment` and `CPR`."""

from collections.abc import Sequence
from uuid import UUID

import strawberry

from subgraphs.distribution import models
from subgraphs.distribution.api import loaders
from subgraphs.distribution.api.types.payout import Distribution, DistributionPage, PayoutPage
from subgraphs.distribution.api.visibility import seen_as
from subgraphs.distribution.crud import payout_pages
from subgraphs.shared.graphql import descriptions
from subgraphs.shared.graphql.context import Info
from subgraphs.shared.graphql.cost import PAGED, sized
from subgraphs.shared.graphql.entities import Reference
from subgraphs.shared.graphql.paging import After, First, page_request
from subgraphs.shared.graphql.scalars import require_id


@strawberry.federation.type(keys=["id"], description=descriptions.INVESTMENT)
class Investment:
    id: strawberry.ID = strawberry.field(description=descriptions.ID)

    @strawberry.field(
        description="What it has brought, the newest payment first. Its owner sees it, and staff.", directives=[PAGED]
    )
    async def payouts(self, info: Info, first: First = None, after: After = None) -> PayoutPage | None:
        page = page_request(first, after)
        key = (require_id(self.id), page.place, page.limit)
        rows = await info.context.loader(loaders.payouts_by_investment).load(key)
        return PayoutPage.cut(rows, page)

    @classmethod
    def of(cls, investment_id: UUID) -> "Investment":
        return cls(id=strawberry.ID(str(investment_id)))

    @classmethod
    async def resolve_references(cls, info: Info, references: list[Reference]) -> list["Investment | None"]:
        """
        One that nobody holds yet is present and empty, so that its owner sees an empty list, not an absent one.
        """
        if info.context.is_anonymous:
            return [None] * len(references)
        ids = [reference.id for reference in references]
        holders = await info.context.loader(loaders.holders_by_investment).load_many(ids)
        asker = seen_as(info.context)
        return [
            cls.of(id_) if asker is None or not held_by or asker in held_by else None
            for id_, held_by in zip(ids, holders, strict=True)
        ]


@strawberry.federation.type(keys=["id"], description=descriptions.QUOTA_POSITION)
class QuotaPosition:
    id: strawberry.ID = strawberry.field(description=descriptions.ID)

    @strawberry.field(
        description="What it has brought, the newest payment first. Its owner sees it, and staff.", directives=[PAGED]
    )
    async def payouts(self, info: Info, first: First = None, after: After = None) -> PayoutPage | None:
        page = page_request(first, after)
        key = (require_id(self.id), page.place, page.limit)
        rows = await info.context.loader(loaders.payouts_by_position).load(key)
        return PayoutPage.cut(rows, page)

    @classmethod
    async def resolve_references(cls, info: Info, references: list[Reference]) -> list["QuotaPosition | None"]:
        # Whether there is such a position, and whose it is, its owner says; of payouts everybody sees their own.
        if info.context.is_anonymous:
            return [None] * len(references)
        return [cls(id=strawberry.ID(str(reference.id))) for reference in references]


@strawberry.federation.type(keys=["id"], description=descriptions.INSTALLMENT)
class Installment:
    id: strawberry.ID = strawberry.field(description=descriptions.ID)

    @strawberry.field(description="How its last payment was split. Holders with a part in it see it, and staff.")
    async def distribution(self, info: Info) -> Distribution | None:
        rows = await self._distributions(info)
        return Distribution.from_model(rows[-1]) if rows else None

    @strawberry.field(
        description="How its payments were split, the oldest first: more than one where it was paid in parts. Holders "
        "see those with a part of theirs, staff all.",
        directives=[sized(2)],
    )
    async def distributions(self, info: Info) -> list[Distribution] | None:
        return [Distribution.from_model(row) for row in await self._distributions(info)]

    async def _distributions(self, info: Info) -> Sequence[models.Distribution]:
        by_installment = info.context.loader(loaders.distributions_by_installment)
        return await by_installment.load(require_id(self.id))

    @classmethod
    def of(cls, installment_id: UUID) -> "Installment":
        return cls(id=strawberry.ID(str(installment_id)))

    @classmethod
    async def resolve_references(cls, info: Info, references: list[Reference]) -> list["Installment | None"]:
        if info.context.is_anonymous:
            return [None] * len(references)
        return [cls.of(reference.id) for reference in references]


@strawberry.federation.type(keys=["id"], description=descriptions.CPR)
class CPR:
    id: strawberry.ID = strawberry.field(description=descriptions.ID)

    @strawberry.field(
        description="Its paid installments, the newest first. A holder sees those with a part of theirs, staff all.",
        directives=[PAGED],
    )
    async def distributions(self, info: Info, first: First = None, after: After = None) -> DistributionPage | None:
        page = page_request(first, after)
        async with info.context.read() as session:
            rows = await payout_pages.list_visible_of_cpr(
                session,
                require_id(self.id),
                seen_as(info.context),
                after=page.place,
                limit=page.limit,
            )
        return DistributionPage.cut(rows, page)

    @classmethod
    def of(cls, cpr_id: UUID) -> "CPR":
        return cls(id=strawberry.ID(str(cpr_id)))

    @classmethod
    async def resolve_references(cls, info: Info, references: list[Reference]) -> list["CPR | None"]:
        if info.context.is_anonymous:
            return [None] * len(references)
        return [cls.of(reference.id) for reference in references]
