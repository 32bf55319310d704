"""Saying that it was not oneself, without signing in."""

from typing import Annotated

import strawberry

from subgraphs.accounts.api.origin import origin_of
from subgraphs.accounts.api.types.refusals import InvalidAlertLink, TooManyAttempts
from subgraphs.accounts.domain import disowning
from subgraphs.shared.graphql.context import Info
from subgraphs.shared.graphql.cost import ONCE


@strawberry.input
class DisownChangeInput:
    token: str = strawberry.field(description="From the link.")


@strawberry.type(
    description="Every session has ended, nothing leaves the wallet for a day, and a link to choose a new password is "
    "on its way to the e-mail that the account had."
)
class ChangeDisowned:
    ended_sessions: int = strawberry.field(description="How many there were.")


DisownChangeResult = Annotated[
    ChangeDisowned | InvalidAlertLink | TooManyAttempts, strawberry.union("DisownChangeResult")
]


@strawberry.type
class DisownChangeMutation:
    @strawberry.mutation(
        description="It was not me: take the account back with the token of a security alert's link. Works once, and "
        "needs no signing in.",
        directives=[ONCE],
    )
    async def disown_change(self, info: Info, input: DisownChangeInput) -> DisownChangeResult:
        ended = await disowning.disown_change(info.context.services, input.token, origin=origin_of(info.context))
        return ChangeDisowned(ended_sessions=ended)
