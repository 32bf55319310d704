"""`User` as distribution knows them: somebody who gets payouts."""

from typing import Annotated

import strawberry
from graphql import GraphQLError

from subgraphs.distribution.api.file_paths import income_statement_path
from subgraphs.distribution.api.types.income import IncomeStatement
from subgraphs.distribution.api.types.payout import PayoutPage
from subgraphs.distribution.crud import payout_pages
from subgraphs.distribution.domain.income import FIRST_YEAR, get_income_statement, is_year_of_statements
from subgraphs.shared.clock import business_date
from subgraphs.shared.graphql import descriptions
from subgraphs.shared.graphql.context import Info
from subgraphs.shared.graphql.cost import PAGED
from subgraphs.shared.graphql.entities import Reference
from subgraphs.shared.graphql.looks import StaffLookPage, looks_field
from subgraphs.shared.graphql.paging import After, First, page_request
from subgraphs.shared.graphql.scalars import require_id
from subgraphs.shared.scopes import Sight


@strawberry.federation.type(keys=["id"], description=descriptions.USER)
class User:
    id: strawberry.ID = strawberry.field(description=descriptions.ID)
    income_looks: StaffLookPage | None = looks_field("payouts and income")

    @strawberry.field(
        description="What their investments have brought, the newest payment first. They see it, and staff.",
        directives=[PAGED],
    )
    async def payouts(self, info: Info, first: First = None, after: After = None) -> PayoutPage | None:
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
    async def income_statement(
        self,
        info: Info,
        year: Annotated[
            int,
            strawberry.argument(description="From 2020 to the present year, in Brasília; another is an error."),
        ],
    ) -> IncomeStatement | None:
        if not self._is_seen(info):
            return None
        now, investor_id = info.context.clock.now(), require_id(self.id)
        if not is_year_of_statements(year, now=now):
            raise GraphQLError(
                f"`year` must be between {FIRST_YEAR} and {business_date(now).year}",
                extensions={"code": "BAD_USER_INPUT"},
            )
        async with info.context.database.snapshot() as session:
            statement = await get_income_statement(session, investor_id, year)
        return IncomeStatement.of(statement, pdf_path=income_statement_path(investor_id, year))

    def _is_seen(self, info: Info) -> bool:
        return info.context.shows(require_id(self.id), Sight.INCOME)

    @classmethod
    async def resolve_references(cls, info: Info, references: list[Reference]) -> list["User | None"]:
        if info.context.is_anonymous:
            return [None] * len(references)
        return [cls(id=strawberry.ID(str(reference.id))) for reference in references]
