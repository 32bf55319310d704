"""What credit keeps of other domains' facts."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.credit.models import AgroScore, Applicant, CPRGrading, RepaymentRecord
from subgraphs.shared.messaging.event import Event
from subgraphs.shared.messaging.read_models import put_newest
from subgraphs.shared.reading import Reader
from subgraphs.shared.statements import is_any_of


async def find_applicant(session: AsyncSession, user_id: UUID) -> Applicant | None:
    return await session.get(Applicant, user_id)


_APPLICANTS = select(Applicant).where(is_any_of(Applicant.user_id, "user_ids"))


async def list_applicants(session: Reader, user_ids: Sequence[UUID]) -> Sequence[Applicant]:
    return (await session.scalars(_APPLICANTS, {"user_ids": user_ids})).all()


async def put_verified_applicant(session: AsyncSession, *, user_id: UUID, event: Event) -> None:
    values = {"verified_at": event.time, "closed_at": None}
    await put_newest(session, Applicant, {"user_id": user_id}, values, event=event)


async def put_closed_applicant(session: AsyncSession, *, user_id: UUID, event: Event) -> None:
    values = {"verified_at": None, "closed_at": event.time}
    await put_newest(session, Applicant, {"user_id": user_id}, values, event=event)


async def put_repayment(
    session: AsyncSession,
    *,
    cpr_id: UUID,
    farmer_id: UUID,
    defaulted_at: datetime | None = None,
    recovered_at: datetime | None = None,
    settled_at: datetime | None = None,
    renegotiated_at: datetime | None = None,
) -> None:
    """Note how a CPR went. The facts may come in any order; of each kind the latest counts."""
    instants = {
        "defaulted_at": defaulted_at,
        "recovered_at": recovered_at,
        "settled_at": settled_at,
        "renegotiated_at": renegotiated_at,
    }
    statement = insert(RepaymentRecord).values(cpr_id=cpr_id, farmer_id=farmer_id, **instants)
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=[RepaymentRecord.cpr_id],
            # PostgreSQL's greatest() passes over nulls.
            set_={name: func.greatest(getattr(RepaymentRecord, name), statement.excluded[name]) for name in instants},
        )
    )


async def find_arrears(session: AsyncSession, farmer_id: UUID) -> RepaymentRecord | None:
    """The farmer's CPR that has been in default for longest."""
    in_default = [row for row in await list_repayments(session, [farmer_id]) if row.is_in_default]
    return min(in_default, key=lambda row: (row.defaulted_at, row.cpr_id), default=None)


_REPAYMENTS = select(RepaymentRecord).where(is_any_of(RepaymentRecord.farmer_id, "farmer_ids"))


async def list_repayments(session: Reader, farmer_ids: Sequence[UUID]) -> Sequence[RepaymentRecord]:
    return (await session.scalars(_REPAYMENTS, {"farmer_ids": farmer_ids})).all()


async def count_settled(session: AsyncSession, farmer_id: UUID) -> int:
    """CPRs that the farmer repaid as they were signed, without ever being in default."""
    statement = select(func.count()).where(
        RepaymentRecord.farmer_id == farmer_id,
        RepaymentRecord.settled_at.is_not(None),
        RepaymentRecord.defaulted_at.is_(None),
        RepaymentRecord.renegotiated_at.is_(None),
    )
    return await session.scalar(statement) or 0


async def put_grading(
    session: AsyncSession,
    *,
    cpr_id: UUID,
    credit_request_id: UUID,
    farmer_id: UUID,
    score_id: UUID,
    registered_at: datetime | None = None,
) -> None:
    """Note which request a CPR comes from; drafted and registered may be heard in any order."""
    statement = insert(CPRGrading).values(
        cpr_id=cpr_id,
        credit_request_id=credit_request_id,
        farmer_id=farmer_id,
        score_id=score_id,
        registered_at=registered_at,
    )
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=[CPRGrading.cpr_id],
            set_={"registered_at": func.coalesce(CPRGrading.registered_at, statement.excluded.registered_at)},
        )
    )


_GRADINGS = (
    select(CPRGrading, AgroScore.grade)
    .join(AgroScore, AgroScore.id == CPRGrading.score_id)
    .where(is_any_of(CPRGrading.cpr_id, "cpr_ids"))
)


async def list_gradings(session: Reader, cpr_ids: Sequence[UUID]) -> Sequence[tuple[CPRGrading, str]]:
    """CPRs' gradings, each with its grade."""
    return [(row[0], row[1]) for row in await session.execute(_GRADINGS, {"cpr_ids": cpr_ids})]
