"""SQL on who may act for a company."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.accounts.models import Representation, User
from subgraphs.shared.reading import Reader
from subgraphs.shared.statements import is_any_of


async def find_open(session: Reader, *, company_id: UUID, person_id: UUID) -> Representation | None:
    """The one that nobody has ended, whether or not it is in force today."""
    found: Representation | None = await session.scalar(
        select(Representation).where(
            Representation.company_id == company_id,
            Representation.person_id == person_id,
            Representation.ended_at.is_(None),
        )
    )
    return found


async def find_representation(session: Reader, representation_id: UUID) -> Representation | None:
    return await session.get(Representation, representation_id)


async def list_open(session: Reader, company_id: UUID) -> Sequence[Representation]:
    """Those of a company that nobody has ended, the earliest first."""
    statement = (
        select(Representation)
        .where(Representation.company_id == company_id, Representation.ended_at.is_(None))
        .order_by(Representation.appointed_at, Representation.id)
    )
    return (await session.scalars(statement)).all()


async def list_of_companies(session: Reader, company_ids: Iterable[UUID]) -> Sequence[Representation]:
    """All there ever were, the earliest first."""
    statement = (
        select(Representation)
        .where(is_any_of(Representation.company_id, "company_ids"))
        .order_by(Representation.appointed_at, Representation.id)
    )
    return (await session.scalars(statement, {"company_ids": list(company_ids)})).all()


async def list_of_people(session: Reader, person_ids: Iterable[UUID]) -> Sequence[Representation]:
    """Those that nobody has ended, the earliest first."""
    statement = (
        select(Representation)
        .where(is_any_of(Representation.person_id, "person_ids"), Representation.ended_at.is_(None))
        .order_by(Representation.appointed_at, Representation.id)
    )
    return (await session.scalars(statement, {"person_ids": list(person_ids)})).all()


async def list_changed_since(session: Reader, company_id: UUID, since: datetime) -> Sequence[Representation]:
    """Those appointed or ended from *since* on, the earliest first."""
    statement = (
        select(Representation)
        .where(
            Representation.company_id == company_id,
            or_(Representation.appointed_at >= since, Representation.ended_at >= since),
        )
        .order_by(Representation.appointed_at, Representation.id)
    )
    return (await session.scalars(statement)).all()


async def list_people_of(session: Reader, company_ids: Iterable[UUID], *, on: date) -> Sequence[tuple[UUID, User]]:
    """Who may act for each company on a day, the earliest appointed first."""
    statement = (
        select(Representation.company_id, User)
        .join(User, User.id == Representation.person_id)
        .where(
            is_any_of(Representation.company_id, "company_ids"),
            _holds_on(on),
            User.closed_at.is_(None),
        )
        .order_by(Representation.appointed_at, Representation.id)
    )
    found = await session.execute(statement, {"company_ids": list(company_ids)})
    return [(company_id, user) for company_id, user in found.all()]


async def may_act(session: Reader, *, company_id: UUID, person_id: UUID, on: date) -> bool:
    """Whether the person represents the company today, and the company is neither suspended nor gone."""
    statement = (
        select(Representation.id)
        .join(User, User.id == Representation.company_id)
        .where(
            Representation.company_id == company_id,
            Representation.person_id == person_id,
            _holds_on(on),
            User.suspended_at.is_(None),
            User.closed_at.is_(None),
        )
    )
    return await session.scalar(statement) is not None


async def end_all_of(session: AsyncSession, user_id: UUID, *, by: UUID, now: datetime) -> None:
    """Nobody acts for a company any more, nor a person for any."""
    await session.execute(
        update(Representation)
        .where(
            or_(Representation.company_id == user_id, Representation.person_id == user_id),
            Representation.ended_at.is_(None),
        )
        .values(ended_at=now, ended_by=by)
    )


def _holds_on(day: date) -> ColumnElement[bool]:
    """`Representation.holds_on`, in SQL."""
    has_not_run_out = or_(Representation.valid_until.is_(None), Representation.valid_until >= day)
    return and_(Representation.ended_at.is_(None), Representation.valid_from <= day, has_not_run_out)
