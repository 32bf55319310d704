"""New recovery codes for used or lost ones."""

import strawberry

from subgraphs.accounts.api.context import Info
from subgraphs.accounts.api.types.totp import RecoveryCodes
from subgraphs.accounts.domain import personal_data, refusals, totp_enrolment
from subgraphs.shared.graphql.cost import ONCE
from subgraphs.shared.graphql.mutation import mutation


@strawberry.input(description="The password, and a code of the app.")
class ReplaceRecoveryCodesInput:
    password: str = strawberry.field(description="One's own password.")
    totp_code: str = strawberry.field(description="The authenticator app's six digits.")


@strawberry.type
class ReplaceRecoveryCodesMutation:
    @mutation(
        refusals.TotpNotEnabled,
        refusals.InvalidSecondFactor,
        refusals.WrongPassword,
        refusals.SessionEnded,
        refusals.TooManyAttempts,
        description="Make new recovery codes; the earlier ones are void.",
        directives=[ONCE],
    )
    async def replace_recovery_codes(self, info: Info, input: ReplaceRecoveryCodesInput) -> RecoveryCodes:
        services = info.context.services
        characters_max = services.settings.password_characters_max
        personal_data.bound(characters_max, password=input.password, totpCode=input.totp_code)
        codes = await totp_enrolment.replace_recovery_codes(
            services, actor=info.context.identity, password=input.password, totp_code=input.totp_code
        )
        return RecoveryCodes(codes=codes)
