"""Contracts' refusals as GraphQL types."""

from decimal import Decimal

import strawberry

from subgraphs.contracts.api.types.vocabulary import CPRStatus, RenegotiationStatus
from subgraphs.contracts.domain import refusals
from subgraphs.shared import refusal
from subgraphs.shared.graphql.refusals import Refusal


@strawberry.type(description="There is no such CPR, or it is not yours.")
class CPRNotFound(Refusal):
    cpr_id: strawberry.ID


@strawberry.type(description="Only a drafted CPR can be signed.")
class CPRNotSignable(Refusal):
    cpr_status: CPRStatus


@strawberry.type(description="The text to be signed is not the one that the digest was made of.")
class CPRDocumentChanged(Refusal):
    document_digest: str = strawberry.field(description="SHA-256 of the text there is now.")


@strawberry.type(description="There is nothing to renegotiate about the CPR now.")
class CPRNotRenegotiable(Refusal):
    reason: str = strawberry.field(
        description="NOT_UNDER_REPAYMENT, NOT_LATE, UNDER_RENEGOTIATION (another is open) or NO_PRINCIPAL (only "
        "interest and charges are left)."
    )


@strawberry.type(description="Nobody proposes terms for their own debt.")
class OwnCPR(Refusal):
    cpr_id: strawberry.ID


@strawberry.type(description="The proposal goes further than the rules of the day let it.")
class RenegotiationOutsideLimits(Refusal):
    term_months_max: int
    annual_rate_min: Decimal
    annual_rate_max: Decimal = strawberry.field(description="The rate that the CPR has now.")
    late_discount_max: Decimal = strawberry.field(description="What part of the late charges may be waived.")


@strawberry.type(description="There is no such renegotiation, or it is not yours to decide.")
class RenegotiationNotFound(Refusal):
    renegotiation_id: strawberry.ID


@strawberry.type(description="The renegotiation does not wait for this: it is decided, ended or out of time.")
class RenegotiationClosed(Refusal):
    renegotiation_status: RenegotiationStatus


@strawberry.type(
    description="You act for the borrower, or for a company with them: it is for the other holders to decide."
)
class RelatedToBorrower(Refusal):
    renegotiation_id: strawberry.ID


@strawberry.type(description="You have voted otherwise. A vote is given once.")
class AlreadyVoted(Refusal):
    consents: bool = strawberry.field(description="The vote that was given.")


REFUSAL_TYPES: dict[type[refusal.Refusal], type[Refusal]] = {
    refusals.CPRNotFound: CPRNotFound,
    refusals.CPRNotSignable: CPRNotSignable,
    refusals.CPRDocumentChanged: CPRDocumentChanged,
    refusals.CPRNotRenegotiable: CPRNotRenegotiable,
    refusals.OwnCPR: OwnCPR,
    refusals.RenegotiationOutsideLimits: RenegotiationOutsideLimits,
    refusals.RenegotiationNotFound: RenegotiationNotFound,
    refusals.RenegotiationClosed: RenegotiationClosed,
    refusals.RelatedToBorrower: RelatedToBorrower,
    refusals.AlreadyVoted: AlreadyVoted,
}
