"""What credit adds to a CPR: how risky it is, and why."""

from uuid import UUID

import strawberry

from subgraphs.credit import models
from subgraphs.credit.api import loaders
from subgraphs.credit.api.types.score import sign_of
from subgraphs.credit.api.types.vocabulary import FactorSign
from subgraphs.credit.models import ScoreFactor
from subgraphs.shared.graphql import descriptions
from subgraphs.shared.graphql.context import Context, Info
from subgraphs.shared.graphql.entities import Reference
from subgraphs.shared.graphql.vocabulary import RiskGrade


@strawberry.type(description="A reason for a CPR's grade. What it weighs in the AgroScore is the farmer's own to know.")
class RiskFactor:
    code: str = strawberry.field(description="What was looked at, for programs.")
    sign: FactorSign = strawberry.field(description="Which way it moves the grade.")
    text: str = strawberry.field(description="In Portuguese.")
    text_english: str = strawberry.field(description="The same in English.")

    @classmethod
    def from_model(cls, factor: ScoreFactor) -> "RiskFactor":
        return cls(code=factor.code, sign=sign_of(factor.points), text=factor.text_pt, text_english=factor.text_en)


@strawberry.federation.type(description=descriptions.CPR, keys=["id"])
class CPR:
    id: strawberry.ID = strawberry.field(description=descriptions.ID)
    risk_grade: RiskGrade | None = strawberry.field(description="The grade on which the CPR was approved.")
    score_id: strawberry.Private[UUID]

    @strawberry.field(description="What made the grade, the weightiest first.")
    async def score_factors(self, info: Info) -> list[RiskFactor] | None:
        rows = await info.context.loader(loaders.factors_by_score).load(self.score_id)
        return [RiskFactor.from_model(row) for row in rows]

    @classmethod
    async def resolve_references(cls, info: Info, references: list[Reference]) -> list["CPR | None"]:
        """The farmer and staff see the grade always, other signed-in people once the CPR is registered."""
        cpr_ids = [reference.id for reference in references]
        gradings = await info.context.loader(loaders.gradings_by_cpr).load_many(cpr_ids)
        return [
            cls(id=strawberry.ID(str(found[0].cpr_id)), risk_grade=RiskGrade(found[1]), score_id=found[0].score_id)
            if found and _may_see(info.context, found[0])
            else None
            for found in gradings
        ]


def _may_see(context: Context, grading: models.CPRGrading) -> bool:
    if context.is_anonymous:
        return False
    return grading.registered_at is not None or loaders.may_see(context, grading.farmer_id)
