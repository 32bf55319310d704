"""`takePartialFunding`: close an offering past its deadline with the part that is funded."""

import strawberry

from subgraphs.marketplace.api.context import Info
from subgraphs.marketplace.api.types.offering import Offering
from subgraphs.marketplace.crud.offerings import offering_row
from subgraphs.marketplace.domain import decisions, refusals
from subgraphs.marketplace.schemas.commands import Decide
from subgraphs.shared.graphql.mutation import mutation
from subgraphs.shared.graphql.scalars import require_id
from subgraphs.shared.idempotency import KEY_DESCRIPTION
from subgraphs.shared.refusal import Busy
from subgraphs.shared.scopes import FARMER


@strawberry.input(description="Which offering, under which key.")
class TakePartialFundingInput:
    offering_id: strawberry.ID = strawberry.field(description="The id of one's own offering past its deadline.")
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)

    def to_command(self) -> Decide:
        return Decide.checked(offering_id=require_id(self.offering_id), idempotency_key=self.idempotency_key)


@mutation(
    refusals.OfferingNotFound,
    refusals.OfferingNotExpired,
    refusals.InvestmentsStillPending,
    refusals.NothingFunded,
    Busy,
    description="Close an offering past its deadline with the part that is funded.",
    result="The offering, closed with its funded part; or why not.",
)
async def take_partial_funding(info: Info, input: TakePartialFundingInput) -> Offering:
    farmer = info.context.require(FARMER)
    command = input.to_command()
    async with info.context.begin(offering_row(command.offering_id)) as session:
        offering = await decisions.take_partial_funding(session, command, actor=farmer, now=info.context.clock.now())
    return Offering.from_model(offering)
