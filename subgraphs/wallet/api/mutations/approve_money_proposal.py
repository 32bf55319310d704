"""Another of the staff approves, and the money moves."""

import strawberry

from subgraphs.shared.graphql.mutation import mutation
from subgraphs.shared.graphql.scalars import require_id
from subgraphs.shared.refusal import FreshProofRequired, OwnProposal, ProposalNotOpen
from subgraphs.shared.scopes import APPROVER
from subgraphs.wallet.api import types
from subgraphs.wallet.api.context import Info
from subgraphs.wallet.domain import money_out, refusals, staff_moves


@strawberry.input(description="Which proposal to approve.")
class ApproveMoneyProposalInput:
    proposal_id: strawberry.ID = strawberry.field(description="The id of an open proposal that somebody else made.")


@mutation(
    ProposalNotOpen,
    OwnProposal,
    refusals.OwnMoney,
    refusals.ProposalOutdated,
    refusals.TransferNotReversible,
    refusals.PaymentNotInSuspense,
    refusals.PaymentNotReturnable,
    refusals.PaymentClaimed,
    refusals.UnclaimedCreditNotOpen,
    refusals.BankReferenceUsed,
    refusals.PersonCannotReceive,
    refusals.WalletNotReady,
    FreshProofRequired,
    description="For approvers: do what another has proposed. The same request again finds it done and "
    "changes nothing.",
)
async def approve_money_proposal(info: Info, input: ApproveMoneyProposalInput) -> types.MoneyProposal:
    context = info.context
    actor, now = context.require(APPROVER), context.clock.now()
    async with context.read() as session:
        await money_out.require_proof(session, actor=actor, now=now)
    async with context.begin() as session:
        proposal = await staff_moves.approve_move(
            session, require_id(input.proposal_id), actor_id=actor.user_id, now=now
        )
    return types.MoneyProposal.seen_by(context, proposal, now=now)
