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
from subgraphs.shared.refusal import ConsentRequired


@strawberry.input(description="What a farmer asks for, and the farm it is for.")
class RequestCreditInput:
    amount: MoneyInput = strawberry.field(
        description="Within the platform's limits, and a multiple of a quota's price; a refusal names what is missed."
    )
    term_months: int = strawberry.field(
        description="Over how many months it is to be repaid, within the platform's limits."
    )
    purpose: CreditPurpose = strawberry.field(description="What the money is for.")
    purpose_note: str = strawberry.field(
        default="", description="The same in one's own words, at most 1,000 characters; empty when left out."
    )
    crop: Crop = strawberry.field(description="What is grown with it.")
    hectares: Decimal = strawberry.field(
        description="The land that is worked, in hectares: above 0, with at most two decimal places."
    )
    land_tenure: LandTenure = strawberry.field(description="By what right it is worked.")
    region: Region = strawberry.field(
        description="The state that the land is in; municipality and CAR number have to be of it."
    )
    municipality: str = strawberry.field(description="IBGE's seven digits.")
    car_number: str = strawberry.field(description="UF-1234567- followed by 32 hexadecimal digits.")
    certifications: list[Certification] = strawberry.field(
        description="Practices that somebody independent has confirmed; none when left out.", default_factory=list
    )
    last_cycle_revenue: MoneyInput = strawberry.field(
        description="What the last cycle's harvest was sold for: 0 to 10 billion reais."
    )
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
    ConsentRequired,
    description="Ask for credit. Scoring starts by itself; follow it in `steps`.",
)
async def request_credit(info: Info, input: RequestCreditInput) -> CreditRequest:
    actor = info.context.require(scopes.FARMER)
    command = input.to_command()
    async with info.context.begin() as session:
        request = await requests.submit_request(session, command, actor=actor, now=info.context.clock.now())
    return CreditRequest.from_model(request)
