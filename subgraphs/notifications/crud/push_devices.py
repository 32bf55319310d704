"""Devices that push messages go to."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.notifications.models import PushDevice
from subgraphs.shared.ids import new_id
from subgraphs.shared.reading import Reader
from subgraphs.shared.statements import is_any_of

_OF_USERS = (
    select(PushDevice)
    .where(is_any_of(PushDevice.user_id, "user_ids"))
    .order_by(PushDevice.registered_at.desc(), PushDevice.id.desc())
)


async def list_devices(session: Reader, user_ids: Collection[UUID]) -> Sequence[PushDevice]:
    """Those of these people, registered last first."""
    return (await session.scalars(_OF_USERS, {"user_ids": list(user_ids)})).all()


async def put_device(
    session: AsyncSession, user_id: UUID, *, token: str, platform: str, language: str | None, now: datetime
) -> PushDevice:
    """The device with this token, which is *user_id*'s from now on. It keeps its id while it stays theirs."""
    await session.execute(delete(PushDevice).where(PushDevice.token == token, PushDevice.user_id != user_id))
    said = {"platform": platform, "language": language, "registered_at": now}
    statement = insert(PushDevice).values(id=new_id(), user_id=user_id, token=token, **said)
    # Somebody else's of the same moment: the one who comes later has it.
    put = statement.on_conflict_do_update(index_elements=[PushDevice.token], set_={"user_id": user_id, **said})
    return (await session.scalars(put.returning(PushDevice), execution_options={"populate_existing": True})).one()


async def keep_newest(session: AsyncSession, user_id: UUID, *, count: int) -> None:
    """Forget all devices of a person but the *count* that were registered last."""
    newest = (
        select(PushDevice.id)
        .where(PushDevice.user_id == user_id)
        .order_by(PushDevice.registered_at.desc(), PushDevice.id.desc())
        .limit(count)
    )
    await session.execute(delete(PushDevice).where(PushDevice.user_id == user_id, PushDevice.id.not_in(newest)))


async def remove_device(session: AsyncSession, user_id: UUID, device_id: UUID) -> None:
    await session.execute(delete(PushDevice).where(PushDevice.user_id == user_id, PushDevice.id == device_id))


async def remove_devices(session: AsyncSession, user_id: UUID, *, registered_by: datetime) -> None:
    """
    Forget all devices of a person that were registered by then: one of them may not be theirs.

    Their own are registered again when their apps start.
    """
    await session.execute(
        delete(PushDevice).where(PushDevice.user_id == user_id, PushDevice.registered_at <= registered_by)
    )


async def remove_tokens(session: AsyncSession, tokens: Collection[str]) -> None:
    """Forget devices that are not there any more."""
    await session.execute(delete(PushDevice).where(PushDevice.token.in_(tokens)))
