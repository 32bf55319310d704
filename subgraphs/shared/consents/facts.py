"""What is read of accounts' facts about consents: by every domain that needs some alike, so here and not in each."""

from datetime import date
from uuid import UUID

from subgraphs.shared.messaging.event import EventPayload


class ConsentTextLaidDown(EventPayload, type="accounts.consent_text_laid_down.v1", subject="purpose"):
    purpose: str
    version: int
    valid_from: date
    earlier_good_until: date


class ConsentGiven(EventPayload, type="accounts.consent_given.v1", subject="user_id"):
    user_id: UUID
    purpose: str
    version: int
    """The text's."""


class ConsentWithdrawn(EventPayload, type="accounts.consent_withdrawn.v1", subject="user_id"):
    user_id: UUID
    purpose: str
