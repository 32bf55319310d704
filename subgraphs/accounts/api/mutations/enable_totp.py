"""Beginning with a second factor."""

import io

import segno
import strawberry

from subgraphs.accounts.api.context import Info
from subgraphs.accounts.api.types.totp import TotpEnrolment
from subgraphs.accounts.domain import personal_data, refusals, totp_enrolment
from subgraphs.shared.graphql.cost import ONCE
from subgraphs.shared.graphql.mutation import mutation


@strawberry.input(description="The password, asked for again.")
class EnableTotpInput:
    password: str = strawberry.field(description="One's own password.")


@strawberry.type
class EnableTotpMutation:
    @mutation(
        refusals.TotpAlreadyEnabled,
        refusals.WrongPassword,
        refusals.SessionEnded,
        refusals.TooManyAttempts,
        description="Get a secret for an authenticator app. confirmTotp puts it in place.",
        directives=[ONCE],
    )
    async def enable_totp(self, info: Info, input: EnableTotpInput) -> TotpEnrolment:
        services = info.context.services
        personal_data.bound(services.settings.password_characters_max, password=input.password)
        enrolment = await totp_enrolment.enable_totp(services, actor=info.context.identity, password=input.password)
        return TotpEnrolment(secret=enrolment.secret, uri=enrolment.uri, qr_svg=_qr_svg(enrolment.uri))


def _qr_svg(text: str) -> str:
    image = io.BytesIO()
    segno.make(text, error="m").save(image, kind="svg", scale=4, xmldecl=False)
    return image.getvalue().decode()
