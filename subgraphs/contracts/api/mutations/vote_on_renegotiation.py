"""`voteOnRenegotiation`: a holder of the CPR's quotas consents, or refuses."""

import strawberry

from subgraphs.contracts.api.types.renegotiation import Renegotiation
from subgraphs.contracts.domain import consent, refusals
from subgraphs.shared import scopes
from subgraphs.shared.graphql.context import Info
from subgraphs.shared.graphql.mutation import mutation
from subgraphs.shared.graphql.scalars import require_id
from subgraphs.shared.idempotency import KEY_DESCRIPTION, check_key


@strawberry.input(description="Which renegotiation, and whether one consents.")
class VoteOnRenegotiationInput:
    renegotiation_id: strawberry.ID = strawberry.field(description="The id of a renegotiation that is being voted on.")
    consents: bool = strawberry.field(description="Whether one consents; a vote cannot be changed.")
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)


@mutation(
    refusals.RenegotiationNotFound,
    refusals.RenegotiationClosed,
    refusals.AlreadyVoted,
    refusals.RelatedToBorrower,
    description="Consent to a renegotiation, or refuse it, with all quotas that one held when it was proposed. Once.",
)
async def vote_on_renegotiation(info: Info, input: VoteOnRenegotiationInput) -> Renegotiation:
    actor = info.context.require(scopes.INVESTOR)
    command = consent.VoteOnRenegotiation(
        renegotiation_id=require_id(input.renegotiation_id),
        consents=input.consents,
        idempotency_key=check_key(input.idempotency_key),
    )
    async with info.context.begin() as session:
        proposal = await consent.vote(session, command, actor=actor, now=info.context.clock.now())
    return Renegotiation.from_model(proposal)
