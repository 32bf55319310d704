"""AgroScores, their factors, and the model in force."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.credit.models import AgroScore, ScoreFactor, ScoreModel
from subgraphs.shared.reading import Reader
from subgraphs.shared.statements import is_any_of


async def get_model_version(session: AsyncSession, day: date) -> str:
    """The scorecard in force on *day*. Raises NoResultFound before the first one."""
    statement = (
        select(ScoreModel.version)
        .where(ScoreModel.effective_from <= day)
        .order_by(ScoreModel.effective_from.desc())
        .limit(1)
    )
    return (await session.scalars(statement)).one()


_BY_ID = select(AgroScore).where(is_any_of(AgroScore.id, "ids"))


async def list_scores(session: Reader, score_ids: Sequence[UUID]) -> Sequence[AgroScore]:
    return (await session.scalars(_BY_ID, {"ids": score_ids})).all()


async def get_score(session: AsyncSession, score_id: UUID) -> AgroScore:
    return await session.get_one(AgroScore, score_id)


_LATEST = (
    select(AgroScore)
    .where(is_any_of(AgroScore.farmer_id, "farmer_ids"))
    .ext(distinct_on(AgroScore.farmer_id))
    .order_by(AgroScore.farmer_id, AgroScore.scored_at.desc(), AgroScore.id.desc())
)


async def list_latest_scores(session: Reader, farmer_ids: Sequence[UUID]) -> Sequence[AgroScore]:
    """Each farmer's newest score."""
    return (await session.scalars(_LATEST, {"farmer_ids": farmer_ids})).all()


_FACTORS = (
    select(ScoreFactor)
    .where(is_any_of(ScoreFactor.score_id, "score_ids"))
    .order_by(ScoreFactor.score_id, ScoreFactor.position)
)


async def list_factors(session: Reader, score_ids: Sequence[UUID]) -> Sequence[ScoreFactor]:
    return (await session.scalars(_FACTORS, {"score_ids": score_ids})).all()
