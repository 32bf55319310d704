"""`voteOnRenegotiation`: a holder of the CPR's quotas consents, or refuses."""

from typing import Annotated

import strawberry

from subgraphs.contracts.api import errors
from subgraphs.contracts.api.types.renegotiation import Renegotiation
from subgraphs.contracts.domain import consent
from subgraphs.shared import scopes
from subgraphs.shared.graphql.context import Info
from subgraphs.shared.graphql.refusals import IdempotencyKeyReused, InvalidInput
from subgraphs.shared.graphql.scalars import require_id
from subgraphs.shared.idempotency import KEY_DESCRIPTION, check_key


@strawberry.input(description="Which renegotiation, and whether one consents.")
class VoteOnRenegotiationInput:
    renegotiation_id: strawberry.ID
    consents: bool
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)


VoteOnRenegotiationResult = Annotated[
    Renegotiation
    | errors.RenegotiationNotFound
    | errors.RenegotiationClosed
    | errors.AlreadyVoted
    | errors.RelatedToBorrower
    | IdempotencyKeyReused
    | InvalidInput,
    strawberry.union("VoteOnRenegotiationResult"),
]


@strawberry.mutation(
    description="Consent to a renegotiation, or refuse it, with all quotas that one held when it was proposed. Once."
)
async def vote_on_renegotiation(info: Info, input: VoteOnRenegotiationInput) -> VoteOnRenegotiationResult:
    actor = info.context.require(scopes.INVESTOR)
    command = consent.VoteOnRenegotiation(
        renegotiation_id=require_id(input.renegotiation_id),
        consents=input.consents,
        idempotency_key=check_key(input.idempotency_key),
    )
    async with info.context.begin() as session:
        proposal = await consent.vote(session, actor=actor, command=command, now=info.context.clock.now())
    return Renegotiation.from_model(proposal)
