"""What the rules of credit say no to."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from subgraphs.credit.models.vocabulary import RequestStatus
from subgraphs.shared.refusal import Refusal


@dataclass
class CreditRequestNotFound(Refusal):
    """There is no such request, or it is not the asker's."""

    credit_request_id: UUID


@dataclass
class OpenRequestExists(Refusal):
    """One request at a time: the earlier one is not decided yet."""

    credit_request_id: UUID


@dataclass
class AmountAboveLimit(Refusal):
    """More than the platform, or the grade, may be lent."""

    limit_minor: int
    requested_minor: int


@dataclass
class CreditBelowMinimum(Refusal):
    """Less than a CPR is worth making for."""

    minimum_minor: int
    requested_minor: int


@dataclass
class TermOutOfRange(Refusal):
    """Shorter or longer than the platform lends."""

    months_min: int
    months_max: int


@dataclass
class FarmerInArrears(Refusal):
    """A CPR of the farmer's is in default (more than 30 days late); no new credit until it is settled."""

    cpr_id: UUID
    since: datetime


@dataclass
class NotInAnalysis(Refusal):
    """Only a scored, undecided request can be decided."""

    status: RequestStatus


@dataclass
class GradeTooLow(Refusal):
    """The grade may be lent nothing."""

    grade: str
    score: int


@dataclass
class FarmerIdentityNotVerified(Refusal):
    """Accounts has not verified who the farmer is."""

    farmer_id: UUID


@dataclass
class OwnCreditRequest(Refusal):
    """Nobody decides about their own request."""

    credit_request_id: UUID


@dataclass
class RequestDecided(Refusal):
    """The request is decided: documents cannot change that any more."""

    status: RequestStatus


@dataclass
class TooManyDocuments(Refusal):
    documents_max: int
