"""Letting a suspended person in again."""

from typing import Annotated

import strawberry

from subgraphs.accounts.api.types.refusals import InvalidInput, OwnAccount, UnderSanctions, UserNotFound
from subgraphs.accounts.api.types.user import User
from subgraphs.accounts.domain import people
from subgraphs.shared.graphql.context import Info
from subgraphs.shared.graphql.scalars import require_id
from subgraphs.shared.scopes import ADMIN


@strawberry.input
class ReactivateUserInput:
    user_id: strawberry.ID
    reason: str = strawberry.field(description="For the record.")


@strawberry.type(description="The person may sign in again.")
class UserReactivated:
    user: User


ReactivateUserResult = Annotated[
    UserReactivated | UserNotFound | OwnAccount | UnderSanctions | InvalidInput,
    strawberry.union("ReactivateUserResult"),
]


@strawberry.type
class ReactivateUserMutation:
    @strawberry.mutation(description="Let a suspended person in again. Administrators only; written down.")
    async def reactivate_user(self, info: Info, input: ReactivateUserInput) -> ReactivateUserResult:
        actor = info.context.require(ADMIN)
        row = await people.reactivate_user(info.context.services, actor, require_id(input.user_id), reason=input.reason)
        return UserReactivated(user=User.from_model(row))
