"""Letting a suspended person in again."""

import strawberry

from subgraphs.accounts.api.context import Info
from subgraphs.accounts.api.types.user import User
from subgraphs.accounts.domain import people, refusals
from subgraphs.shared.graphql.mutation import mutation
from subgraphs.shared.graphql.scalars import require_id
from subgraphs.shared.scopes import ADMIN


@strawberry.input(description="Whom to let in again, and why.")
class ReactivateUserInput:
    user_id: strawberry.ID = strawberry.field(description="The person's id.")
    reason: str = strawberry.field(description="For the record.")


@strawberry.type(description="The person may sign in again.")
class UserReactivated:
    user: User = strawberry.field(description="The person, who may sign in again.")


@strawberry.type
class ReactivateUserMutation:
    @mutation(
        refusals.UserNotFound,
        refusals.OwnAccount,
        refusals.UnderSanctions,
        description="Let a suspended person in again. Administrators only; written down.",
    )
    async def reactivate_user(self, info: Info, input: ReactivateUserInput) -> UserReactivated:
        actor = info.context.require(ADMIN)
        row = await people.reactivate_user(
            info.context.services, require_id(input.user_id), actor=actor, reason=input.reason
        )
        return UserReactivated(user=User.from_model(row))
