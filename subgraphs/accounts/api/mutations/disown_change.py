"""Saying that it was not oneself, without signing in."""

import strawberry

from subgraphs.accounts.api.context import Info
from subgraphs.accounts.api.origin import origin_of
from subgraphs.accounts.domain import disowning, refusals
from subgraphs.shared.graphql.cost import ONCE
from subgraphs.shared.graphql.mutation import mutation


@strawberry.input(description="The link of a security alert.")
class DisownChangeInput:
    token: str = strawberry.field(description="From the link.")


@strawberry.type(
    description="Every session has ended, nothing leaves the wallet for a day, and a link to choose a new password is "
    "on its way to the e-mail that the account had."
)
class ChangeDisowned:
    ended_sessions: int = strawberry.field(description="How many there were.")


@strawberry.type
class DisownChangeMutation:
    @mutation(
        refusals.InvalidAlertLink,
        refusals.TooManyAttempts,
        description="It was not me: take the account back with the token of a security alert's link. Works once, and "
        "needs no signing in.",
        directives=[ONCE],
    )
    async def disown_change(self, info: Info, input: DisownChangeInput) -> ChangeDisowned:
        ended = await disowning.disown_change(info.context.services, input.token, origin=origin_of(info.context))
        return ChangeDisowned(ended_sessions=ended)
