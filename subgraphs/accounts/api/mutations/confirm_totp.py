"""Putting a second factor in place."""

import strawberry

from subgraphs.accounts.api.context import Info
from subgraphs.accounts.api.types.totp import RecoveryCodes
from subgraphs.accounts.domain import refusals, totp_enrolment
from subgraphs.shared.graphql.cost import ONCE
from subgraphs.shared.graphql.mutation import mutation


@strawberry.input(description="A code that shows that the app has the secret.")
class ConfirmTotpInput:
    code: str = strawberry.field(description="The six digits that the app shows.")


@strawberry.type
class ConfirmTotpMutation:
    @mutation(
        refusals.InvalidSecondFactor,
        refusals.TotpNotEnabled,
        refusals.TotpAlreadyEnabled,
        refusals.TooManyAttempts,
        refusals.SessionEnded,
        description="Show that the app has the secret; from now on signing in needs its codes.",
        directives=[ONCE],
    )
    async def confirm_totp(self, info: Info, input: ConfirmTotpInput) -> RecoveryCodes:
        codes = await totp_enrolment.confirm_totp(info.context.services, input.code, actor=info.context.identity)
        return RecoveryCodes(codes=codes)
