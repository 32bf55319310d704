"""Steps that were taken to collect debts."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.contracts.models import CollectionStep
from subgraphs.shared.reading import Reader
from subgraphs.shared.statements import is_any_of


async def get_step(session: AsyncSession, step_id: UUID) -> CollectionStep:
    return await session.get_one(CollectionStep, step_id)


_NUMBERED = (
    select(
        CollectionStep.id,
        func.row_number()
        .over(
            partition_by=CollectionStep.cpr_id,
            order_by=(CollectionStep.recorded_at.desc(), CollectionStep.id.desc()),
        )
        .label("place"),
    )
    .where(is_any_of(CollectionStep.cpr_id, "cpr_ids"))
    .subquery()
)
_NEWEST = (
    select(CollectionStep)
    .join(_NUMBERED, _NUMBERED.c.id == CollectionStep.id)
    .where(_NUMBERED.c.place <= bindparam("limit"))
    .order_by(CollectionStep.cpr_id, CollectionStep.recorded_at.desc(), CollectionStep.id.desc())
)


async def list_newest(session: Reader, cpr_ids: Sequence[UUID], *, limit: int) -> Sequence[CollectionStep]:
    """Of each CPR the newest *limit*, the newest first."""
    return (await session.scalars(_NEWEST, {"cpr_ids": cpr_ids, "limit": limit})).all()
