"""Going on with a session."""

from typing import Annotated

import strawberry

from subgraphs.accounts.api.types.refusals import AccountSuspended, InvalidRefreshToken, SessionEnded
from subgraphs.accounts.api.types.signed_in import SignedIn
from subgraphs.accounts.domain import sessions
from subgraphs.shared.graphql.context import Info


@strawberry.input
class RefreshTokenInput:
    refresh_token: str


RefreshTokenResult = Annotated[
    SignedIn | InvalidRefreshToken | SessionEnded | AccountSuspended, strawberry.union("RefreshTokenResult")
]


@strawberry.type
class RefreshTokenMutation:
    @strawberry.mutation(
        description="Trade a refresh token for new tokens. Each is good once; one used twice ends its session."
    )
    async def refresh_token(self, info: Info, input: RefreshTokenInput) -> RefreshTokenResult:
        grant = await sessions.refresh(info.context.services, input.refresh_token)
        return SignedIn.from_grant(grant)
