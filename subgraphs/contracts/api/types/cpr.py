"""A CPR as its farmer, investors and staff see it."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

import strawberry

from subgraphs.contracts import models
from subgraphs.contracts.api import loaders
from subgraphs.contracts.api.types.collection import CollectionStep
from subgraphs.contracts.api.types.installment import Installment
from subgraphs.contracts.api.types.renegotiation import Renegotiation, Schedule
from subgraphs.contracts.api.types.vocabulary import CPRStatus
from subgraphs.contracts.domain.document import digest_of, write_document
from subgraphs.contracts.models import UNDER_REPAYMENT, InstallmentStatus
from subgraphs.shared.clock import business_date
from subgraphs.shared.graphql import descriptions
from subgraphs.shared.graphql.context import Info
from subgraphs.shared.graphql.cost import TEXT, sized
from subgraphs.shared.graphql.entities import Reference
from subgraphs.shared.graphql.money import Money
from subgraphs.shared.graphql.node import Node
from subgraphs.shared.graphql.paging import PageInfo
from subgraphs.shared.graphql.scalars import require_id
from subgraphs.shared.graphql.vocabulary import Amortisation, Crop, Region

if TYPE_CHECKING:
    from subgraphs.contracts.api.types.credit_request import CreditRequest
    from subgraphs.contracts.api.types.user import User

UserReference = Annotated["User", strawberry.lazy("subgraphs.contracts.api.types.user")]
RequestReference = Annotated["CreditRequest", strawberry.lazy("subgraphs.contracts.api.types.credit_request")]


@strawberry.type(description="How much of a CPR is repaid.")
class CPRProgress:
    paid_count: int = strawberry.field(description="Installments that are paid whole.")
    total_count: int = strawberry.field(description="Without those that a later schedule replaced.")
    paid_amount: Money = strawberry.field(description="With parts of installments, without the cost of being late.")
    total_amount: Money = strawberry.field(
        description="What all installments come to: principal and interest, without the cost of being late."
    )
    paid_percent: int = strawberry.field(description="Of the amount, rounded down: 100 means all of it.")

    @classmethod
    def of(cls, installments: Sequence[models.Installment]) -> "CPRProgress":
        paid = [row for row in installments if row.status == InstallmentStatus.PAID]
        paid_minor = sum(row.settled_minor for row in installments)
        standing = [row for row in installments if row.status != InstallmentStatus.REPLACED]
        # Of one that was replaced, what was paid is all that it came to.
        total_minor = sum(row.amount_minor if row in standing else row.settled_minor for row in installments)
        return cls(
            paid_count=len(paid),
            total_count=len(standing),
            paid_amount=Money.of_minor(paid_minor),
            total_amount=Money.of_minor(total_minor),
            paid_percent=paid_minor * 100 // total_minor,
        )


@strawberry.federation.type(
    keys=["id"],
    description=descriptions.CPR,
)
class CPR(Node):
    id: strawberry.ID = strawberry.field(description=descriptions.ID)
    number: str = strawberry.field(description="What people call it by.")
    status: CPRStatus = strawberry.field(description="Where it stands.")
    crop: Crop = strawberry.field(description="What is grown with the money.")
    hectares: Decimal = strawberry.field(description="The land that is worked, in hectares.")
    region: Region = strawberry.field(description="The state that the land is in.")
    municipality: str = strawberry.field(description="IBGE's seven digits.")
    families_benefited: int = strawberry.field(description="How many families live of it, the farmer's own included.")
    principal: Money = strawberry.field(description="As funded once it is active; as approved until then.")
    annual_rate: Decimal = strawberry.field(description=descriptions.ANNUAL_RATE)
    monthly_rate: Decimal = strawberry.field(description="What each month's balance is multiplied by.")
    term_months: int = strawberry.field(description=descriptions.TERM_MONTHS)
    amortisation: Amortisation = strawberry.field(description="How it is repaid, as it was signed.")
    drafted_at: datetime = strawberry.field(description="When it was drafted, on the credit's approval.")
    signed_at: datetime | None = strawberry.field(
        description="When the farmer's signature was complete; null until then."
    )
    issued_on: date | None = strawberry.field(description="The day of signature, from which the time to register runs.")
    registration_due_on: date | None = strawberry.field(description="The last day to register.")
    registered_at: datetime | None = strawberry.field(description="When it was registered; null until then.")
    registry: str | None = strawberry.field(description="Who registered it; null until it is registered.")
    registration_number: str | None = strawberry.field(
        description="Its number at the registry; null until it is registered."
    )
    disbursed_at: datetime | None = strawberry.field(
        description="When the farmer was given the money; null until then."
    )
    settled_at: datetime | None = strawberry.field(description="When everything was repaid; null until then.")
    cancelled_at: datetime | None = strawberry.field(description="When it was cancelled; null of all others.")
    cancellation_reason: str | None = strawberry.field(
        description="Why it was cancelled, in English; null of all others."
    )
    row: strawberry.Private[models.CPR]

    @strawberry.field(description="The producer.")
    def farmer(self) -> UserReference | None:
        from subgraphs.contracts.api.types.user import User  # noqa: PLC0415  # the two types name each other

        return User(id=strawberry.ID(str(self.row.farmer_id)))

    @strawberry.field(description="The request it was drafted from. The farmer's and staff's to see.")
    def credit_request(self, info: Info) -> RequestReference | None:
        from subgraphs.contracts.api.types.credit_request import (  # noqa: PLC0415  # the two types name each other
            CreditRequest,
        )

        if not loaders.is_own_or_staff(info.context, self.row.farmer_id):
            return None
        return CreditRequest(id=strawberry.ID(str(self.row.credit_request_id)))

    @strawberry.field(
        description="In order, without those that a later schedule replaced (`schedules` has them). Projected until "
        "the CPR is active; from then on they stand.",
        directives=[sized(36)],
    )
    async def installments(self, info: Info) -> list[Installment]:
        rows = await self._installments(info)
        return [Installment.from_model(row) for row in rows if row.status != InstallmentStatus.REPLACED]

    @strawberry.field(
        description="What was signed, and what each renegotiation brought in its place. Facts: none is ever changed.",
        directives=[sized(2)],
    )
    async def schedules(self, info: Info) -> list[Schedule]:
        rows = await self._installments(info)
        made = await info.context.loader(loaders.schedules_made_by_cpr).load(require_id(self.id))
        begun_at = self.row.disbursed_at or self.row.drafted_at
        terms: list[tuple[int | None, date, models.CPR | models.Renegotiation]]
        terms = [(1, business_date(begun_at), self.row), *((row.schedule_version, row.starts_on, row) for row in made)]
        return [
            Schedule(
                version=version or 1,
                starts_on=starts_on,
                annual_rate=row.annual_rate.normalize(),
                term_months=row.term_months,
                amortisation=Amortisation(row.amortisation),
                is_current=row is terms[-1][2],
                installments=[Installment.from_model(line) for line in rows if line.schedule_version == version],
            )
            for version, starts_on, row in terms
        ]

    @strawberry.field(
        description="The newest first, at most 20. The farmer's and staff's to see, and that of who held quotas when "
        "each was proposed.",
        directives=[sized(2)],
    )
    async def renegotiations(self, info: Info) -> list[Renegotiation]:
        rows = await info.context.loader(loaders.renegotiations_by_cpr).load(require_id(self.id))
        return [Renegotiation.from_model(row) for row in rows]

    @strawberry.field(
        description="What was done to collect it while it was in default, the newest first, at most 50. The farmer's "
        "and staff's to see.",
        directives=[sized(5)],
    )
    async def collection_steps(self, info: Info) -> list[CollectionStep]:
        if not loaders.is_own_or_staff(info.context, self.row.farmer_id):
            return []
        rows = await info.context.loader(loaders.collection_steps_by_cpr).load(require_id(self.id))
        return [CollectionStep.from_model(row) for row in rows]

    @strawberry.field(description="The first one unpaid; null while nothing is owed.")
    async def next_installment(self, info: Info) -> Installment | None:
        if not self.row.is_any_of(*UNDER_REPAYMENT):
            return None
        unpaid = (row for row in await self._installments(info) if row.is_owed)
        first = next(unpaid, None)
        return Installment.from_model(first) if first else None

    @strawberry.field(description="How much of it is repaid.")
    async def progress(self, info: Info) -> CPRProgress:
        return CPRProgress.of(await self._installments(info))

    @strawberry.field(
        description="The text that was signed, or the one to be signed. The farmer's and staff's to see.",
        directives=[TEXT],
    )
    async def document(self, info: Info) -> str | None:
        if not loaders.is_own_or_staff(info.context, self.row.farmer_id):
            return None
        return self.row.document or write_document(self.row, await self._signed(info))

    @strawberry.field(description="SHA-256 of the text that was signed, or of the one to be signed.", directives=[TEXT])
    async def document_digest(self, info: Info) -> str:
        return self.row.document_digest or digest_of(write_document(self.row, await self._signed(info)))

    async def _signed(self, info: Info) -> Sequence[models.Installment]:
        return [row for row in await self._installments(info) if row.schedule_version == 1]

    async def _installments(self, info: Info) -> Sequence[models.Installment]:
        return await info.context.loader(loaders.installments_by_cpr).load(require_id(self.id))

    @classmethod
    def from_model(cls, cpr: models.CPR) -> "CPR":
        return cls(
            id=strawberry.ID(str(cpr.id)),
            number=cpr.number,
            status=cpr.status,
            crop=Crop(cpr.crop),
            hectares=cpr.hectares,
            region=Region(cpr.region),
            municipality=cpr.municipality,
            families_benefited=cpr.families_benefited,
            principal=Money.of_minor(cpr.principal_minor),
            annual_rate=cpr.annual_rate.normalize(),
            monthly_rate=cpr.monthly_rate.normalize(),
            term_months=cpr.term_months,
            amortisation=Amortisation(cpr.amortisation),
            drafted_at=cpr.drafted_at,
            signed_at=cpr.signed_at,
            issued_on=cpr.issued_on,
            registration_due_on=cpr.registration_due_on,
            registered_at=cpr.registered_at,
            registry=cpr.registry_name,
            registration_number=cpr.registration_number,
            disbursed_at=cpr.disbursed_at,
            settled_at=cpr.settled_at,
            cancelled_at=cpr.cancelled_at,
            cancellation_reason=cpr.cancellation_reason,
            row=cpr,
        )

    @classmethod
    async def resolve_references(cls, info: Info, references: list[Reference]) -> list["CPR | None"]:
        """The farmer's own; staff sees all; registered ones are for everybody who is signed in."""
        rows = await info.context.loader(loaders.cprs_by_id).load_many([reference.id for reference in references])
        return [cls.from_model(row) if row else None for row in rows]


@strawberry.type(description="A part of a list of CPRs.")
class CPRPage:
    nodes: list[CPR] = strawberry.field(description=descriptions.NODES)
    page_info: PageInfo = strawberry.field(description=descriptions.PAGE_INFO)
