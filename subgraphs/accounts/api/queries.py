"""What can be asked of accounts."""

import strawberry

from subgraphs.accounts.api import loaders
from subgraphs.accounts.api.types.user import User
from subgraphs.shared.graphql.context import Info
from subgraphs.shared.graphql.scalars import parse_id


@strawberry.type
class Query:
    @strawberry.field(description="The person whose token this is.")
    async def me(self, info: Info) -> User | None:
        row = await info.context.loader(loaders.load_users).load(info.context.identity.user_id)
        return None if row is None else User.from_model(row, info.context)

    @strawberry.field(description="A person; public fields only, unless it is oneself or one is staff.")
    async def user(self, info: Info, id: strawberry.ID) -> User | None:
        user_id = parse_id(id)
        row = await info.context.loader(loaders.load_users).load(user_id) if user_id else None
        return None if row is None else User.from_model(row, info.context)
