"""Asking for a reset link."""

import strawberry

from subgraphs.accounts.api.context import Info
from subgraphs.accounts.api.origin import origin_of
from subgraphs.accounts.domain import password_changes, personal_data, refusals
from subgraphs.shared.graphql.cost import ONCE
from subgraphs.shared.graphql.mutation import mutation


@strawberry.input(description="Whose password is forgotten.")
class RequestPasswordResetInput:
    email: str = strawberry.field(description="The account's e-mail.")


@strawberry.type(description="If the e-mail is somebody's, a link is on its way to it: good for one hour, once.")
class PasswordResetRequested:
    email: str = strawberry.field(description="The address that was sent, whether or not it is somebody's.")


@strawberry.type
class RequestPasswordResetMutation:
    @mutation(
        refusals.TooManyAttempts,
        description="Have a link sent that lets one choose a new password.",
        directives=[ONCE],
    )
    async def request_password_reset(self, info: Info, input: RequestPasswordResetInput) -> PasswordResetRequested:
        email = personal_data.read_email(input.email)
        await password_changes.request_reset(info.context.services, email, origin=origin_of(info.context))
        return PasswordResetRequested(email=email)
