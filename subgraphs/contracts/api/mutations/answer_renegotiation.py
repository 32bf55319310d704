"""`answerRenegotiation`: the farmer agrees with a proposal, or refuses it."""

from datetime import timedelta

import strawberry

from subgraphs.contracts.api.types.renegotiation import Renegotiation
from subgraphs.contracts.crud import renegotiations as renegotiation_rows
from subgraphs.contracts.domain import refusals, renegotiations
from subgraphs.shared import scopes
from subgraphs.shared.clock import business_date
from subgraphs.shared.fresh_proof import require_fresh_proof
from subgraphs.shared.graphql.context import Info
from subgraphs.shared.graphql.mutation import mutation
from subgraphs.shared.graphql.scalars import require_id
from subgraphs.shared.idempotency import KEY_DESCRIPTION, check_key
from subgraphs.shared.refusal import FreshProofRequired


@strawberry.input(description="Which proposal, and whether one agrees.")
class AnswerRenegotiationInput:
    renegotiation_id: strawberry.ID = strawberry.field(description="The id of a proposal for one's own CPR.")
    agrees: bool = strawberry.field(description="Whether one agrees; false refuses it for good.")
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)


@mutation(
    refusals.RenegotiationNotFound,
    refusals.RenegotiationClosed,
    FreshProofRequired,
    description="Agree with what is proposed for one's own CPR, by a fresh proof of who one is, or refuse it.",
)
async def answer_renegotiation(info: Info, input: AnswerRenegotiationInput) -> Renegotiation:
    actor, now = info.context.require(scopes.FARMER), info.context.clock.now()
    command = renegotiations.AnswerRenegotiation(
        renegotiation_id=require_id(input.renegotiation_id),
        agrees=input.agrees,
        idempotency_key=check_key(input.idempotency_key),
    )
    if command.agrees:
        async with info.context.read() as session:
            policy = await renegotiation_rows.get_policy(session, business_date(now))
        require_fresh_proof(actor, within=timedelta(seconds=policy.fresh_proof_seconds))
    async with info.context.begin() as session:
        proposal = await renegotiations.answer(session, command, actor=actor, now=now)
    return Renegotiation.from_model(proposal)
