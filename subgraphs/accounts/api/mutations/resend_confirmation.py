"""Asking for link and code again."""

import strawberry

from subgraphs.accounts.api.context import Info
from subgraphs.accounts.api.origin import origin_of
from subgraphs.accounts.domain import personal_data, refusals, registration
from subgraphs.shared.graphql.cost import ONCE
from subgraphs.shared.graphql.mutation import mutation


@strawberry.input(description="Whose link and code did not arrive.")
class ResendConfirmationInput:
    email: str = strawberry.field(description="The account's e-mail.")


@strawberry.type(description="If there is an account that waits for its confirmation, link and code are on their way.")
class ConfirmationSent:
    email: str = strawberry.field(description="The address that was sent, whether or not there is an account.")


@strawberry.type
class ResendConfirmationMutation:
    @mutation(
        refusals.TooManyAttempts,
        description="Send the confirmation link and code again.",
        directives=[ONCE],
    )
    async def resend_confirmation(self, info: Info, input: ResendConfirmationInput) -> ConfirmationSent:
        email = personal_data.read_email(input.email)
        await registration.resend_confirmation(info.context.services, email, origin=origin_of(info.context))
        return ConfirmationSent(email=email)
