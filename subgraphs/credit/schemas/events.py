"""The facts that credit publishes."""

from decimal import Decimal
from uuid import UUID

from subgraphs.shared.messaging.event import EventPayload


class RequestSubmitted(EventPayload, type="credit.request_submitted.v1", subject="credit_request_id"):
    """A farmer asked for credit."""

    credit_request_id: UUID
    farmer_id: UUID
    amount_minor: int
    term_months: int


class DocumentAdded(EventPayload, type="credit.document_added.v1", subject="credit_request_id"):
    """A request has a new document, which asks for a new score."""

    credit_request_id: UUID
    farmer_id: UUID
    document_id: UUID
    kind: str


class ScoringOverdue(EventPayload, type="credit.scoring_overdue.v1", subject="credit_request_id"):
    """A request has waited too long for its score, which is asked for again. Of use to credit alone."""

    credit_request_id: UUID
    farmer_id: UUID


class RequestScored(EventPayload, type="credit.request_scored.v1", subject="credit_request_id"):
    """A request has an AgroScore, its first or a newer one."""

    credit_request_id: UUID
    farmer_id: UUID
    score_id: UUID
    score: int
    grade: str


class RequestApproved(EventPayload, type="credit.request_approved.v1", subject="credit_request_id"):
    """An analyst approved: everything that a CPR is drafted from."""

    credit_request_id: UUID
    farmer_id: UUID
    amount_minor: int
    term_months: int
    amortisation: str
    purpose: str
    crop: str
    hectares: Decimal
    region: str
    municipality: str
    families_benefited: int
    grade: str
    score: int


class RequestRejected(EventPayload, type="credit.request_rejected.v2", subject="credit_request_id"):
    """An analyst refused. Why is what somebody wrote about a person: the decision says it, to those who may see it."""

    credit_request_id: UUID
    farmer_id: UUID


class RequestRejectedV1(EventPayload, type="credit.request_rejected.v1", subject="credit_request_id"):
    """As it was: with the reason besides, which nobody reads any more."""

    credit_request_id: UUID
    farmer_id: UUID


PUBLISHED: tuple[type[EventPayload], ...] = (
    RequestSubmitted,
    DocumentAdded,
    ScoringOverdue,
    RequestScored,
    RequestApproved,
    RequestRejected,
)

SUPERSEDED: tuple[type[EventPayload], ...] = (RequestRejectedV1,)
"""Published no more, and still read: one may be on its way from before."""
