"""Offerings."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.marketplace.models import (
    CancelledCPR,
    Investment,
    InvestmentStatus,
    Offering,
    OfferingMilestone,
    OfferingStatus,
)
from subgraphs.shared.reading import Reader
from subgraphs.shared.statements import is_any_of
from subgraphs.shared.turns import Row


def offering_row(offering_id: UUID) -> Row:
    """The row that everybody wants while an offering is popular: transactions wait their turn at it."""
    return Row("offering", offering_id)


async def get_offering(session: AsyncSession, offering_id: UUID) -> Offering:
    return await session.get_one(Offering, offering_id)


async def lock_offering(session: AsyncSession, offering_id: UUID) -> Offering | None:
    return await session.get(Offering, offering_id, with_for_update=True, populate_existing=True)


_LOCK_ALL = (
    select(Offering)
    .where(is_any_of(Offering.id, "ids"))
    .order_by(Offering.id)
    .with_for_update()
    .execution_options(populate_existing=True)
)


async def lock_offerings(session: AsyncSession, offering_ids: Collection[UUID]) -> dict[UUID, Offering]:
    """Offerings by id, locked in the order of their ids."""
    return {offering.id: offering for offering in await session.scalars(_LOCK_ALL, {"ids": list(offering_ids)})}


async def lock_offering_of_cpr(session: AsyncSession, cpr_id: UUID) -> Offering | None:
    return await session.scalar(select(Offering).where(Offering.cpr_id == cpr_id).with_for_update())


async def find_offering_of_cpr(session: AsyncSession, cpr_id: UUID) -> Offering | None:
    return await session.scalar(select(Offering).where(Offering.cpr_id == cpr_id))


_BY_ID = select(Offering).where(is_any_of(Offering.id, "ids"))


async def list_offerings(session: Reader, offering_ids: Sequence[UUID]) -> Sequence[Offering]:
    return (await session.scalars(_BY_ID, {"ids": offering_ids})).all()


_OF_CPRS = select(Offering).where(is_any_of(Offering.cpr_id, "cpr_ids"))


async def list_offerings_of_cprs(session: Reader, cpr_ids: Sequence[UUID]) -> Sequence[Offering]:
    return (await session.scalars(_OF_CPRS, {"cpr_ids": cpr_ids})).all()


async def list_past_deadline(session: Reader, at: datetime) -> Sequence[UUID]:
    """Open offerings whose deadline has passed."""
    overdue = select(Offering.id).where(Offering.status == OfferingStatus.OPEN, Offering.closes_at <= at)
    return (await session.scalars(overdue.order_by(Offering.id))).all()


async def list_undecided(session: Reader, at: datetime) -> Sequence[UUID]:
    """Offerings whose farmer has let the time to decide pass."""
    undecided = select(Offering.id).where(Offering.status == OfferingStatus.EXPIRED_WAITING, Offering.decide_by <= at)
    return (await session.scalars(undecided.order_by(Offering.id))).all()


async def add_milestone(session: AsyncSession, offering_id: UUID, percent: int, at: datetime) -> bool:
    """Whether the milestone is reached for the first time."""
    statement = insert(OfferingMilestone).values(offering_id=offering_id, percent=percent, reached_at=at)
    added = await session.scalar(statement.on_conflict_do_nothing().returning(OfferingMilestone.percent))
    return added is not None


async def keep_cancelled_cpr(session: AsyncSession, cpr_id: UUID, at: datetime) -> None:
    await session.execute(insert(CancelledCPR).values(cpr_id=cpr_id, cancelled_at=at).on_conflict_do_nothing())


async def is_cancelled_cpr(session: AsyncSession, cpr_id: UUID) -> bool:
    return await session.get(CancelledCPR, cpr_id) is not None


_COUNTED = (
    select(
        Investment.offering_id,
        func.sum(Investment.quota_count).label("reserved"),
        func.sum(Investment.quota_count).filter(Investment.status != InvestmentStatus.PENDING).label("funded"),
    )
    .where(
        Investment.status.in_(
            (
                InvestmentStatus.PENDING,
                InvestmentStatus.CONFIRMED,
                InvestmentStatus.ACTIVE,
                InvestmentStatus.SETTLED,
            )
        ),
        Investment.offering_id > bindparam("after"),
        Investment.offering_id <= bindparam("last"),
    )
    .group_by(Investment.offering_id)
    .subquery()
)
_NOT_ADDING_UP = (
    select(Offering.id)
    .outerjoin(_COUNTED, _COUNTED.c.offering_id == Offering.id)
    .where(
        Offering.id > bindparam("after"),
        Offering.id <= bindparam("last"),
        or_(
            Offering.reserved_quotas != func.coalesce(_COUNTED.c.reserved, 0),
            Offering.funded_quotas != func.coalesce(_COUNTED.c.funded, 0),
        ),
    )
    .order_by(Offering.id)
)
_IDS_AFTER = select(Offering.id).where(Offering.id > bindparam("after")).order_by(Offering.id).limit(bindparam("limit"))


async def list_ids_after(session: Reader, after: UUID, *, limit: int) -> Sequence[UUID]:
    return (await session.scalars(_IDS_AFTER, {"after": after, "limit": limit})).all()


async def list_not_adding_up(session: Reader, *, after: UUID, last: UUID) -> Sequence[UUID]:
    """Offerings, by their ids from *after* to *last*, whose counters are not what their investments add up to."""
    return (await session.scalars(_NOT_ADDING_UP, {"after": after, "last": last})).all()


_INVESTORS = (
    select(Investment.offering_id, func.count(Investment.investor_id.distinct()))
    .where(
        is_any_of(Investment.offering_id, "offering_ids"),
        Investment.status.in_((InvestmentStatus.CONFIRMED, InvestmentStatus.ACTIVE, InvestmentStatus.SETTLED)),
    )
    .group_by(Investment.offering_id)
)


async def count_investors(session: Reader, offering_ids: Sequence[UUID]) -> dict[UUID, int]:
    """How many people have confirmed money in each offering."""
    return dict((await session.execute(_INVESTORS, {"offering_ids": offering_ids})).all())
