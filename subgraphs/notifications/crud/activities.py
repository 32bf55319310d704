"""Time lines."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.notifications.models import Activity, ActivityType
from subgraphs.shared.graphql.paging import PageRequest
from subgraphs.shared.reading import Reader
from subgraphs.shared.statements import rows_of, table_of

_NEW = rows_of(Activity.id, Activity.user_id, Activity.type, Activity.occurred_at)
_ADD = (
    insert(table_of(Activity))
    .from_select(["id", "user_id", "type", "occurred_at"], select(*_NEW.c).order_by(_NEW.c.id, _NEW.c.user_id))
    .on_conflict_do_nothing()
)


async def add_activities(session: AsyncSession, added: Sequence[tuple[UUID, UUID, ActivityType, datetime]]) -> None:
    """Put each into its person's time line: the entity's id, the person, what it is, and when. Once for ever."""
    ids, user_ids, types, times = zip(*added, strict=True)
    given = {"id": list(ids), "user_id": list(user_ids), "type": list(types), "occurred_at": list(times)}
    await session.execute(_ADD, given)


_NEWEST_FIRST = (
    select(Activity)
    .where(Activity.user_id == bindparam("user_id"))
    .order_by(Activity.occurred_at.desc(), Activity.id.desc())
    .limit(bindparam("limit"))
)


async def list_activities(session: Reader, user_id: UUID, page: PageRequest) -> Sequence[Activity]:
    """Newest first."""
    statement = _NEWEST_FIRST
    if page.place:
        statement = statement.where(tuple_(Activity.occurred_at, Activity.id) < page.place)
    return (await session.scalars(statement, {"user_id": user_id, "limit": page.limit})).all()
