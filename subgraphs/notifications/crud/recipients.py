"""Whom we know."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.notifications.models import Recipient


async def add_recipient(
    session: AsyncSession, *, user_id: UUID, display_name: str, email: str, phone: str | None
) -> None:
    """A person who is there already stays: an account that was closed meanwhile must not get its address back."""
    values = {"user_id": user_id, "display_name": display_name, "email": email, "phone": phone}
    await session.execute(insert(Recipient).values(**values).on_conflict_do_nothing())


async def change_recipient(
    session: AsyncSession, *, user_id: UUID, display_name: str, email: str, phone: str | None
) -> None:
    """The newest address, also of a person not heard of yet; a closed account keeps none."""
    values = {"display_name": display_name, "email": email, "phone": phone}
    statement = insert(Recipient).values(user_id=user_id, **values)
    statement = statement.on_conflict_do_update(
        index_elements=[Recipient.user_id], set_=values, where=Recipient.closed_at.is_(None)
    )
    await session.execute(statement)


async def forget_recipient(session: AsyncSession, user_id: UUID, *, now: datetime) -> None:
    statement = insert(Recipient).values(user_id=user_id, display_name="", closed_at=now)
    erased = {"display_name": "", "email": None, "phone": None, "closed_at": now}
    await session.execute(statement.on_conflict_do_update(index_elements=[Recipient.user_id], set_=erased))


async def list_recipients(session: AsyncSession, user_ids: Collection[UUID]) -> Sequence[Recipient]:
    return (await session.scalars(select(Recipient).where(Recipient.user_id.in_(user_ids)))).all()
