"""A request for credit, as its farmer and the analyst see it."""

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

import strawberry

from subgraphs.credit import models
from subgraphs.credit.api import loaders
from subgraphs.credit.api.types.applicant import BureauSummary, CreditApplicant
from subgraphs.credit.api.types.document import CreditDocument
from subgraphs.credit.api.types.score import AgroScore
from subgraphs.credit.api.types.vocabulary import (
    Certification,
    CreditPurpose,
    LandTenure,
    RequestStatus,
    Verdict,
)
from subgraphs.shared.graphql import descriptions
from subgraphs.shared.graphql.context import Info
from subgraphs.shared.graphql.entities import Reference
from subgraphs.shared.graphql.money import Money
from subgraphs.shared.graphql.node import Node
from subgraphs.shared.graphql.paging import PageInfo
from subgraphs.shared.graphql.scalars import require_id
from subgraphs.shared.graphql.vocabulary import Amortisation, Crop, Region

if TYPE_CHECKING:
    from subgraphs.credit.api.types.user import User

UserReference = Annotated["User", strawberry.lazy("subgraphs.credit.api.types.user")]

EXPECTED_STEPS = (RequestStatus.SUBMITTED, RequestStatus.SCORING, RequestStatus.IN_ANALYSIS)


@strawberry.type(description="A status on a request's way. `reachedAt` is null for what still lies ahead.")
class CreditRequestStep:
    status: RequestStatus = strawberry.field(description="Which status.")
    reached_at: datetime | None = strawberry.field(description="When it was reached; null for what still lies ahead.")


@strawberry.type(description="The analyst's decision, kept for ever.")
class CreditDecision:
    verdict: Verdict = strawberry.field(description="Approved or rejected.")
    approved_amount: Money | None = strawberry.field(description="How much is lent; null when it was rejected.")
    reason: str = strawberry.field(description="Why it was refused, or the analyst's note.")
    decided_at: datetime = strawberry.field(description="When it was decided.")
    analyst: UserReference | None = strawberry.field(description="Staff only.")


@strawberry.federation.type(keys=["id"], description=descriptions.CREDIT_REQUEST)
class CreditRequest(Node):
    id: strawberry.ID = strawberry.field(description=descriptions.ID)
    farmer: UserReference | None = strawberry.field(description="Who asks.")
    status: RequestStatus = strawberry.field(description="Where it stands.")
    amount: Money = strawberry.field(description="What was asked for; what is lent is in `decision`.")
    term_months: int = strawberry.field(description="Over how many months it is to be repaid.")
    purpose: CreditPurpose = strawberry.field(description="What the money is for.")
    purpose_note: str = strawberry.field(description="The same in the farmer's words; may be empty.")
    crop: Crop = strawberry.field(description="What is grown with it.")
    hectares: Decimal = strawberry.field(description="The land that is worked, in hectares.")
    land_tenure: LandTenure = strawberry.field(description="By what right it is worked.")
    region: Region = strawberry.field(description="The state that the land is in.")
    municipality: str = strawberry.field(description="IBGE's seven digits.")
    car_number: str = strawberry.field(
        description="The land's number in the environmental register (CAR): UF-1234567- and 32 hexadecimal digits."
    )
    certifications: list[Certification] = strawberry.field(description="Practices that the farmer says are certified.")
    last_cycle_revenue: Money = strawberry.field(
        description="What the last cycle's harvest was sold for, as the farmer says."
    )
    families_benefited: int = strawberry.field(description="How many families live of it, the farmer's own included.")
    amortisation: Amortisation = strawberry.field(description="The farmer's wish.")
    submitted_at: datetime = strawberry.field(description="When it was sent in.")
    scored_at: datetime | None = strawberry.field(description="When the newest score was computed.")
    decided_at: datetime | None = strawberry.field(description="When it was decided; null until then.")
    score_id: strawberry.Private[str | None]
    farmer_id: strawberry.Private[str]

    @strawberry.field(description="What has happened and what still lies ahead, in order.")
    async def steps(self, info: Info) -> list[CreditRequestStep]:
        rows = await info.context.loader(loaders.steps_by_request).load(require_id(self.id))
        reached = [CreditRequestStep(status=row.status, reached_at=row.reached_at) for row in rows]
        seen = {step.status for step in reached}
        return reached + [CreditRequestStep(status=s, reached_at=None) for s in EXPECTED_STEPS if s not in seen]

    @strawberry.field(description="The newest score; null until there is one.")
    async def score(self, info: Info) -> AgroScore | None:
        if self.score_id is None:
            return None
        row = await info.context.loader(loaders.scores_by_id).load(require_id(self.score_id))
        return AgroScore.from_model(row) if row else None

    @strawberry.field(description="What was uploaded for it, without what has been erased since.")
    async def documents(self, info: Info) -> list[CreditDocument]:
        rows = await info.context.loader(loaders.documents_by_request).load(require_id(self.id))
        return [CreditDocument.from_model(row) for row in rows if row.erased_at is None]

    @strawberry.field(description="Null until decided.")
    async def decision(self, info: Info) -> CreditDecision | None:
        row = await info.context.loader(loaders.decisions_by_request).load(require_id(self.id))
        if row is None:
            return None
        return CreditDecision(
            verdict=Verdict(row.verdict),
            approved_amount=Money.of_minor_or_none(row.approved_amount_minor),
            reason=row.reason,
            decided_at=row.decided_at,
            analyst=user_reference(row.analyst_id) if info.context.is_staff else None,
        )

    @strawberry.field(description="What credit knows of the farmer. Staff only.")
    async def applicant(self, info: Info) -> CreditApplicant | None:
        if not info.context.is_staff:
            return None
        record = await info.context.loader(loaders.applicant_records_by_user).load(require_id(self.farmer_id))
        return CreditApplicant.from_record(record)

    @strawberry.field(description="What the bureau said for the newest score. Staff only.")
    async def bureau(self, info: Info) -> BureauSummary | None:
        if not info.context.is_staff or self.score_id is None:
            return None
        row = await info.context.loader(loaders.scores_by_id).load(require_id(self.score_id))
        return BureauSummary.from_report(row.bureau_report) if row else None

    @classmethod
    def from_model(cls, request: models.CreditRequest) -> "CreditRequest":
        return cls(
            id=strawberry.ID(str(request.id)),
            farmer=user_reference(request.farmer_id),
            status=request.status,
            amount=Money.of_minor(request.amount_minor),
            term_months=request.term_months,
            purpose=CreditPurpose(request.purpose),
            purpose_note=request.purpose_note,
            crop=Crop(request.crop),
            hectares=request.hectares,
            land_tenure=LandTenure(request.land_tenure),
            region=Region(request.region),
            municipality=request.municipality,
            car_number=request.car_number,
            certifications=[Certification(name) for name in request.certifications],
            last_cycle_revenue=Money.of_minor(request.last_cycle_revenue_minor),
            families_benefited=request.families_benefited,
            amortisation=Amortisation(request.amortisation),
            submitted_at=request.submitted_at,
            scored_at=request.scored_at,
            decided_at=request.decided_at,
            score_id=str(request.score_id) if request.score_id else None,
            farmer_id=str(request.farmer_id),
        )

    @classmethod
    async def resolve_references(cls, info: Info, references: list[Reference]) -> list["CreditRequest | None"]:
        """The farmer's own; staff sees all."""
        rows = await info.context.loader(loaders.requests_by_id).load_many([reference.id for reference in references])
        return [cls.from_model(row) if row and loaders.may_see(info.context, row.farmer_id) else None for row in rows]


@strawberry.type(description="A part of a list of credit requests.")
class CreditRequestPage:
    nodes: list[CreditRequest] = strawberry.field(description=descriptions.NODES)
    page_info: PageInfo = strawberry.field(description=descriptions.PAGE_INFO)


def user_reference(user_id: object) -> "User":
    from subgraphs.credit.api.types.user import User  # noqa: PLC0415  # the two types name each other

    return User(id=strawberry.ID(str(user_id)))
