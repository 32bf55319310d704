"""From a request and the bureau's report to an AgroScore."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.credit.crud import documents, read_models, scores
from subgraphs.credit.crud import requests as rows
from subgraphs.credit.domain.consents import TO_ASK_THE_BUREAU
from subgraphs.credit.domain.requests import add_step
from subgraphs.credit.domain.scorecard import Scorecard, Value, compute_score, load_scorecard
from subgraphs.credit.models import AgroScore, CreditRequest, RequestStatus, ScoreFactor
from subgraphs.credit.ports.bureau import BureauReport, BureauSubject
from subgraphs.credit.schemas import events
from subgraphs.shared.clock import business_date
from subgraphs.shared.consents import asking
from subgraphs.shared.ids import new_id
from subgraphs.shared.jobs import all_or_one_by_one
from subgraphs.shared.messaging import outbox
from subgraphs.shared.reading import Reader

RATIO_MAX = Decimal(99)
"""Stands for "no revenue at all", where a ratio has no value."""

REPORT = TypeAdapter(BureauReport)
"""Reports to and from the JSON that a score keeps."""

RATIO_PLACES = Decimal("0.00001")


@dataclass(frozen=True, kw_only=True)
class ScoringStart:
    """What a scoring begins with."""

    farmer_id: UUID
    report: BureauReport | None
    """The bureau's report that is there already and fresh enough: reports cost money, and are about somebody."""

    def fitting_report(self, subject: BureauSubject) -> BureauReport | None:
        """The report there is, unless the bureau would know more of *subject* by now."""
        return self.report if self.report and self.report.about_cpf == (subject.tax_id is not None) else None


async def start_scoring(
    session: AsyncSession, request_id: UUID, *, again: bool, report_age_max: timedelta, now: datetime
) -> ScoringStart | None:
    """
    Mark a request as being scored, or as being scored *again* when it has a score already.

    None when there is nothing to score: a decided request keeps the score it was decided on.
    """
    request = await rows.lock_request(session, request_id)
    if request is None or not request.is_open or (request.status == RequestStatus.IN_ANALYSIS and not again):
        return None
    if request.status != RequestStatus.SCORING:
        add_step(session, request, RequestStatus.SCORING, now=now)
    request.scoring_asked_at = now
    report = None
    if request.score_id is not None:
        earlier = REPORT.validate_python((await scores.get_score(session, request.score_id)).bureau_report)
        report = earlier if now - earlier.reported_at < report_age_max else None
    return ScoringStart(farmer_id=request.farmer_id, report=report)


async def ask_again_for_overdue_scores(session: AsyncSession, *, since: datetime, now: datetime) -> int:
    """
    Set the scoring of requests in motion again that has not come since *since*; how many.

    The message that asked for it has used up its attempts by then: a bureau may be away for longer than that.
    """
    overdue = await rows.lock_unscored(session, since=since)

    async def ask_again(some: Sequence[CreditRequest]) -> None:
        for request in some:
            request.scoring_asked_at = now
            asked = events.ScoringOverdue(credit_request_id=request.id, farmer_id=request.farmer_id)
            outbox.record(session, asked, occurred_at=now)

    return await all_or_one_by_one(
        session, "ask_again_for_overdue_scores", overdue, ask_again, name=lambda request: request.id
    )


async def may_ask_bureau(session: Reader, farmer_id: UUID, *, now: datetime) -> bool:
    """Whether the farmer lets the bureau be asked about them today."""
    return not await asking.list_missing(session, [farmer_id], TO_ASK_THE_BUREAU, today=business_date(now))


async def go_on_scoring(session: AsyncSession, farmer_id: UUID, *, now: datetime) -> None:
    """Set a request in motion again that waits for the farmer's consent, which has just come."""
    request = await rows.find_open_request(session, farmer_id)
    if request is not None and request.status == RequestStatus.SCORING:
        asked = events.ScoringOverdue(credit_request_id=request.id, farmer_id=farmer_id)
        outbox.record(session, asked, occurred_at=now)


async def record_score(
    session: AsyncSession, request_id: UUID, *, report: BureauReport, now: datetime
) -> AgroScore | None:
    """
    Score a request with the model in force today and hand it to the analyst.

    The newest score is the one that counts; earlier ones stay as they were. None when the request was decided
    meanwhile.
    """
    request = await rows.lock_request(session, request_id)
    if request is None or request.status != RequestStatus.SCORING:
        return None
    scorecard = load_scorecard(await scores.get_model_version(session, business_date(now)))
    features = features_of(
        request,
        report,
        scorecard=scorecard,
        document_kinds=len(await documents.list_document_kinds(session, request.id)),
        settled_cprs=await read_models.count_settled(session, request.farmer_id),
    )
    result = compute_score(scorecard, features)
    score = AgroScore(
        id=new_id(),
        credit_request_id=request.id,
        farmer_id=request.farmer_id,
        model_version=result.version,
        base_points=result.base_points,
        score=result.score,
        grade=result.grade,
        inputs={name: str(value) for name, value in features.items()},
        bureau_report=REPORT.dump_python(report, mode="json"),
        scored_at=now,
    )
    session.add(score)
    await session.flush()
    session.add_all(
        ScoreFactor(score_id=score.id, position=position, **asdict(factor))
        for position, factor in enumerate(result.factors, start=1)
    )
    request.score_id, request.scored_at = score.id, now
    add_step(session, request, RequestStatus.IN_ANALYSIS, now=now)
    scored = events.RequestScored(
        credit_request_id=request.id,
        farmer_id=request.farmer_id,
        score_id=score.id,
        score=score.score,
        grade=score.grade,
    )
    outbox.record(session, scored, occurred_at=now)
    return score


def features_of(
    request: CreditRequest,
    report: BureauReport,
    *,
    scorecard: Scorecard,
    document_kinds: int,
    settled_cprs: int,
) -> Mapping[str, Value]:
    """What the model looks at, by name."""
    amount, revenue = Decimal(request.amount_minor), Decimal(request.last_cycle_revenue_minor)
    cost_minor = scorecard.cost_per_hectare[request.crop] * 100
    return {
        "bureau_score": Decimal(report.score),
        "negative_records": Decimal(report.negative_records),
        "amount_to_revenue": _ratio(amount, revenue),
        "debt_to_revenue": _ratio(amount + report.open_debt_minor, revenue),
        "area_use": _ratio(amount, request.hectares * cost_minor),
        "land_tenure": str(request.land_tenure),
        "certifications": Decimal(len(request.certifications)),
        "document_kinds": Decimal(document_kinds),
        "years_active": Decimal(report.years_active),
        "settled_cprs": Decimal(settled_cprs),
    }


def _ratio(part: Decimal, whole: Decimal) -> Decimal:
    return min((part / whole).quantize(RATIO_PLACES), RATIO_MAX) if whole else RATIO_MAX
