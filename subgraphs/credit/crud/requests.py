"""Credit requests, their steps and decisions."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, bindparam, func, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.credit.models import OPEN_STATUSES, CreditRequest, Decision, RequestStatus, RequestStep
from subgraphs.shared.graphql.paging import PageRequest
from subgraphs.shared.reading import Reader
from subgraphs.shared.statements import is_any_of


async def lock_farmer(session: AsyncSession, farmer_id: UUID) -> None:
    """Let the requests of one farmer go one after the other, until the transaction ends."""
    await session.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": f"farmer {farmer_id}"}
    )


async def find_open_request(session: AsyncSession, farmer_id: UUID) -> CreditRequest | None:
    return await session.scalar(
        select(CreditRequest).where(CreditRequest.farmer_id == farmer_id, CreditRequest.status.in_(OPEN_STATUSES))
    )


async def find_request(session: AsyncSession, request_id: UUID) -> CreditRequest | None:
    return await session.get(CreditRequest, request_id)


async def get_request(session: AsyncSession, request_id: UUID) -> CreditRequest:
    return await session.get_one(CreditRequest, request_id)


async def lock_request(session: AsyncSession, request_id: UUID) -> CreditRequest | None:
    return await session.scalar(select(CreditRequest).where(CreditRequest.id == request_id).with_for_update())


async def lock_unscored(session: AsyncSession, *, since: datetime) -> Sequence[CreditRequest]:
    """Requests whose scoring was asked for before *since* and has not come, without those being worked on."""
    statement = (
        select(CreditRequest)
        .where(
            CreditRequest.status.in_((RequestStatus.SUBMITTED, RequestStatus.SCORING)),
            CreditRequest.scoring_asked_at < since,
        )
        .order_by(CreditRequest.id)
        .limit(200)
        .with_for_update(skip_locked=True)
    )
    return (await session.scalars(statement)).all()


_BY_ID = select(CreditRequest).where(is_any_of(CreditRequest.id, "ids"))


async def list_requests(session: Reader, request_ids: Sequence[UUID]) -> Sequence[CreditRequest]:
    return (await session.scalars(_BY_ID, {"ids": request_ids})).all()


def _newest_of_each(*conditions: ColumnElement[bool]) -> Select[CreditRequest]:
    place = func.row_number().over(
        partition_by=CreditRequest.farmer_id, order_by=(CreditRequest.submitted_at.desc(), CreditRequest.id.desc())
    )
    is_theirs = is_any_of(CreditRequest.farmer_id, "farmer_ids")
    found = select(CreditRequest.id, place.label("place")).where(is_theirs, *conditions).subquery()
    return (
        select(CreditRequest)
        .join(found, found.c.id == CreditRequest.id)
        .where(found.c.place <= bindparam("limit"))
        .order_by(CreditRequest.farmer_id, found.c.place)
    )


_FIRST_PAGE_OF_EACH = _newest_of_each()


async def list_requests_of(session: Reader, farmer_ids: Sequence[UUID], page: PageRequest) -> Sequence[CreditRequest]:
    """Each farmer's newest requests, one page (and one more) per farmer, in one statement."""
    statement = _FIRST_PAGE_OF_EACH
    if page.place:
        statement = _newest_of_each(tuple_(CreditRequest.submitted_at, CreditRequest.id) < page.place)
    return (await session.scalars(statement, {"farmer_ids": farmer_ids, "limit": page.limit})).all()


_QUEUE = select(CreditRequest).order_by(CreditRequest.submitted_at, CreditRequest.id).limit(bindparam("limit"))
_QUEUE_OF_STATUS = _QUEUE.where(CreditRequest.status == bindparam("status"))


async def list_queue(session: Reader, status: RequestStatus | None, page: PageRequest) -> Sequence[CreditRequest]:
    """Requests for the analyst, the longest waiting first."""
    statement = _QUEUE_OF_STATUS if status else _QUEUE
    if page.place:
        statement = statement.where(tuple_(CreditRequest.submitted_at, CreditRequest.id) > page.place)
    return (await session.scalars(statement, {"status": status, "limit": page.limit})).all()


_STEPS = select(RequestStep).where(is_any_of(RequestStep.credit_request_id, "request_ids")).order_by(RequestStep.id)


async def list_steps(session: Reader, request_ids: Sequence[UUID]) -> Sequence[RequestStep]:
    return (await session.scalars(_STEPS, {"request_ids": request_ids})).all()


_DECISIONS = select(Decision).where(is_any_of(Decision.credit_request_id, "request_ids"))


async def list_decisions(session: Reader, request_ids: Sequence[UUID]) -> Sequence[Decision]:
    return (await session.scalars(_DECISIONS, {"request_ids": request_ids})).all()


_DECIDED = (
    select(CreditRequest.farmer_id, CreditRequest.status, func.count())
    .where(is_any_of(CreditRequest.farmer_id, "farmer_ids"), CreditRequest.decided_at.is_not(None))
    .group_by(CreditRequest.farmer_id, CreditRequest.status)
)


async def count_decided_requests(session: Reader, farmer_ids: Sequence[UUID]) -> dict[tuple[UUID, str], int]:
    """How many requests of each farmer ended in which way."""
    rows = await session.execute(_DECIDED, {"farmer_ids": farmer_ids})
    return {(farmer_id, status): count for farmer_id, status, count in rows}
