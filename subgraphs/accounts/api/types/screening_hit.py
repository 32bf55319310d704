"""Entries of lists that may be somebody, as staff see them."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Self

import strawberry

from subgraphs.accounts import models
from subgraphs.accounts.api import loaders
from subgraphs.accounts.api.context import Context, Info
from subgraphs.accounts.api.types.vocabulary import HitStatus, ScreeningList
from subgraphs.shared.graphql import descriptions
from subgraphs.shared.graphql.paging import PageInfo
from subgraphs.shared.scopes import Sight

if TYPE_CHECKING:
    from subgraphs.accounts.api.types.user import User


@strawberry.type(description="An entry of a list that may be somebody.")
class ScreeningHit:
    id: strawberry.ID = strawberry.field(description=descriptions.ID)
    kind: ScreeningList = strawberry.field(description="Which kind of list it is of.")
    list_name: str = strawberry.field(description="The list's own name.")
    entry: str = strawberry.field(description="The list's own name of it.")
    list_date: date = strawberry.field(description="Of the lists on which it was first found.")
    found_at: datetime = strawberry.field(description="When it was found that it may be the person.")
    locked_out_at: datetime | None = strawberry.field(description="When it locked the person out.")
    status: HitStatus = strawberry.field(description="What an analyst has found.")
    decided_at: datetime | None = strawberry.field(description="When it was decided; null while it is open.")
    decided_by: strawberry.ID | None = strawberry.field(
        description="The analyst or administrator who decided: a person's id. Null while it is open."
    )
    reason: str | None = strawberry.field(description="Why it was decided so; null while it is open.")
    row: strawberry.Private[models.ScreeningHit]

    @strawberry.field(description="Who it may be.")
    async def user(self, info: Info) -> Annotated["User", strawberry.lazy("subgraphs.accounts.api.types.user")]:
        from subgraphs.accounts.api.types.user import User  # noqa: PLC0415  # as identity checks do

        found = await info.context.loader(loaders.users_by_id).load(self.row.user_id)
        assert found is not None  # noqa: S101  # a foreign key says so
        return User.from_model(found)

    @classmethod
    def seen_by(cls, context: Context, row: models.ScreeningHit) -> Self:
        """For staff, who look at somebody's identity."""
        context.may_see(row.user_id, Sight.IDENTITY)
        return cls(
            id=strawberry.ID(str(row.id)),
            kind=ScreeningList(row.kind),
            list_name=row.list_name,
            entry=row.entry,
            list_date=row.list_date,
            found_at=row.found_at,
            locked_out_at=row.locked_out_at,
            status=row.status,
            decided_at=row.decided_at,
            decided_by=None if row.decided_by is None else strawberry.ID(str(row.decided_by)),
            reason=row.reason,
            row=row,
        )


@strawberry.type(description="A page of entries, those waiting longest first.")
class ScreeningHitPage:
    nodes: list[ScreeningHit] = strawberry.field(description=descriptions.NODES)
    page_info: PageInfo = strawberry.field(description=descriptions.PAGE_INFO)
