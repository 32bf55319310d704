"""`approveCreditRequest` and `rejectCreditRequest`: the analyst decides."""

from typing import Annotated

import strawberry

from subgraphs.credit.api import errors
from subgraphs.credit.api.mutations.request_credit import minor_of
from subgraphs.credit.api.types.request import CreditRequest
from subgraphs.credit.domain import decisions
from subgraphs.credit.schemas.commands import ApproveCreditRequest, RejectCreditRequest
from subgraphs.shared import scopes
from subgraphs.shared.graphql.context import Info
from subgraphs.shared.graphql.money import MoneyInput
from subgraphs.shared.graphql.refusals import InvalidInput
from subgraphs.shared.graphql.scalars import require_id


@strawberry.input(description="Which request to approve, and for how much.")
class ApproveCreditRequestInput:
    credit_request_id: strawberry.ID
    approved_amount: MoneyInput | None = strawberry.field(
        default=None, description="Less than was asked for; null for all of it."
    )
    note: str = strawberry.field(default="", description="Kept with the decision, for staff.")


@strawberry.input(description="Which request to refuse, and why.")
class RejectCreditRequestInput:
    credit_request_id: strawberry.ID
    reason: str = strawberry.field(description="The farmer reads it.")


ApproveCreditRequestResult = Annotated[
    CreditRequest
    | errors.CreditRequestNotFound
    | errors.OwnCreditRequest
    | errors.NotInAnalysis
    | errors.GradeTooLow
    | errors.AmountAboveLimit
    | errors.CreditBelowMinimum
    | errors.FarmerIdentityNotVerified
    | errors.FarmerInArrears
    | InvalidInput,
    strawberry.union("ApproveCreditRequestResult"),
]

RejectCreditRequestResult = Annotated[
    CreditRequest | errors.CreditRequestNotFound | errors.OwnCreditRequest | errors.NotInAnalysis | InvalidInput,
    strawberry.union("RejectCreditRequestResult"),
]


@strawberry.mutation(description="Approve a request in analysis; a CPR is drafted from it. Analysts only.")
async def approve_credit_request(info: Info, input: ApproveCreditRequestInput) -> ApproveCreditRequestResult:
    actor = info.context.require(scopes.ANALYST)
    amount = input.approved_amount
    command = ApproveCreditRequest(
        credit_request_id=require_id(input.credit_request_id),
        approved_amount_minor=minor_of(amount, "approvedAmount") if amount else None,
        note=input.note,
    )
    async with info.context.begin() as session:
        request = await decisions.approve_request(
            session,
            actor=actor,
            command=command,
            now=info.context.clock.now(),
            correlation_id=info.context.correlation_id,
        )
    return CreditRequest.from_model(request)


@strawberry.mutation(description="Refuse a request in analysis, with a reason. Analysts only.")
async def reject_credit_request(info: Info, input: RejectCreditRequestInput) -> RejectCreditRequestResult:
    actor = info.context.require(scopes.ANALYST)
    command = RejectCreditRequest(credit_request_id=require_id(input.credit_request_id), reason=input.reason)
    async with info.context.begin() as session:
        request = await decisions.reject_request(
            session,
            actor=actor,
            command=command,
            now=info.context.clock.now(),
            correlation_id=info.context.correlation_id,
        )
    return CreditRequest.from_model(request)
