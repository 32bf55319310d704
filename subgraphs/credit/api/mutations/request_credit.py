"""`requestCredit`: a farmer asks for credit."""

from decimal import Decimal

import strawberry

from subgraphs.credit.api.types.request import CreditRequest
from subgraphs.credit.api.types.vocabulary import Certification, CreditPurpose, LandTenure
from subgraphs.credit.domain import refusals, requests
from subgraphs.credit.schemas.commands import RequestCredit
from subgraphs.shared import scopes
from subgraphs.shared.graphql.context import Info
from subgraphs.shared.graphql.money import MoneyInput
from subgraphs.shared.graphql.mutation import mutation
from subgraphs.shared.graphql.vocabulary import Amortisation, Crop, Region
from subgraphs.shared.idempotency import KEY_DESCRIPTION, check_key


@strawberry.input(description="What a farmer asks for, and the farm it is for.")
class RequestCreditInput:
    amount: MoneyInput
    term_months: int
    purpose: CreditPurpose
    purpose_note: str = ""
    crop: Crop
    hectares: Decimal
    land_tenure: LandTenure
    region: Region
    municipality: str = strawberry.field(description="IBGE's seven digits.")
    car_number: str = strawberry.field(description="UF-1234567- followed by 32 hexadecimal digits.")
    certifications: list[Certification] = strawberry.field(default_factory=list)
    last_cycle_revenue: MoneyInput
    families_benefited: int = strawberry.field(default=1, description="The farmer's own family included.")
    amortisation: Amortisation = strawberry.field(default=Amortisation.PRICE, description="The wish.")
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)

    def to_command(self) -> RequestCredit:
        return RequestCredit(
            amount_minor=self.amount.to_minor(),
            term_months=self.term_months,
            purpose=self.purpose,
            purpose_note=self.purpose_note,
            crop=self.crop,
            hectares=self.hectares,
            land_tenure=self.land_tenure,
            region=self.region,
            municipality=self.municipality,
            car_number=self.car_number,
            certifications=tuple(self.certifications),
            last_cycle_revenue_minor=self.last_cycle_revenue.to_minor("lastCycleRevenue"),
            families_benefited=self.families_benefited,
            amortisation=self.amortisation,
            idempotency_key=check_key(self.idempotency_key),
        )


@mutation(
    refusals.OpenRequestExists,
    refusals.AmountAboveLimit,
    refusals.CreditBelowMinimum,
    refusals.TermOutOfRange,
    refusals.FarmerInArrears,
    description="Ask for credit. Scoring starts by itself; follow it in `steps`.",
)
async def request_credit(info: Info, input: RequestCreditInput) -> CreditRequest:
    actor = info.context.require(scopes.FARMER)
    command = input.to_command()
    async with info.context.begin() as session:
        request = await requests.submit_request(session, command, actor=actor, now=info.context.clock.now())
    return CreditRequest.from_model(request)
