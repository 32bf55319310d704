"""`approveCreditRequest` and `rejectCreditRequest`: the analyst decides."""

import strawberry

from subgraphs.credit.api.types.request import CreditRequest
from subgraphs.credit.domain import decisions, refusals
from subgraphs.credit.schemas.commands import ApproveCreditRequest, RejectCreditRequest
from subgraphs.shared import scopes
from subgraphs.shared.graphql.context import Info
from subgraphs.shared.graphql.money import MoneyInput
from subgraphs.shared.graphql.mutation import mutation
from subgraphs.shared.graphql.scalars import require_id


@strawberry.input(description="Which request to approve, and for how much.")
class ApproveCreditRequestInput:
    credit_request_id: strawberry.ID = strawberry.field(description="The id of a request in analysis.")
    approved_amount: MoneyInput | None = strawberry.field(
        default=None, description="Less than was asked for; null for all of it."
    )
    note: str = strawberry.field(default="", description="Kept with the decision, for staff.")


@strawberry.input(description="Which request to refuse, and why.")
class RejectCreditRequestInput:
    credit_request_id: strawberry.ID = strawberry.field(description="The id of a request in analysis.")
    reason: str = strawberry.field(description="The farmer reads it.")


@mutation(
    refusals.CreditRequestNotFound,
    refusals.OwnCreditRequest,
    refusals.NotInAnalysis,
    refusals.GradeTooLow,
    refusals.AmountAboveLimit,
    refusals.CreditBelowMinimum,
    refusals.FarmerIdentityNotVerified,
    refusals.FarmerInArrears,
    description="Approve a request in analysis; a CPR is drafted from it. Analysts only.",
)
async def approve_credit_request(info: Info, input: ApproveCreditRequestInput) -> CreditRequest:
    actor = info.context.require(scopes.ANALYST)
    amount = input.approved_amount
    command = ApproveCreditRequest(
        credit_request_id=require_id(input.credit_request_id),
        approved_amount_minor=amount.to_minor("approvedAmount") if amount else None,
        note=input.note,
    )
    async with info.context.begin() as session:
        request = await decisions.approve_request(
            session, command, actor=actor, correlation_id=info.context.correlation_id, now=info.context.clock.now()
        )
    return CreditRequest.from_model(request)


@mutation(
    refusals.CreditRequestNotFound,
    refusals.OwnCreditRequest,
    refusals.NotInAnalysis,
    description="Refuse a request in analysis, with a reason. Analysts only.",
)
async def reject_credit_request(info: Info, input: RejectCreditRequestInput) -> CreditRequest:
    actor = info.context.require(scopes.ANALYST)
    command = RejectCreditRequest(credit_request_id=require_id(input.credit_request_id), reason=input.reason)
    async with info.context.begin() as session:
        request = await decisions.reject_request(
            session, command, actor=actor, correlation_id=info.context.correlation_id, now=info.context.clock.now()
        )
    return CreditRequest.from_model(request)
