"""Drafting a CPR from an approved request."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.contracts.crud import cprs as rows
from subgraphs.contracts.crud import policies
from subgraphs.contracts.domain.rates import rate_text
from subgraphs.contracts.domain.schedule import Terms, make_schedule, monthly_rate_of
from subgraphs.contracts.models import (
    CPR,
    BusinessDayRule,
    CPRStatus,
    Installment,
    InstallmentStatus,
    RateConversion,
)
from subgraphs.contracts.schemas import events, heard
from subgraphs.shared.clock import business_date
from subgraphs.shared.ids import new_id
from subgraphs.shared.messaging import outbox
from subgraphs.shared.vocabulary import Amortisation


async def draft_cpr(session: AsyncSession, approved: heard.RequestApproved, *, now: datetime) -> CPR:
    """
    Draw up the CPR of an approved request: rate by grade, installments as they would be if disbursed today.

    A request has one CPR; told of the approval again, the first one is the answer. The rate, its conversion and the
    business-day rule are today's, and stay the CPR's own.

    Raises NoResultFound for a grade that has no rate: credit approves none of those.
    """
    if earlier := await rows.find_cpr_of_request(session, approved.credit_request_id):
        return earlier
    today = business_date(now)
    policy = await policies.get_policy(session, today)
    annual_rate = await policies.get_annual_rate(session, policy, approved.grade)
    cpr = CPR(
        id=new_id(),
        credit_request_id=approved.credit_request_id,
        farmer_id=approved.farmer_id,
        status=CPRStatus.DRAFTED,
        purpose=approved.purpose,
        crop=approved.crop,
        hectares=approved.hectares,
        region=approved.region,
        municipality=approved.municipality,
        families_benefited=approved.families_benefited,
        grade=approved.grade,
        drafted_principal_minor=approved.amount_minor,
        principal_minor=approved.amount_minor,
        annual_rate=annual_rate,
        monthly_rate=monthly_rate_of(annual_rate, RateConversion(policy.rate_conversion)),
        term_months=approved.term_months,
        amortisation=approved.amortisation,
        business_day_rule=policy.business_day_rule,
        late_fine_rate=policy.late_fine_rate,
        late_monthly_rate=policy.late_monthly_rate,
        drafted_at=now,
    )
    schedule = make_schedule(terms_of(cpr), disbursed_on=today, rule=BusinessDayRule(cpr.business_day_rule))
    session.add(cpr)
    await session.flush()
    session.add_all(
        Installment(
            id=new_id(),
            cpr_id=cpr.id,
            number=part.number,
            due_on=part.due_on,
            principal_minor=part.principal_minor,
            interest_minor=part.interest_minor,
            status=InstallmentStatus.SCHEDULED,
            settled_minor=0,
            payment_count=0,
            charged_days=0,
            late_left_minor=0,
            schedule_version=1,
            carried_minor=0,
            carried_late_minor=0,
        )
        for part in schedule.installments
    )
    drafted = events.CPRDrafted(
        cpr_id=cpr.id,
        credit_request_id=cpr.credit_request_id,
        farmer_id=cpr.farmer_id,
        principal_minor=cpr.principal_minor,
        annual_rate=rate_text(cpr.annual_rate),
        term_months=cpr.term_months,
        amortisation=cpr.amortisation,
    )
    outbox.record(session, drafted, occurred_at=now)
    return cpr


def terms_of(cpr: CPR) -> Terms:
    """What the CPR's schedule follows from."""
    return Terms(
        principal_minor=cpr.principal_minor,
        monthly_rate=cpr.monthly_rate,
        term_months=cpr.term_months,
        amortisation=Amortisation(cpr.amortisation),
    )
