"""Renegotiations, the schedules that they propose, and the holders who vote on them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import bindparam, func, or_, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.contracts.crud.cprs import NOT_PAID
from subgraphs.contracts.models import (
    CPR,
    OPEN_RENEGOTIATIONS,
    UNDER_REPAYMENT,
    Installment,
    InstallmentStatus,
    RenegotiatedInstallment,
    Renegotiation,
    RenegotiationPolicy,
    RenegotiationStatus,
    RenegotiationVoter,
)
from subgraphs.shared.clock import business_date
from subgraphs.shared.graphql.paging import PageRequest
from subgraphs.shared.reading import Reader
from subgraphs.shared.statements import is_any_of

_POLICY = (
    select(RenegotiationPolicy)
    .where(RenegotiationPolicy.effective_from <= bindparam("day"))
    .order_by(RenegotiationPolicy.effective_from.desc())
    .limit(1)
)


async def get_policy(session: Reader, day: date) -> RenegotiationPolicy:
    """The policy in force on *day*. Raises NoResultFound before the first one."""
    return (await session.scalars(_POLICY, {"day": day})).one()


async def find_renegotiation(session: AsyncSession, renegotiation_id: UUID) -> Renegotiation | None:
    """Read anew: whoever decides about one has locked its CPR."""
    return await session.get(Renegotiation, renegotiation_id, populate_existing=True)


async def find_open(session: AsyncSession, cpr_id: UUID) -> Renegotiation | None:
    return await session.scalar(
        select(Renegotiation).where(Renegotiation.cpr_id == cpr_id, Renegotiation.status.in_(OPEN_RENEGOTIATIONS))
    )


async def find_last_in_force(session: AsyncSession, cpr_id: UUID) -> Renegotiation | None:
    """The one whose schedule is the CPR's now; None while that is the one that was signed."""
    return await session.scalar(
        select(Renegotiation)
        .where(Renegotiation.cpr_id == cpr_id, Renegotiation.status == RenegotiationStatus.IN_FORCE)
        .order_by(Renegotiation.schedule_version.desc())
        .limit(1)
    )


_VOTED_UNTIL = func.coalesce(
    Renegotiation.consent_until, Renegotiation.answered_at + func.make_interval(0, 0, 0, Renegotiation.consent_days)
)
"""`Renegotiation.voted_until`, in SQL."""


async def list_open_since(session: AsyncSession, now: datetime) -> Sequence[UUID]:
    """Those whose time to be answered or voted on is over."""
    statement = (
        select(Renegotiation.id)
        .where(
            or_(
                (Renegotiation.status == RenegotiationStatus.PROPOSED) & (Renegotiation.answer_until <= now),
                (Renegotiation.status == RenegotiationStatus.VOTING) & (now >= _VOTED_UNTIL),
            )
        )
        .order_by(Renegotiation.id)
        .limit(500)
    )
    return (await session.scalars(statement)).all()


async def is_proposed(session: AsyncSession, installment_id: UUID) -> bool:
    return await session.get(RenegotiatedInstallment, installment_id) is not None


_BY_ID = select(Renegotiation).where(is_any_of(Renegotiation.id, "ids"))


async def list_renegotiations(session: Reader, ids: Sequence[UUID]) -> Sequence[Renegotiation]:
    return (await session.scalars(_BY_ID, {"ids": ids})).all()


_IN_FORCE = (
    select(Renegotiation)
    .where(is_any_of(Renegotiation.cpr_id, "cpr_ids"), Renegotiation.status == RenegotiationStatus.IN_FORCE)
    .order_by(Renegotiation.cpr_id, Renegotiation.schedule_version)
)


async def list_in_force(session: Reader, cpr_ids: Sequence[UUID]) -> Sequence[Renegotiation]:
    """Of each CPR those that brought a schedule, by its version."""
    return (await session.scalars(_IN_FORCE, {"cpr_ids": cpr_ids})).all()


_SEEN_BY = (
    select(
        Renegotiation.id,
        func.row_number()
        .over(partition_by=Renegotiation.cpr_id, order_by=(Renegotiation.proposed_at.desc(), Renegotiation.id.desc()))
        .label("place"),
    )
    .where(
        is_any_of(Renegotiation.cpr_id, "cpr_ids"),
        or_(
            bindparam("sees_all"),
            Renegotiation.farmer_id == bindparam("person_id"),
            select(RenegotiationVoter.investor_id)
            .where(
                RenegotiationVoter.renegotiation_id == Renegotiation.id,
                RenegotiationVoter.investor_id == bindparam("person_id"),
            )
            .exists(),
        ),
    )
    .subquery()
)
_NEWEST_SEEN = (
    select(Renegotiation)
    .join(_SEEN_BY, _SEEN_BY.c.id == Renegotiation.id)
    .where(_SEEN_BY.c.place <= bindparam("limit"))
    .order_by(Renegotiation.cpr_id, Renegotiation.proposed_at.desc(), Renegotiation.id.desc())
)


async def list_newest_seen(
    session: Reader, cpr_ids: Sequence[UUID], person_id: UUID, *, sees_all: bool, limit: int
) -> Sequence[Renegotiation]:
    """Of each CPR the newest *limit* that a person may see, the newest first."""
    values = {"cpr_ids": cpr_ids, "person_id": person_id, "sees_all": sees_all, "limit": limit}
    return (await session.scalars(_NEWEST_SEEN, values)).all()


_LINES = (
    select(RenegotiatedInstallment)
    .where(is_any_of(RenegotiatedInstallment.renegotiation_id, "ids"))
    .order_by(RenegotiatedInstallment.renegotiation_id, RenegotiatedInstallment.number)
)


async def list_lines(session: Reader, ids: Collection[UUID]) -> Sequence[RenegotiatedInstallment]:
    """The installments that each proposes, in order."""
    return (await session.scalars(_LINES, {"ids": list(ids)})).all()


async def add_voters(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> None:
    """Put holders on the roll; those who are on it stay as they are."""
    await session.execute(insert(RenegotiationVoter).values(list(rows)).on_conflict_do_nothing())


async def lock_voter(session: AsyncSession, renegotiation_id: UUID, investor_id: UUID) -> RenegotiationVoter | None:
    return await session.get(
        RenegotiationVoter, (renegotiation_id, investor_id), with_for_update=True, populate_existing=True
    )


class Votes(NamedTuple):
    """In quotas."""

    on_roll: int
    entitled: int
    """Those of who is not related to the borrower."""
    consenting: int
    refusing: int


_VOTES = (
    select(
        RenegotiationVoter.renegotiation_id,
        func.sum(RenegotiationVoter.quota_count),
        func.coalesce(func.sum(RenegotiationVoter.quota_count).filter(RenegotiationVoter.is_related.is_(False)), 0),
        func.coalesce(func.sum(RenegotiationVoter.quota_count).filter(RenegotiationVoter.consents.is_(True)), 0),
        func.coalesce(func.sum(RenegotiationVoter.quota_count).filter(RenegotiationVoter.consents.is_(False)), 0),
    )
    .where(is_any_of(RenegotiationVoter.renegotiation_id, "ids"))
    .group_by(RenegotiationVoter.renegotiation_id)
)


async def count_votes(session: Reader, ids: Sequence[UUID]) -> dict[UUID, Votes]:
    """By renegotiation; without those of no roll."""
    rows = await session.execute(_VOTES, {"ids": ids})
    return {row[0]: Votes(*(int(count) for count in row[1:])) for row in rows}


_VOTES_OF = select(RenegotiationVoter).where(
    is_any_of(RenegotiationVoter.renegotiation_id, "ids"), RenegotiationVoter.investor_id == bindparam("investor_id")
)


async def list_votes_of(session: Reader, ids: Sequence[UUID], investor_id: UUID) -> dict[UUID, RenegotiationVoter]:
    """By renegotiation, one person's place on the rolls."""
    found = await session.scalars(_VOTES_OF, {"ids": ids, "investor_id": investor_id})
    return {row.renegotiation_id: row for row in found}


_OLDEST_DUE = (
    select(Installment.cpr_id, func.min(Installment.due_on).label("due_on"))
    .where(
        NOT_PAID,
        Installment.status.in_((InstallmentStatus.SCHEDULED, InstallmentStatus.LATE)),
        Installment.due_on <= bindparam("last_day"),
    )
    .group_by(Installment.cpr_id)
    .subquery()
)
_QUEUE = (
    select(CPR, _OLDEST_DUE.c.due_on)
    .join(_OLDEST_DUE, _OLDEST_DUE.c.cpr_id == CPR.id)
    .where(CPR.status.in_(UNDER_REPAYMENT))
    .order_by(_OLDEST_DUE.c.due_on, CPR.id)
    .limit(bindparam("limit"))
)
_QUEUE_ON = _QUEUE.where(
    tuple_(_OLDEST_DUE.c.due_on, CPR.id)
    > tuple_(bindparam("after_day", type_=Installment.due_on.type), bindparam("after_id", type_=CPR.id.type))
)


async def list_queue(session: Reader, page: PageRequest, *, last_day: date) -> Sequence[tuple[CPR, date]]:
    """CPRs under repayment with an installment unpaid since *last_day* or longer, the longest first, and its date."""
    values: dict[str, Any] = {"last_day": last_day, "limit": page.limit}
    statement = _QUEUE
    if page.after:
        statement = _QUEUE_ON
        values |= {"after_day": business_date(page.after.at), "after_id": page.after.id}
    return [(row[0], row[1]) for row in await session.execute(statement, values)]
