"""A proposal to move money ends without its moving."""

import strawberry

from subgraphs.shared import proposals
from subgraphs.shared.graphql.mutation import mutation
from subgraphs.shared.graphql.proposals import REASON_DESCRIPTION
from subgraphs.shared.graphql.scalars import require_id
from subgraphs.shared.refusal import ProposalNotOpen
from subgraphs.shared.scopes import ADMIN, APPROVER
from subgraphs.wallet.api import types
from subgraphs.wallet.api.context import Info
from subgraphs.wallet.domain.staff_moves import KINDS


@strawberry.input(description="Which proposal to reject or withdraw, and why.")
class RejectMoneyProposalInput:
    proposal_id: strawberry.ID = strawberry.field(description="The id of an open proposal.")
    reason: str = strawberry.field(description=REASON_DESCRIPTION)


@mutation(
    ProposalNotOpen,
    description="For administrators and approvers: reject a proposal, or withdraw one's own.",
)
async def reject_money_proposal(info: Info, input: RejectMoneyProposalInput) -> types.MoneyProposal:
    context = info.context
    actor, now = context.require(ADMIN, APPROVER), context.clock.now()
    async with context.begin() as session:
        proposal = await proposals.reject(
            session,
            require_id(input.proposal_id),
            kinds=KINDS,
            actor_id=actor.user_id,
            reason=proposals.check_reason(input.reason),
            now=now,
        )
    return types.MoneyProposal.seen_by(context, proposal, now=now)
