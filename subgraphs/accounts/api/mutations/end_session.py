"""Ending one of one's sessions, on a device that was lost for instance."""

from typing import Annotated

import strawberry

from subgraphs.accounts.api.types.refusals import SessionNotFound
from subgraphs.accounts.domain import sessions
from subgraphs.accounts.domain.refusals import SessionNotFound as NoSuchSession
from subgraphs.shared.graphql.context import Info
from subgraphs.shared.graphql.scalars import require_id


@strawberry.input
class EndSessionInput:
    session_id: strawberry.ID


@strawberry.type(description="The session is over.")
class EndedSession:
    session_id: strawberry.ID


EndSessionResult = Annotated[EndedSession | SessionNotFound, strawberry.union("EndSessionResult")]


@strawberry.type
class EndSessionMutation:
    @strawberry.mutation(description="End one of one's own sessions, seen at User.sessions.")
    async def end_session(self, info: Info, input: EndSessionInput) -> EndSessionResult:
        identity = info.context.identity
        if not await sessions.end_session(info.context.services, identity.user_id, require_id(input.session_id)):
            raise NoSuchSession
        return EndedSession(session_id=input.session_id)
