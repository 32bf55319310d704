"""Facts that accounts publishes, its own errands among them.

None of them says who somebody is or how they are reached: events lie in outboxes, queues and backups, where nobody
could erase that. Who needs it asks accounts (`subgraphs/shared/people.py`)."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from subgraphs.accounts.models.vocabulary import AlertKind
from subgraphs.shared.messaging.event import EventPayload
from subgraphs.shared.person_kind import PersonKind
from subgraphs.shared.vocabulary import ConsentPurpose


class UserRegistered(EventPayload, type="accounts.user_registered.v2", subject="user_id"):
    """Somebody signed up. Their wallet and their inbox are opened."""

    user_id: UUID
    profiles: list[str]
    """FARMER, INVESTOR, both; none for the platform's staff."""


class UserRegisteredV1(EventPayload, type="accounts.user_registered.v1", subject="user_id"):
    """As it was: with name, e-mail and phone besides, which nobody reads any more."""

    user_id: UUID


class ProfileUpdated(EventPayload, type="accounts.profile_updated.v2", subject="user_id"):
    """A person changed how they are called or reached, or what they do here. Whole, not a difference."""

    user_id: UUID
    profiles: list[str]


class IdentityVerified(EventPayload, type="accounts.identity_verified.v2", subject="user_id"):
    """It is proved who this person is."""

    user_id: UUID
    person: PersonKind = PersonKind.NATURAL
    """What the tax law sees in them: a natural person, or a legal one."""


class IdentityVerifiedV1(EventPayload, type="accounts.identity_verified.v1", subject="user_id"):
    """As it was: with name and CPF besides, which nobody reads any more."""

    user_id: UUID


class IdentityRejected(EventPayload, type="accounts.identity_rejected.v2", subject="user_id"):
    """Why is what somebody wrote about a person: the check itself says it, to those who may see it."""

    user_id: UUID
    identity_check_id: UUID


class IdentityRejectedV1(EventPayload, type="accounts.identity_rejected.v1", subject="user_id"):
    """As it was: with the reason instead of the check, which nobody reads any more."""

    user_id: UUID


class IdentityUploadRequested(EventPayload, type="accounts.identity_upload_requested.v2", subject="user_id"):
    """The analyst could not decide by what was uploaded and asks for another photo; the check says what of."""

    user_id: UUID
    identity_check_id: UUID


class IdentityUploadRequestedV1(EventPayload, type="accounts.identity_upload_requested.v1", subject="user_id"):
    """As it was: with what it should show instead of the check, which nobody reads any more."""

    user_id: UUID


class UserSuspended(EventPayload, type="accounts.user_suspended.v1", subject="user_id"):
    """Staff has locked the person out; what they have here goes on by itself."""

    user_id: UUID


class UserReactivated(EventPayload, type="accounts.user_reactivated.v1", subject="user_id"):
    user_id: UUID


class AccountClosed(EventPayload, type="accounts.account_closed.v1", subject="user_id"):
    """The person left. Whoever keeps data of theirs that no law wants kept erases it."""

    user_id: UUID


class SessionsEnded(EventPayload, type="accounts.sessions_ended.v1", subject="user_id"):
    """Sessions are over (sign-out, new password, a refresh token that came back, suspension): refuse their tokens."""

    user_id: UUID
    session_ids: list[UUID]
    tokens_expire_at: datetime
    """No token of these sessions is good for longer, so that nobody needs to remember them longer."""


class SigningKeyWithdrawn(EventPayload, type="accounts.signing_key_withdrawn.v1", subject="key_id"):
    """Somebody else may have the key: refuse what it has signed, whatever date it bears."""

    key_id: str


class StandingConfirmed(EventPayload, type="accounts.standing_confirmed.v1", subject="source", passing=True):
    """
    A heartbeat, every few seconds: whoever has taken in *decided* knows what mattered at *told_at*.

    It may overtake what it speaks of, so it names it. What is older than every token that lives does not matter.
    """

    source: str
    """Accounts; whose heart beats."""
    told_at: datetime
    decided: list[UUID]
    """Ids of the events about people, sessions and keys that are not older than every token."""
    withdrawn_keys: list[str]
    """All that ever were: what they sign may bear any date."""


class SecurityAlert(EventPayload, type="accounts.security_alert.v1", subject="user_id"):
    """Something happened that the person should know of, in case it was not them."""

    user_id: UUID
    kind: Literal[AlertKind, "CHANGE_DISOWNED"]
    """The last is the answer to one of the others: it was not them, and nothing is to leave."""


class ConsentTextLaidDown(EventPayload, type="accounts.consent_text_laid_down.v1", subject="purpose"):
    """Two of the staff have agreed on a new version of a text, which is in force from a day on."""

    purpose: ConsentPurpose
    version: int
    valid_from: date
    """A day in Brasília."""
    earlier_good_until: date
    """The day from which agreement to an earlier version is good no more."""


class ConsentGiven(EventPayload, type="accounts.consent_given.v1", subject="user_id"):
    """Somebody agreed to a text."""

    user_id: UUID
    purpose: ConsentPurpose
    version: int
    """The text's."""


class ConsentWithdrawn(EventPayload, type="accounts.consent_withdrawn.v1", subject="user_id"):
    """Somebody took back having agreed to a text."""

    user_id: UUID
    purpose: ConsentPurpose
    version: int
    """The text's, which they had agreed to."""


class ConsentAsked(EventPayload, type="accounts.consent_asked.v1", subject="user_id"):
    """Somebody who agreed to an earlier version of a text is to read a new one."""

    user_id: UUID
    purpose: ConsentPurpose
    version: int
    valid_from: date
    """A day in Brasília."""
    earlier_good_until: date
    """The day from which what they have agreed to is good no more."""


class MessageQueued(EventPayload, type="accounts.message_queued.v1", subject="message_id"):
    """An errand to ourselves: deliver a message. Its content stays in our database, sealed."""

    message_id: UUID


class IdentityCheckSubmitted(EventPayload, type="accounts.identity_check_submitted.v1", subject="identity_check_id"):
    """An errand to ourselves: have the verifier look at a selfie and a document."""

    identity_check_id: UUID
    user_id: UUID


PUBLISHED: tuple[type[EventPayload], ...] = (
    UserRegistered,
    ProfileUpdated,
    IdentityVerified,
    IdentityRejected,
    IdentityUploadRequested,
    UserSuspended,
    UserReactivated,
    AccountClosed,
    SessionsEnded,
    SigningKeyWithdrawn,
    StandingConfirmed,
    SecurityAlert,
    ConsentTextLaidDown,
    ConsentGiven,
    ConsentWithdrawn,
    ConsentAsked,
    MessageQueued,
    IdentityCheckSubmitted,
)

SUPERSEDED: tuple[type[EventPayload], ...] = (
    UserRegisteredV1,
    IdentityVerifiedV1,
    IdentityRejectedV1,
    IdentityUploadRequestedV1,
)
"""Published no more, and still read: one may be on its way from before."""
