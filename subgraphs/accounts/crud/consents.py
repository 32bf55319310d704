"""SQL on texts that people agree to, and on who did."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, select, tuple_
from sqlalchemy.dialects.postgresql import distinct_on, insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from subgraphs.accounts.models import Consent, ConsentAct, ConsentNotice, ConsentText, User
from subgraphs.shared.reading import Reader
from subgraphs.shared.statements import is_any_of
from subgraphs.shared.vocabulary import ConsentPurpose

_TEXTS = select(ConsentText).order_by(ConsentText.purpose, ConsentText.version)


async def list_texts(session: Reader) -> Sequence[ConsentText]:
    """All there have been and those to come, the earliest of each purpose first."""
    return (await session.scalars(_TEXTS)).all()


_NEWEST = (
    select(Consent)
    .where(is_any_of(Consent.user_id, "user_ids"))
    .ext(distinct_on(Consent.user_id, Consent.purpose))
    .order_by(Consent.user_id, Consent.purpose, Consent.place.desc())
)


async def list_newest(session: Reader, user_ids: Sequence[UUID]) -> Sequence[Consent]:
    """What counts of people: the last one of each purpose."""
    return (await session.scalars(_NEWEST, {"user_ids": list(user_ids)})).all()


async def list_of_user(
    session: Reader, user_id: UUID, *, before: tuple[datetime, UUID] | None, limit: int
) -> Sequence[Consent]:
    """All that the person has ever said, the newest first."""
    statement = select(Consent).where(Consent.user_id == user_id).order_by(Consent.at.desc(), Consent.id.desc())
    if before is not None:
        statement = statement.where(tuple_(Consent.at, Consent.id) < before)
    return (await session.scalars(statement.limit(limit))).all()


async def lock_untold(session: AsyncSession, text: ConsentText, *, limit: int) -> Sequence[UUID]:
    """People who have agreed to an earlier version than *text*, and whom nobody has told of it."""
    later = aliased(Consent)
    statement = (
        select(User.id)
        .join(Consent, Consent.user_id == User.id)
        .where(
            Consent.purpose == text.purpose,
            Consent.version < text.version,
            Consent.act == ConsentAct.GIVEN,
            User.closed_at.is_(None),
            ~exists().where(
                later.user_id == Consent.user_id, later.purpose == Consent.purpose, later.place > Consent.place
            ),
            ~exists().where(
                ConsentNotice.user_id == Consent.user_id,
                ConsentNotice.purpose == text.purpose,
                ConsentNotice.version == text.version,
            ),
        )
        .order_by(User.id)
        .limit(limit)
        # Nobody is kept waiting, and two that do the same share the work.
        .with_for_update(of=User, skip_locked=True, key_share=True)
    )
    return (await session.scalars(statement)).all()


async def add_notices(
    session: AsyncSession, user_ids: Sequence[UUID], *, purpose: ConsentPurpose, version: int, now: datetime
) -> Sequence[UUID]:
    """Note that these are told of a text; those who were not, in the moment in which they were found either."""
    rows = [{"user_id": user_id, "purpose": purpose, "version": version, "told_at": now} for user_id in user_ids]
    added = insert(ConsentNotice).values(rows).on_conflict_do_nothing().returning(ConsentNotice.user_id)
    return (await session.scalars(added)).all()
