"""Signing out."""

import strawberry

from subgraphs.accounts.api.context import Info
from subgraphs.accounts.domain import sessions


@strawberry.type(description="The session is over, and its tokens are good no more.")
class SignedOut:
    ok: bool = strawberry.field(description="Always true.")


@strawberry.type
class SignOutMutation:
    @strawberry.mutation(description="End the session that this token belongs to.")
    async def sign_out(self, info: Info) -> SignedOut:
        await sessions.sign_out(info.context.services, actor=info.context.identity)
        return SignedOut(ok=True)
