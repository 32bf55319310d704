"""Ending one of one's sessions, on a device that was lost for instance."""

import strawberry

from subgraphs.accounts.api.context import Info
from subgraphs.accounts.domain import refusals, sessions
from subgraphs.shared.graphql.mutation import mutation
from subgraphs.shared.graphql.scalars import require_id


@strawberry.input(description="Which sign-in to end.")
class EndSessionInput:
    session_id: strawberry.ID = strawberry.field(description="The id at `User.sessions`.")


@strawberry.type(description="The session is over.")
class EndedSession:
    session_id: strawberry.ID = strawberry.field(description="The id that was sent.")


@strawberry.type
class EndSessionMutation:
    @mutation(
        refusals.SessionNotFound,
        description="End one of one's own sessions, seen at User.sessions.",
    )
    async def end_session(self, info: Info, input: EndSessionInput) -> EndedSession:
        identity = info.context.identity
        if not await sessions.end_session(
            info.context.services, require_id(input.session_id), user_id=identity.user_id
        ):
            raise refusals.SessionNotFound
        return EndedSession(session_id=input.session_id)
