"""`withdrawRenegotiation`: an analyst takes a proposal back."""

import strawberry

from subgraphs.contracts.api.types.renegotiation import Renegotiation
from subgraphs.contracts.domain import refusals, renegotiations
from subgraphs.shared import scopes
from subgraphs.shared.graphql.context import Info
from subgraphs.shared.graphql.mutation import mutation
from subgraphs.shared.graphql.scalars import require_id


@strawberry.input(description="Which proposal to take back.")
class WithdrawRenegotiationInput:
    renegotiation_id: strawberry.ID = strawberry.field(description="The id of an open proposal.")


@mutation(
    refusals.RenegotiationNotFound,
    refusals.RenegotiationClosed,
    description="Take back a proposal that the holders have not decided. Analysts only.",
)
async def withdraw_renegotiation(info: Info, input: WithdrawRenegotiationInput) -> Renegotiation:
    actor = info.context.require(scopes.ANALYST)
    renegotiation_id = require_id(input.renegotiation_id)
    async with info.context.begin() as session:
        proposal = await renegotiations.withdraw(session, renegotiation_id, actor=actor, now=info.context.clock.now())
    return Renegotiation.from_model(proposal)
