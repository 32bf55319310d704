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


class StandingConfirmed(EventPayload, type="accounts.standing_confirmed.v1", subject="source", passing=True):
    """The heartbeat: whoever has taken in all of *decided* knows what matters of all that was before *told_at*."""

    source: str
    told_at: datetime
    decided: list[UUID]
    """Ids of the events above, those that are older than any token excepted."""
    withdrawn_keys: list[str]
    """All that ever were: what they sign may bear any date."""
