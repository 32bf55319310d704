"""Asking for link and code again."""

from typing import Annotated

import strawberry

from subgraphs.accounts.api.origin import origin_of
from subgraphs.accounts.api.types.refusals import InvalidInput, TooManyAttempts
from subgraphs.accounts.domain import personal_data, registration
from subgraphs.shared.graphql.context import Info
from subgraphs.shared.graphql.cost import ONCE


@strawberry.input
class ResendConfirmationInput:
    email: str


@strawberry.type(description="If there is an account that waits for its confirmation, link and code are on their way.")
class ConfirmationSent:
    email: str


ResendConfirmationResult = Annotated[
    ConfirmationSent | TooManyAttempts | InvalidInput, strawberry.union("ResendConfirmationResult")
]


@strawberry.type
class ResendConfirmationMutation:
    @strawberry.mutation(description="Send the confirmation link and code again.", directives=[ONCE])
    async def resend_confirmation(self, info: Info, input: ResendConfirmationInput) -> ResendConfirmationResult:
        email = personal_data.read_email(input.email)
        await registration.resend_confirmation(info.context.services, email, origin=origin_of(info.context))
        return ConfirmationSent(email=email)
