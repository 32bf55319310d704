"""
Copies of what other domains say of their things, which no older fact may overwrite.

Facts are told at least once and in any order: two consumers of one queue take turns as they come, and a fact that
failed is told again later. So a row remembers the version of the fact that it was made from.

    await put_newest(session, Investor, {"user_id": user_id}, {"verified_at": event.time}, event=event)

A row belongs to one source, and each of its facts says all of the row: versions of different sources cannot be
compared, and half a fact would let the other half be older.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import BigInteger, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from subgraphs.shared.messaging.event import Event


class Versioned:
    """What a mapped class of such a copy also derives from."""

    version: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    """Of the fact that the row was made from; 0 for a row older than versions, which any fact replaces."""


async def put_newest(
    session: AsyncSession,
    model: type[Versioned],
    key: Mapping[str, Any],
    values: Mapping[str, Any],
    *,
    event: Event,
) -> None:
    """
    Make the row of *key* say *values*, unless it says something newer than *event* already.

    What is to be forgotten is written as nulls, never deleted: an older fact that comes late would find no row, and
    make it again.
    """
    written = {**values, "version": event.version}
    statement = insert(model).values(**key, **written)
    newest: Any = statement.on_conflict_do_update(
        # Equal is the same fact, or one without versions after another.
        index_elements=list(key),
        set_=written,
        where=model.version <= event.version,
    )
    await session.execute(newest)
