"""Changing the e-mail."""

import strawberry

from subgraphs.accounts.api.context import Info
from subgraphs.accounts.api.origin import origin_of
from subgraphs.accounts.domain import accounts, personal_data, refusals
from subgraphs.shared.graphql.cost import ONCE
from subgraphs.shared.graphql.mutation import mutation


@strawberry.input(description="The new address, and the password.")
class ChangeEmailInput:
    email: str = strawberry.field(description="The new address, at most 254 characters.")
    password: str = strawberry.field(description="The present password.")


@strawberry.type(description="A link is on its way to the new address; following it makes it the account's.")
class EmailChangeRequested:
    email: str = strawberry.field(description="The new address.")


@strawberry.type
class ChangeEmailMutation:
    @mutation(
        refusals.WrongPassword,
        refusals.SessionEnded,
        refusals.TooManyAttempts,
        description="Ask for another e-mail; it counts once the link sent to it is followed.",
        directives=[ONCE],
    )
    async def change_email(self, info: Info, input: ChangeEmailInput) -> EmailChangeRequested:
        services = info.context.services
        personal_data.bound(services.settings.password_characters_max, password=input.password)
        email = personal_data.read_email(input.email)
        await accounts.change_email(
            services, actor=info.context.identity, email=email, password=input.password, origin=origin_of(info.context)
        )
        return EmailChangeRequested(email=email)
