"""Locking a person out."""

from typing import Annotated

import strawberry

from subgraphs.accounts.api.types.refusals import InvalidInput, OwnAccount, UserNotFound
from subgraphs.accounts.api.types.user import User
from subgraphs.accounts.domain import people
from subgraphs.shared.graphql.context import Info
from subgraphs.shared.graphql.scalars import require_id
from subgraphs.shared.scopes import ADMIN


@strawberry.input
class SuspendUserInput:
    user_id: strawberry.ID
    reason: str = strawberry.field(description="For the record.")


@strawberry.type(description="The person is locked out; every session has ended.")
class UserSuspended:
    user: User


SuspendUserResult = Annotated[
    UserSuspended | UserNotFound | OwnAccount | InvalidInput, strawberry.union("SuspendUserResult")
]


@strawberry.type
class SuspendUserMutation:
    @strawberry.mutation(description="Lock a person out. Administrators only; written down.")
    async def suspend_user(self, info: Info, input: SuspendUserInput) -> SuspendUserResult:
        actor = info.context.require(ADMIN)
        row = await people.suspend_user(info.context.services, actor, require_id(input.user_id), reason=input.reason)
        return UserSuspended(user=User.from_model(row))
