"""Asking for a reset link."""

from typing import Annotated

import strawberry

from subgraphs.accounts.api.origin import origin_of
from subgraphs.accounts.api.types.refusals import InvalidInput, TooManyAttempts
from subgraphs.accounts.domain import password_changes, personal_data
from subgraphs.shared.graphql.context import Info
from subgraphs.shared.graphql.cost import ONCE


@strawberry.input
class RequestPasswordResetInput:
    email: str


@strawberry.type(description="If the e-mail is somebody's, a link is on its way to it: good for one hour, once.")
class PasswordResetRequested:
    email: str


RequestPasswordResetResult = Annotated[
    PasswordResetRequested | TooManyAttempts | InvalidInput, strawberry.union("RequestPasswordResetResult")
]


@strawberry.type
class RequestPasswordResetMutation:
    @strawberry.mutation(description="Have a link sent that lets one choose a new password.", directives=[ONCE])
    async def request_password_reset(self, info: Info, input: RequestPasswordResetInput) -> RequestPasswordResetResult:
        email = personal_data.read_email(input.email)
        await password_changes.request_reset(info.context.services, email, origin=origin_of(info.context))
        return PasswordResetRequested(email=email)
