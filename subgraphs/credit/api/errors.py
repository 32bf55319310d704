"""Credit's refusals as GraphQL types."""

from datetime import datetime

import strawberry

from subgraphs.credit.api.types.vocabulary import RequestStatus
from subgraphs.credit.domain import refusals
from subgraphs.shared import refusal
from subgraphs.shared.graphql.money import Money
from subgraphs.shared.graphql.refusals import Refusal


@strawberry.type(description="There is no such request, or it is not yours.")
class CreditRequestNotFound(Refusal):
    credit_request_id: strawberry.ID


@strawberry.type(description="One request at a time: the one named here is not decided yet.")
class OpenRequestExists(Refusal):
    credit_request_id: strawberry.ID


@strawberry.type(description="More than the platform, the grade, or the farmer asked for, allows.")
class AmountAboveLimit(Refusal):
    limit: Money
    requested: Money


@strawberry.type(description="Less than the platform lends.")
class CreditBelowMinimum(Refusal):
    minimum: Money
    requested: Money


@strawberry.type(description="Shorter or longer than the platform lends.")
class TermOutOfRange(Refusal):
    months_min: int
    months_max: int


@strawberry.type(description="A CPR of the farmer's is more than 30 days late.")
class FarmerInArrears(Refusal):
    cpr_id: strawberry.ID
    since: datetime


@strawberry.type(description="Only a scored, undecided request can be decided.")
class NotInAnalysis(Refusal):
    status: RequestStatus


@strawberry.type(description="Nothing is lent on this grade.")
class GradeTooLow(Refusal):
    grade: str
    score: int


@strawberry.type(description="The farmer's identity is not verified yet.")
class FarmerIdentityNotVerified(Refusal):
    farmer_id: strawberry.ID


@strawberry.type(description="Nobody decides about their own request.")
class OwnCreditRequest(Refusal):
    credit_request_id: strawberry.ID


REFUSAL_TYPES: dict[type[refusal.Refusal], type[Refusal]] = {
    refusals.CreditRequestNotFound: CreditRequestNotFound,
    refusals.OpenRequestExists: OpenRequestExists,
    refusals.AmountAboveLimit: AmountAboveLimit,
    refusals.CreditBelowMinimum: CreditBelowMinimum,
    refusals.TermOutOfRange: TermOutOfRange,
    refusals.FarmerInArrears: FarmerInArrears,
    refusals.NotInAnalysis: NotInAnalysis,
    refusals.GradeTooLow: GradeTooLow,
    refusals.FarmerIdentityNotVerified: FarmerIdentityNotVerified,
    refusals.OwnCreditRequest: OwnCreditRequest,
}
