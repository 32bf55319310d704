"""Changing the password."""

import strawberry

from subgraphs.accounts.api.context import Info
from subgraphs.accounts.domain import password_changes, personal_data, refusals
from subgraphs.shared.graphql.cost import ONCE
from subgraphs.shared.graphql.mutation import mutation


@strawberry.input(description="The present password and the new one.")
class ChangePasswordInput:
    current_password: str = strawberry.field(description="The password until now.")
    new_password: str = strawberry.field(
        description="At least 8 characters, with an upper-case letter, a digit and a special character."
    )


@strawberry.type(description="The password is the new one. This session goes on; every other has ended.")
class PasswordChanged:
    ended_sessions: int = strawberry.field(description="How many others there were.")


@strawberry.type
class ChangePasswordMutation:
    @mutation(
        refusals.WrongPassword,
        refusals.SessionEnded,
        refusals.TooManyAttempts,
        description="Choose a new password. Ends every other session.",
        directives=[ONCE],
    )
    async def change_password(self, info: Info, input: ChangePasswordInput) -> PasswordChanged:
        services = info.context.services
        characters_max = services.settings.password_characters_max
        personal_data.bound(characters_max, currentPassword=input.current_password)
        ended = await password_changes.change_password(
            services,
            actor=info.context.identity,
            present=input.current_password,
            new=personal_data.read_new_password(input.new_password, characters_max=characters_max, field="newPassword"),
        )
        return PasswordChanged(ended_sessions=ended)
