"""Taking the second factor away."""

import strawberry

from subgraphs.accounts.api.context import Info
from subgraphs.accounts.domain import personal_data, refusals, totp_enrolment
from subgraphs.shared.graphql.cost import ONCE
from subgraphs.shared.graphql.mutation import mutation


@strawberry.input(description="The password, and a code of the app or a recovery code.")
class DisableTotpInput:
    password: str = strawberry.field(description="One's own password.")
    totp_code: str | None = strawberry.field(default=None, description="The authenticator app's six digits.")
    recovery_code: str | None = strawberry.field(default=None, description="Instead of them, one of the codes kept.")


@strawberry.type(description="Signing in needs the password alone.")
class TotpDisabled:
    ok: bool = strawberry.field(description="Always true.")


@strawberry.type
class DisableTotpMutation:
    @mutation(
        refusals.TotpNotEnabled,
        refusals.SecondFactorRequired,
        refusals.InvalidSecondFactor,
        refusals.WrongPassword,
        refusals.SessionEnded,
        refusals.TooManyAttempts,
        description="Remove the second factor and its recovery codes.",
        directives=[ONCE],
    )
    async def disable_totp(self, info: Info, input: DisableTotpInput) -> TotpDisabled:
        services = info.context.services
        personal_data.bound(
            services.settings.password_characters_max,
            password=input.password,
            totpCode=input.totp_code,
            recoveryCode=input.recovery_code,
        )
        await totp_enrolment.disable_totp(
            services,
            actor=info.context.identity,
            password=input.password,
            totp_code=input.totp_code,
            recovery_code=input.recovery_code,
        )
        return TotpDisabled(ok=True)
