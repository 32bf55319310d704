"""AgroScores, their factors, and the model in force."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.credit.models import AgroScore, ScoreFactor, ScoreModel


async def get_model_version(session: AsyncSession, day: date) -> str:
    """The scorecard in force on *day*. Raises NoResultFound before the first one."""
    statement = (
        select(ScoreModel.version)
        .where(ScoreModel.effective_from <= day)
        .order_by(ScoreModel.effective_from.desc())
        .limit(1)
    )
    return (await session.scalars(statement)).one()


async def list_scores(session: AsyncSession, score_ids: Sequence[UUID]) -> Sequence[AgroScore]:
    return (await session.scalars(select(AgroScore).where(AgroScore.id.in_(score_ids)))).all()


async def get_score(session: AsyncSession, score_id: UUID) -> AgroScore:
    return await session.get_one(AgroScore, score_id)


async def list_latest_scores(session: AsyncSession, farmer_ids: Sequence[UUID]) -> Sequence[AgroScore]:
    """Each farmer's newest score."""
    statement = (
        select(AgroScore)
        .where(AgroScore.farmer_id.in_(farmer_ids))
        .distinct(AgroScore.farmer_id)
        .order_by(AgroScore.farmer_id, AgroScore.scored_at.desc(), AgroScore.id.desc())
    )
    return (await session.scalars(statement)).all()


async def list_factors(session: AsyncSession, score_ids: Sequence[UUID]) -> Sequence[ScoreFactor]:
    statement = (
        select(ScoreFactor)
        .where(ScoreFactor.score_id.in_(score_ids))
        .order_by(ScoreFactor.score_id, ScoreFactor.position)
    )
    return (await session.scalars(statement)).all()
