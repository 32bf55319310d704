"""SQL on what administrators asked to be done to messages that could not be handled."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, tuple_

from subgraphs.accounts.models import DeadLetterAct
from subgraphs.shared.reading import Reader


async def list_acts(
    session: Reader, *, actor_id: UUID | None, before: tuple[datetime, UUID] | None, limit: int
) -> Sequence[DeadLetterAct]:
    """Of one administrator or of all, the newest first."""
    statement = select(DeadLetterAct).order_by(DeadLetterAct.at.desc(), DeadLetterAct.id.desc()).limit(limit)
    if actor_id is not None:
        statement = statement.where(DeadLetterAct.actor_id == actor_id)
    if before is not None:
        statement = statement.where(tuple_(DeadLetterAct.at, DeadLetterAct.id) < before)
    return (await session.scalars(statement)).all()
