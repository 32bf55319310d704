"""Signing in."""

import strawberry

from subgraphs.accounts.api.context import Info
from subgraphs.accounts.api.origin import origin_of
from subgraphs.accounts.api.types.signed_in import SignedIn
from subgraphs.accounts.core.services import Services
from subgraphs.accounts.domain import personal_data, refusals, sessions
from subgraphs.accounts.schemas.commands import SignIn
from subgraphs.shared.graphql.cost import ONCE
from subgraphs.shared.graphql.mutation import mutation


@strawberry.input(description="What proves who one is.")
class SignInInput:
    email: str = strawberry.field(description="The account's e-mail.")
    password: str = strawberry.field(description="The account's password.")
    totp_code: str | None = strawberry.field(default=None, description="The authenticator app's six digits, if asked.")
    recovery_code: str | None = strawberry.field(default=None, description="Instead of them, one of the codes kept.")
    device_token: str | None = strawberry.field(
        default=None,
        description="What an earlier sign-in on this device gave. With it, strangers' failures do not hold it up.",
    )
    unlock_code: str | None = strawberry.field(
        default=None, description="What was mailed to the account's owner, if UnlockRequired asked for it."
    )

    def to_command(self, services: Services) -> SignIn:
        """Refuses with InvalidInput what is too long to be anybody's."""
        personal_data.bound(
            services.settings.password_characters_max,
            email=self.email,
            password=self.password,
            totpCode=self.totp_code,
            recoveryCode=self.recovery_code,
            deviceToken=self.device_token,
            unlockCode=self.unlock_code,
        )
        return SignIn(
            email=self.email,
            password=self.password,
            totp_code=self.totp_code,
            recovery_code=self.recovery_code,
            device_token=self.device_token,
            unlock_code=self.unlock_code,
        )


@strawberry.type
class SignInMutation:
    @mutation(
        refusals.InvalidCredentials,
        refusals.SecondFactorRequired,
        refusals.InvalidSecondFactor,
        refusals.ContactNotConfirmed,
        refusals.AccountSuspended,
        refusals.TooManyAttempts,
        refusals.UnlockRequired,
        description="Begin a session. `POST /oauth/token` does the same for OAuth 2 clients.",
        directives=[ONCE],
    )
    async def sign_in(self, info: Info, input: SignInInput) -> SignedIn:
        services = info.context.services
        grant = await sessions.sign_in(services, input.to_command(services), origin=origin_of(info.context))
        return SignedIn.from_grant(grant)
