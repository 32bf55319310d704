"""Confirming e-mail or phone."""

import strawberry

from subgraphs.accounts.api.context import Info
from subgraphs.accounts.api.origin import origin_of
from subgraphs.accounts.api.types.vocabulary import Channel
from subgraphs.accounts.domain import confirmations, personal_data, refusals
from subgraphs.shared import refusal
from subgraphs.shared.graphql.cost import ONCE
from subgraphs.shared.graphql.mutation import mutation


@strawberry.input(description="Either the token of the e-mail's link, or the e-mail and the code sent to the phone.")
class ConfirmContactInput:
    token: str | None = strawberry.field(default=None, description="From the e-mail's link; sent alone.")
    email: str | None = strawberry.field(default=None, description="The account's e-mail; sent with `code`.")
    code: str | None = strawberry.field(default=None, description="The digits sent to the phone; sent with `email`.")


@strawberry.type(description="The contact belongs to the person, who may sign in now.")
class ContactConfirmed:
    channel: Channel = strawberry.field(description="Which of the two it was.")


@strawberry.type
class ConfirmContactMutation:
    @mutation(
        refusals.InvalidConfirmation,
        refusals.TooManyAttempts,
        description="Confirm the e-mail by its link's token, or the phone by its code.",
        directives=[ONCE],
    )
    async def confirm_contact(self, info: Info, input: ConfirmContactInput) -> ContactConfirmed:
        services = info.context.services
        match input:
            case ConfirmContactInput(token=str(token), email=None, code=None):
                channel = await confirmations.confirm_by_link(services, token, origin=origin_of(info.context))
            case ConfirmContactInput(token=None, email=str(email), code=str(code)):
                channel = await confirmations.confirm_by_code(
                    services, code, email=personal_data.read_email(email), origin=origin_of(info.context)
                )
            case _:
                raise refusal.InvalidInput(
                    field="token",
                    reason="send either token, or email and code",
                    reason_pt="Informe o link recebido, ou o e-mail e o código.",
                )
        return ContactConfirmed(channel=channel)
