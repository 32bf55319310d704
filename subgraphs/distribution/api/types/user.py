"""`User` as distribution knows them: somebody who gets payouts."""

import strawberry
from graphql import GraphQLError

from subgraphs.distribution.api.types.income import IncomeStatement
from subgraphs.distribution.api.types.payout import PayoutPage
from subgraphs.distribution.crud import payout_pages
from subgraphs.distribution.domain.income import get_income_statement
from subgraphs.shared.clock import business_date
from subgraphs.shared.graphql.context import Info
from subgraphs.shared.graphql.cost import PAGED
from subgraphs.shared.graphql.entities import Reference
from subgraphs.shared.graphql.looks import StaffLookPage, looks_field
from subgraphs.shared.graphql.paging import page_request
from subgraphs.shared.graphql.scalars import require_id
from subgraphs.shared.scopes import Sight

FIRST_YEAR = 2020
"""Nothing was paid before the terms began."""


@strawberry.federation.type(keys=["id"], description="A person.")
class User:
    id: strawberry.ID
    income_looks: StaffLookPage | None = looks_field("payouts and income")

    @strawberry.field(
        description="What their investments have brought, the newest payment first. They see it, and staff.",
        directives=[PAGED],
    )
    async def payouts(self, info: Info, first: int | None = None, after: str | None = None) -> PayoutPage | None:
        if not self._is_seen(info):
            return None
        page = page_request(first, after)
        async with info.context.read() as session:
            rows = await payout_pages.list_payouts_of_investor(
                session,
                require_id(self.id),
                after=page.place,
                limit=page.limit,
            )
        return PayoutPage.cut(rows, page)

    @strawberry.field(description="Their income of a calendar year. They see it, and staff.")
    async def income_statement(self, info: Info, year: int) -> IncomeStatement | None:
        if not self._is_seen(info):
            return None
        this_year = business_date(info.context.clock.now()).year
        if not FIRST_YEAR <= year <= this_year:
            raise GraphQLError(
                f"`year` must be between {FIRST_YEAR} and {this_year}", extensions={"code": "BAD_USER_INPUT"}
            )
        async with info.context.read() as session:
            return IncomeStatement.of(await get_income_statement(session, require_id(self.id), year))

    def _is_seen(self, info: Info) -> bool:
        return info.context.may_see(require_id(self.id), Sight.INCOME)

    @classmethod
    async def resolve_references(cls, info: Info, references: list[Reference]) -> list["User | None"]:
        if info.context.is_anonymous:
            return [None] * len(references)
        return [cls(id=strawberry.ID(str(reference.id))) for reference in references]
