"""Choosing a new password by a link."""

import strawberry

from subgraphs.accounts.api.context import Info
from subgraphs.accounts.api.origin import origin_of
from subgraphs.accounts.domain import password_changes, personal_data, refusals
from subgraphs.shared.graphql.cost import ONCE
from subgraphs.shared.graphql.mutation import mutation


@strawberry.input(description="The link's token, and the new password.")
class ResetPasswordInput:
    token: str = strawberry.field(description="From the link.")
    new_password: str = strawberry.field(
        description="At least 8 characters, with an upper-case letter, a digit and a special character."
    )


@strawberry.type(description="The password is the new one; sign in with it. Every session has ended.")
class PasswordReset:
    ok: bool = strawberry.field(description="Always true.")


@strawberry.type
class ResetPasswordMutation:
    @mutation(
        refusals.InvalidResetToken,
        refusals.TooManyAttempts,
        description="Choose a new password with the link's token. Ends every session.",
        directives=[ONCE],
    )
    async def reset_password(self, info: Info, input: ResetPasswordInput) -> PasswordReset:
        services = info.context.services
        new = personal_data.read_new_password(
            input.new_password, characters_max=services.settings.password_characters_max, field="newPassword"
        )
        await password_changes.reset_password(services, token=input.token, new=new, origin=origin_of(info.context))
        return PasswordReset(ok=True)
