"""An AgroScore and its reasons."""

from datetime import datetime

import strawberry

from subgraphs.credit import models
from subgraphs.credit.api import loaders
from subgraphs.credit.api.types.activity import Activity
from subgraphs.credit.api.types.vocabulary import FactorSign
from subgraphs.credit.models import ScoreFactor as FactorRow
from subgraphs.shared.graphql import descriptions
from subgraphs.shared.graphql.context import Info
from subgraphs.shared.graphql.entities import Reference
from subgraphs.shared.graphql.node import Node
from subgraphs.shared.graphql.scalars import require_id
from subgraphs.shared.graphql.vocabulary import RiskGrade


@strawberry.type(description="What would raise a factor, and by how much at most.")
class ScoreImprovement:
    points: int = strawberry.field(description="How many points more the best would bring.")
    text: str = strawberry.field(description="In Portuguese.")
    text_english: str = strawberry.field(description="The same in English.")


@strawberry.type(description="One thing the score looked at: its points, which way they go, and what would raise them.")
class ScoreFactor:
    code: str = strawberry.field(description="What was looked at, for programs.")
    points: int = strawberry.field(description="Added to the score; below 0 they lower it.")
    sign: FactorSign = strawberry.field(description="Which way the points go.")
    text: str = strawberry.field(description="In Portuguese.")
    text_english: str = strawberry.field(description="The same in English.")
    improvement: ScoreImprovement | None = strawberry.field(
        description="Null where the best is reached, or where the farmer can do nothing about it."
    )

    @classmethod
    def from_model(cls, factor: FactorRow) -> "ScoreFactor":
        improvement = ScoreImprovement(
            points=factor.improvement_points, text=factor.improvement_pt, text_english=factor.improvement_en
        )
        return cls(
            code=factor.code,
            points=factor.points,
            sign=sign_of(factor.points),
            text=factor.text_pt,
            text_english=factor.text_en,
            improvement=improvement if factor.improvement_points else None,
        )


def sign_of(points: int) -> FactorSign:
    if points > 0:
        return FactorSign.POSITIVE
    return FactorSign.NEGATIVE if points < 0 else FactorSign.NEUTRAL


@strawberry.federation.type(keys=["id"], description=descriptions.AGRO_SCORE)
class AgroScore(Activity, Node):
    id: strawberry.ID = strawberry.field(description=descriptions.ID)
    score: int = strawberry.field(description="0 to 1000; the more, the likelier is repayment.")
    grade: RiskGrade = strawberry.field(description="The grade that the score comes to.")
    base_points: int = strawberry.field(description="Where the score begins, before the factors' points.")
    model_version: str = strawberry.field(description='Which scorecard computed it, such as "agroscore-2.0".')
    occurred_at: datetime = strawberry.field(description="When it was computed.")
    summary: str = strawberry.field(description="One sentence in Portuguese, with score and grade.")

    @strawberry.field(description="The weightiest first.")
    async def factors(self, info: Info) -> list[ScoreFactor]:
        rows = await info.context.loader(loaders.factors_by_score).load(require_id(self.id))
        return [ScoreFactor.from_model(row) for row in rows]

    @classmethod
    def from_model(cls, score: models.AgroScore) -> "AgroScore":
        return cls(
            id=strawberry.ID(str(score.id)),
            score=score.score,
            grade=RiskGrade(score.grade),
            base_points=score.base_points,
            model_version=score.model_version,
            occurred_at=score.scored_at,
            summary=f"Seu AgroScore é {score.score} (nota {score.grade}).",
        )

    @classmethod
    async def resolve_references(cls, info: Info, references: list[Reference]) -> list["AgroScore | None"]:
        """The farmer's own; staff sees all."""
        scores = await info.context.loader(loaders.scores_by_id).load_many([reference.id for reference in references])
        return [
            cls.from_model(score) if score and loaders.may_see(info.context, score.farmer_id) else None
            for score in scores
        ]
