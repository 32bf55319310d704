"""Proving again to be who one is."""

from datetime import datetime
from typing import Annotated

import strawberry

from subgraphs.accounts.api.types.refusals import (
    InvalidInput,
    InvalidSecondFactor,
    SecondFactorRequired,
    SessionEnded,
    TooManyAttempts,
    WrongPassword,
)
from subgraphs.accounts.core.services import AccountsServices
from subgraphs.accounts.domain import personal_data, proofs
from subgraphs.shared.graphql.context import Info
from subgraphs.shared.graphql.cost import ONCE


@strawberry.input
class ConfirmIdentityInput:
    password: str
    totp_code: str | None = strawberry.field(default=None, description="Of the authenticator app, if there is one.")
    recovery_code: str | None = strawberry.field(default=None, description="Instead, when the app is lost.")


@strawberry.type(description="The proof is in the access token: send this one from now on.")
class IdentityConfirmed:
    access_token: str = strawberry.field(description="Send it as 'Authorization: Bearer …'.")
    expires_in: int = strawberry.field(description="Seconds that the access token is good for.")
    proved_at: datetime


ConfirmIdentityResult = Annotated[
    IdentityConfirmed
    | WrongPassword
    | SecondFactorRequired
    | InvalidSecondFactor
    | SessionEnded
    | TooManyAttempts
    | InvalidInput,
    strawberry.union("ConfirmIdentityResult"),
]


@strawberry.type
class ConfirmIdentityMutation:
    @strawberry.mutation(
        description="Prove again who is asking, for what `FreshProofRequired` refuses: withdrawals and the like.",
        directives=[ONCE],
    )
    async def confirm_identity(self, info: Info, input: ConfirmIdentityInput) -> ConfirmIdentityResult:
        services: AccountsServices = info.context.services
        personal_data.bound(services.settings.password_characters_max, password=input.password)
        proof = await proofs.confirm_identity(
            services,
            info.context.identity,
            password=input.password,
            totp_code=input.totp_code,
            recovery_code=input.recovery_code,
        )
        return IdentityConfirmed(
            access_token=proof.access_token, expires_in=proof.expires_in, proved_at=proof.proved_at
        )
