"""Proving again to be who one is."""

from datetime import datetime

import strawberry

from subgraphs.accounts.api.context import Info
from subgraphs.accounts.domain import personal_data, proofs, refusals
from subgraphs.shared.graphql.cost import ONCE
from subgraphs.shared.graphql.mutation import mutation


@strawberry.input(description="What proves again who is asking.")
class ConfirmIdentityInput:
    password: str = strawberry.field(description="One's own password.")
    totp_code: str | None = strawberry.field(default=None, description="Of the authenticator app, if there is one.")
    recovery_code: str | None = strawberry.field(default=None, description="Instead, when the app is lost.")


@strawberry.type(description="The proof is in the access token: send this one from now on.")
class IdentityConfirmed:
    access_token: str = strawberry.field(description="Send it as 'Authorization: Bearer …'.")
    expires_in: int = strawberry.field(description="Seconds that the access token is good for.")
    proved_at: datetime = strawberry.field(description="When it was proved: from now on the proof ages.")


@strawberry.type
class ConfirmIdentityMutation:
    @mutation(
        refusals.WrongPassword,
        refusals.SecondFactorRequired,
        refusals.InvalidSecondFactor,
        refusals.SessionEnded,
        refusals.TooManyAttempts,
        description="Prove again who is asking, for what `FreshProofRequired` refuses: withdrawals and the like.",
        directives=[ONCE],
    )
    async def confirm_identity(self, info: Info, input: ConfirmIdentityInput) -> IdentityConfirmed:
        services = info.context.services
        personal_data.bound(services.settings.password_characters_max, password=input.password)
        proof = await proofs.confirm_identity(
            services,
            actor=info.context.identity,
            password=input.password,
            totp_code=input.totp_code,
            recovery_code=input.recovery_code,
        )
        return IdentityConfirmed(
            access_token=proof.access_token, expires_in=proof.expires_in, proved_at=proof.proved_at
        )
