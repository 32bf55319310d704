"""`proposeRenegotiation`: an analyst proposes new terms for a CPR that is late."""

from decimal import Decimal

import strawberry

from subgraphs.contracts.api.types.renegotiation import Renegotiation
from subgraphs.contracts.domain import refusals, renegotiations
from subgraphs.shared import scopes
from subgraphs.shared.graphql.context import Info
from subgraphs.shared.graphql.mutation import mutation
from subgraphs.shared.graphql.scalars import require_id
from subgraphs.shared.graphql.vocabulary import Amortisation
from subgraphs.shared.idempotency import KEY_DESCRIPTION, check_key


@strawberry.input(description="New terms for what is left of a CPR, from today.")
class ProposeRenegotiationInput:
    cpr_id: strawberry.ID = strawberry.field(description="The id of a CPR that is late, as `lateCPRs` shows it.")
    annual_rate: Decimal = strawberry.field(description="A fraction per year, not above the CPR's.")
    term_months: int = strawberry.field(
        description="In how many months what is left is repaid: 1 or more, at most what the policy says."
    )
    amortisation: Amortisation = strawberry.field(description="How what is left is repaid.")
    late_discount: Decimal = strawberry.field(description='What part of the late charges is waived: "1" is all.')
    reason: str = strawberry.field(description="Farmer and holders read it.")
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)


@mutation(
    refusals.CPRNotFound,
    refusals.OwnCPR,
    refusals.CPRNotRenegotiable,
    refusals.RenegotiationOutsideLimits,
    description="Propose new terms for what is left of a CPR that is late. The farmer and then the holders decide; "
    "meanwhile its quotas are not traded. Analysts only.",
)
async def propose_renegotiation(info: Info, input: ProposeRenegotiationInput) -> Renegotiation:
    actor = info.context.require(scopes.ANALYST)
    command = renegotiations.ProposeRenegotiation(
        cpr_id=require_id(input.cpr_id),
        annual_rate=input.annual_rate,
        term_months=input.term_months,
        amortisation=input.amortisation,
        late_discount=input.late_discount,
        reason=input.reason,
        idempotency_key=check_key(input.idempotency_key),
    )
    async with info.context.begin() as session:
        proposal = await renegotiations.propose(session, command, actor=actor, now=info.context.clock.now())
    return Renegotiation.from_model(proposal)
