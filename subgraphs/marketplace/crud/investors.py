"""Investors, and what each has committed."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Numeric, Subquery, cast, func, literal_column, select, union_all
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.marketplace import models
from subgraphs.marketplace.models import (
    Investment,
    Investor,
    Offering,
    QuotaPosition,
    QuotaPurchase,
)
from subgraphs.shared.person_kind import PersonKind
from subgraphs.shared.statements import is_any_of, rows_of


@dataclass(frozen=True)
class Committed:
    """What a person has at stake: open positions, and what waits for the wallet."""

    portfolio_minor: int
    borrower_minor: int
    """The part of it with one farmer."""
    cpr_minor: int
    """The part of it in one CPR."""


async def keep_verified(session: AsyncSession, user_id: UUID, at: datetime, *, person: PersonKind) -> None:
    """Know that a person's identity is verified, since the first time that it was, and what the law sees in them."""
    statement = insert(Investor).values(user_id=user_id, verified_at=at, person=person)
    first = func.least(Investor.verified_at, statement.excluded.verified_at)
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=[Investor.user_id], set_={"verified_at": first, "person": statement.excluded.person}
        )
    )


async def get_person(session: AsyncSession, user_id: UUID) -> PersonKind:
    """What the tax law sees in a verified investor. Raises NoResultFound for nobody known."""
    return PersonKind((await session.scalars(select(Investor.person).where(Investor.user_id == user_id))).one())


_PEOPLE = select(Investor.user_id, Investor.person).where(is_any_of(Investor.user_id, "user_ids"))


async def list_people(session: AsyncSession, user_ids: Collection[UUID]) -> dict[UUID, PersonKind]:
    """What the tax law sees in verified investors, by their ids."""
    rows = await session.execute(_PEOPLE, {"user_ids": list(user_ids)})
    return {user_id: PersonKind(person) for user_id, person in rows}


async def find_person(session: AsyncSession, user_id: UUID) -> PersonKind | None:
    """What the tax law sees in somebody, once their identity is verified."""
    person = await session.scalar(select(Investor.person).where(Investor.user_id == user_id))
    return PersonKind(person) if person else None


async def lock_investor(session: AsyncSession, user_id: UUID) -> models.Investor | None:
    """The verified person, locked until the transaction ends; None when the identity is not verified."""
    return await session.get(Investor, user_id, with_for_update=True)


_LOCK_INVESTORS = (
    select(Investor.user_id).where(is_any_of(Investor.user_id, "user_ids")).order_by(Investor.user_id).with_for_update()
)


async def lock_investors(session: AsyncSession, user_ids: Collection[UUID]) -> Sequence[UUID]:
    """Those whose identity is verified, locked until the transaction ends, in the order of their ids."""
    return (await session.scalars(_LOCK_INVESTORS, {"user_ids": list(user_ids)})).all()


def _at_stake() -> Subquery:
    """What people have at stake, a row for each investment, position and purchase."""
    pending = select(
        Investment.investor_id.label("user_id"), Investment.farmer_id, Investment.cpr_id, Investment.amount_minor
    ).where(is_any_of(Investment.investor_id, "user_ids"), Investment.status == literal_column("'PENDING'"))
    price = Offering.quota_price_minor
    asked_for = (
        select(
            QuotaPurchase.buyer_id,
            QuotaPurchase.farmer_id,
            QuotaPurchase.cpr_id,
            func.greatest(QuotaPurchase.amount_minor, QuotaPurchase.quota_count * price),
        )
        .join(Offering, Offering.cpr_id == QuotaPurchase.cpr_id)
        .where(is_any_of(QuotaPurchase.buyer_id, "user_ids"), QuotaPurchase.status == literal_column("'PENDING'"))
    )
    left = QuotaPosition.quota_count - QuotaPosition.sold_quotas
    # Rounded up: a limit is not passed by parts of a cent.
    at_cost = func.ceil(cast(QuotaPosition.amount_minor, Numeric) * left / QuotaPosition.quota_count)
    held = (
        select(
            QuotaPosition.investor_id,
            QuotaPosition.farmer_id,
            QuotaPosition.cpr_id,
            func.greatest(at_cost, left * price),
        )
        .join(Offering, Offering.id == QuotaPosition.offering_id)
        .where(is_any_of(QuotaPosition.investor_id, "user_ids"), QuotaPosition.valid_to.is_(None))
    )
    return union_all(pending, asked_for, held).subquery()


_STAKES = _at_stake()
_ASKED = rows_of(Investor.user_id, Investment.farmer_id, Investment.cpr_id)
_AMOUNT = _STAKES.c.amount_minor
_COMMITTED = (
    select(
        _ASKED.c.user_id,
        func.sum(_AMOUNT),
        func.coalesce(func.sum(_AMOUNT).filter(_STAKES.c.farmer_id == _ASKED.c.farmer_id), 0),
        func.coalesce(func.sum(_AMOUNT).filter(_STAKES.c.cpr_id == _ASKED.c.cpr_id), 0),
    )
    .join(_STAKES, _STAKES.c.user_id == _ASKED.c.user_id)
    .group_by(_ASKED.c.user_id)
)


async def list_committed(session: AsyncSession, asked: Mapping[UUID, tuple[UUID, UUID]]) -> dict[UUID, Committed]:
    """
    What each of these people has at stake: in all, with the farmer and in the CPR that are *asked* for them.

    Quotas count as what was paid for them or what was lent for them, whichever is more: two people who sold each other
    theirs for a cent would otherwise have their limits back.
    """
    people = list(asked)
    values = {
        "user_ids": people,
        "user_id": people,
        "farmer_id": [farmer_id for farmer_id, _ in asked.values()],
        "cpr_id": [cpr_id for _, cpr_id in asked.values()],
    }
    found = {user_id: Committed(*map(int, sums)) for user_id, *sums in await session.execute(_COMMITTED, values)}
    return dict.fromkeys(people, Committed(0, 0, 0)) | found
