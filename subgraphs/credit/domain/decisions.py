"""The analyst's decision: once, on a score, with a name under it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.credit.crud import policies, read_models, scores
from subgraphs.credit.crud import requests as rows
from subgraphs.credit.domain import refusals
from subgraphs.credit.domain.requests import add_step, check_step
from subgraphs.credit.models import AgroScore, CreditRequest, Decision, RequestStatus, Verdict
from subgraphs.credit.schemas import events
from subgraphs.credit.schemas.commands import ApproveCreditRequest, RejectCreditRequest
from subgraphs.shared.clock import business_date
from subgraphs.shared.identity import Identity
from subgraphs.shared.messaging import outbox
from subgraphs.shared.refusal import InvalidInput

REASON_MIN, REASON_MAX = 10, 1_000


async def approve_request(
    session: AsyncSession, command: ApproveCreditRequest, *, actor: Identity, correlation_id: str, now: datetime
) -> CreditRequest:
    """
    Approve a scored request, in whole or in part; contracts drafts the CPR from the published fact.

    The grade's limit, the farmer's identity and arrears are looked at now, not when the request came in: what
    counts is whom the platform lends to today.

    Refuses with CreditRequestNotFound, OwnCreditRequest, NotInAnalysis, GradeTooLow, AmountAboveLimit,
    CreditBelowMinimum, FarmerIdentityNotVerified, FarmerInArrears, InvalidInput.
    """
    request = await _lock_decidable(session, command.credit_request_id, actor=actor)
    assert request.score_id is not None  # noqa: S101  # the database lets no request into analysis without one
    score = await scores.get_score(session, request.score_id)
    amount_minor = _approved_amount(request, command)
    await _check_policy(session, request, score, amount_minor, now=now)
    if len(command.note) > REASON_MAX:
        raise InvalidInput(
            field="note",
            reason=f"The note has to be at most {REASON_MAX} characters.",
            reason_pt=f"A observação pode ter até {REASON_MAX} caracteres.",
        )

    request.decided_at = now
    add_step(session, request, RequestStatus.APPROVED, now=now)
    session.add(
        Decision(
            credit_request_id=request.id,
            verdict=Verdict.APPROVED,
            analyst_id=actor.user_id,
            score_id=score.id,
            approved_amount_minor=amount_minor,
            reason=command.note.strip(),
            decided_at=now,
            correlation_id=correlation_id,
        )
    )
    outbox.record(session, _approved(request, score, amount_minor), occurred_at=now)
    return request


async def reject_request(
    session: AsyncSession, command: RejectCreditRequest, *, actor: Identity, correlation_id: str, now: datetime
) -> CreditRequest:
    """
    Refuse a scored request, with a reason that the farmer reads.

    Refuses with CreditRequestNotFound, OwnCreditRequest, NotInAnalysis, InvalidInput (a reason too short to be one).
    """
    reason = command.reason.strip()
    if not REASON_MIN <= len(reason) <= REASON_MAX:
        raise InvalidInput(
            field="reason",
            reason=f"The reason has to have {REASON_MIN} to {REASON_MAX} characters; the farmer reads it.",
            reason_pt=f"O motivo precisa ter de {REASON_MIN} a {REASON_MAX} caracteres; o produtor vai ler.",
        )
    request = await _lock_decidable(session, command.credit_request_id, actor=actor)
    assert request.score_id is not None  # noqa: S101  # the database lets no request into analysis without one
    request.decided_at = now
    add_step(session, request, RequestStatus.REJECTED, now=now)
    session.add(
        Decision(
            credit_request_id=request.id,
            verdict=Verdict.REJECTED,
            analyst_id=actor.user_id,
            score_id=request.score_id,
            approved_amount_minor=None,
            reason=reason,
            decided_at=now,
            correlation_id=correlation_id,
        )
    )
    rejected = events.RequestRejected(credit_request_id=request.id, farmer_id=request.farmer_id)
    outbox.record(session, rejected, occurred_at=now)
    return request


async def _lock_decidable(session: AsyncSession, request_id: UUID, *, actor: Identity) -> CreditRequest:
    request = await rows.lock_request(session, request_id)
    if request is None:
        raise refusals.CreditRequestNotFound(credit_request_id=request_id)
    if request.farmer_id == actor.user_id:
        raise refusals.OwnCreditRequest(credit_request_id=request.id)
    if request.status != RequestStatus.IN_ANALYSIS:
        raise refusals.NotInAnalysis(status=request.status)
    return request


def _approved_amount(request: CreditRequest, command: ApproveCreditRequest) -> int:
    amount_minor = command.approved_amount_minor
    if amount_minor is None:
        return request.amount_minor
    if amount_minor > request.amount_minor:
        raise refusals.AmountAboveLimit(limit_minor=request.amount_minor, requested_minor=amount_minor)
    return amount_minor


async def _check_policy(
    session: AsyncSession, request: CreditRequest, score: AgroScore, amount_minor: int, *, now: datetime
) -> None:
    policy = await policies.get_policy(session, business_date(now))
    limit_minor = (await policies.list_grade_limits(session, policy)).get(score.grade)
    if limit_minor is None:
        raise refusals.GradeTooLow(grade=score.grade, score=score.score)
    if amount_minor > limit_minor:
        raise refusals.AmountAboveLimit(limit_minor=limit_minor, requested_minor=amount_minor)
    if amount_minor < policy.amount_min_minor:
        raise refusals.CreditBelowMinimum(minimum_minor=policy.amount_min_minor, requested_minor=amount_minor)
    check_step(amount_minor, policy)
    if policy.identity_required:
        applicant = await read_models.find_applicant(session, request.farmer_id)
        if applicant is None or applicant.verified_at is None or applicant.closed_at is not None:
            raise refusals.FarmerIdentityNotVerified(farmer_id=request.farmer_id)
    if arrears := await read_models.find_arrears(session, request.farmer_id):
        assert arrears.defaulted_at is not None  # noqa: S101  # the query asks for those in default
        raise refusals.FarmerInArrears(cpr_id=arrears.cpr_id, since=arrears.defaulted_at)


def _approved(request: CreditRequest, score: AgroScore, amount_minor: int) -> events.RequestApproved:
    return events.RequestApproved(
        credit_request_id=request.id,
        farmer_id=request.farmer_id,
        amount_minor=amount_minor,
        term_months=request.term_months,
        amortisation=request.amortisation,
        purpose=request.purpose,
        crop=request.crop,
        hectares=request.hectares,
        region=request.region,
        municipality=request.municipality,
        families_benefited=request.families_benefited,
        grade=score.grade,
        score=score.score,
    )
