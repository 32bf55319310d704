"""What is read of accounts' facts about standing: by every domain alike, so here and not in each."""

from datetime import datetime
from uuid import UUID

from subgraphs.shared.messaging.event import EventPayload


class UserSuspended(EventPayload, type="accounts.user_suspended.v1", subject="user_id"):
    user_id: UUID


class UserReactivated(EventPayload, type="accounts.user_reactivated.v1", subject="user_id"):
    user_id: UUID


class AccountClosed(EventPayload, type="accounts.account_closed.v1", subject="user_id"):
    user_id: UUID


class SessionsEnded(EventPayload, type="accounts.sessions_ended.v1", subject="user_id"):
    user_id: UUID
    session_ids: list[UUID]
    tokens_expire_at: datetime
    """No token of these sessions is good for longer, so that nobody needs to remember them longer."""


class SigningKeyWithdrawn(EventPayload, type="accounts.signing_key_withdrawn.v1", subject="key_id"):
    key_id: str


class StandingConfirmed(EventPayload, type="accounts.standing_confirmed.v1", subject="source"):
    """The heartbeat: what was decided before *told_at* has been told before this."""

    source: str
    told_at: datetime
