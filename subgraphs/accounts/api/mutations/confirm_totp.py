"""Putting a second factor in place."""

from typing import Annotated

import strawberry

from subgraphs.accounts.api.types.refusals import (
    InvalidSecondFactor,
    SessionEnded,
    TooManyAttempts,
    TotpAlreadyEnabled,
    TotpNotEnabled,
)
from subgraphs.accounts.api.types.totp import RecoveryCodes
from subgraphs.accounts.domain import totp_enrolment
from subgraphs.shared.graphql.context import Info
from subgraphs.shared.graphql.cost import ONCE


@strawberry.input
class ConfirmTotpInput:
    code: str = strawberry.field(description="The six digits that the app shows.")


ConfirmTotpResult = Annotated[
    RecoveryCodes | InvalidSecondFactor | TotpNotEnabled | TotpAlreadyEnabled | TooManyAttempts | SessionEnded,
    strawberry.union("ConfirmTotpResult"),
]


@strawberry.type
class ConfirmTotpMutation:
    @strawberry.mutation(
        description="Show that the app has the secret; from now on signing in needs its codes.", directives=[ONCE]
    )
    async def confirm_totp(self, info: Info, input: ConfirmTotpInput) -> ConfirmTotpResult:
        codes = await totp_enrolment.confirm_totp(info.context.services, info.context.identity, input.code)
        return RecoveryCodes(codes=codes)
