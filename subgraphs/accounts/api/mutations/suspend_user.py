"""Locking a person out."""

import strawberry

from subgraphs.accounts.api.context import Info
from subgraphs.accounts.api.types.user import User
from subgraphs.accounts.domain import people, refusals
from subgraphs.shared.graphql.mutation import mutation
from subgraphs.shared.graphql.scalars import require_id
from subgraphs.shared.scopes import ADMIN


@strawberry.input(description="Whom to lock out, and why.")
class SuspendUserInput:
    user_id: strawberry.ID = strawberry.field(description="The person's id.")
    reason: str = strawberry.field(description="For the record.")


@strawberry.type(description="The person is locked out; every session has ended.")
class UserSuspended:
    user: User = strawberry.field(description="The person, who is locked out.")


@strawberry.type
class SuspendUserMutation:
    @mutation(
        refusals.UserNotFound,
        refusals.OwnAccount,
        description="Lock a person out. Administrators only; written down.",
    )
    async def suspend_user(self, info: Info, input: SuspendUserInput) -> UserSuspended:
        actor = info.context.require(ADMIN)
        row = await people.suspend_user(
            info.context.services, require_id(input.user_id), actor=actor, reason=input.reason
        )
        return UserSuspended(user=User.from_model(row))
