"""In the graph: who may act for a company."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from subgraphs.accounts import models
from subgraphs.accounts.api import loaders
from subgraphs.accounts.api.context import Info
from subgraphs.accounts.api.types.vocabulary import Power
from subgraphs.shared.graphql import descriptions

if TYPE_CHECKING:
    from subgraphs.accounts.api.types.user import User


@strawberry.type(description="One person's powers for one company, from a day to a day. Both see it, and staff.")
class Representation:
    id: strawberry.ID = strawberry.field(description=descriptions.ID)
    powers: list[Power] = strawberry.field(description="What they may do.")
    valid_from: date = strawberry.field(description="A day in Brasília.")
    valid_until: date | None = strawberry.field(description="The last day; without an end when null.")
    appointed_at: datetime = strawberry.field(description="When they were appointed.")
    ended_at: datetime | None = strawberry.field(description="When it was ended before its time.")
    row: strawberry.Private[models.Representation]

    @strawberry.field(description="The company that is represented.")
    async def company(self, info: Info) -> Annotated["User", strawberry.lazy("subgraphs.accounts.api.types.user")]:
        from subgraphs.accounts.api.types.user import User  # noqa: PLC0415  # a user shows these: a circle

        found = await info.context.loader(loaders.users_by_id).load(self.row.company_id)
        assert found is not None  # noqa: S101  # a foreign key says so
        return User.from_model(found)

    @strawberry.field(description="Who represents it.")
    async def person(self, info: Info) -> Annotated["User", strawberry.lazy("subgraphs.accounts.api.types.user")]:
        from subgraphs.accounts.api.types.user import User  # noqa: PLC0415  # as above

        found = await info.context.loader(loaders.users_by_id).load(self.row.person_id)
        assert found is not None  # noqa: S101  # a foreign key says so
        return User.from_model(found)

    @classmethod
    def from_model(cls, row: models.Representation) -> "Representation":
        return cls(
            id=strawberry.ID(str(row.id)),
            powers=[Power(power) for power in row.powers],
            valid_from=row.valid_from,
            valid_until=row.valid_until,
            appointed_at=row.appointed_at,
            ended_at=row.ended_at,
            row=row,
        )
