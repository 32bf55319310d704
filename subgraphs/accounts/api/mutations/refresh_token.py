"""Going on with a session."""

import strawberry

from subgraphs.accounts.api.context import Info
from subgraphs.accounts.api.types.signed_in import SignedIn
from subgraphs.accounts.domain import refusals, sessions
from subgraphs.shared.graphql.mutation import mutation


@strawberry.input(description="The token that keeps a session going.")
class RefreshTokenInput:
    refresh_token: str = strawberry.field(
        description="The newest one of the session; it can be used no more afterwards."
    )


@strawberry.type
class RefreshTokenMutation:
    @mutation(
        refusals.InvalidRefreshToken,
        refusals.SessionEnded,
        refusals.AccountSuspended,
        description="Trade a refresh token for new tokens. Each is good once; one used twice ends its session.",
    )
    async def refresh_token(self, info: Info, input: RefreshTokenInput) -> SignedIn:
        grant = await sessions.refresh(info.context.services, input.refresh_token)
        return SignedIn.from_grant(grant)
