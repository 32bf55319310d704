"""Another of the staff approves, and the money moves."""

from typing import Annotated

import strawberry

from subgraphs.shared.graphql.context import Info
from subgraphs.shared.graphql.refusals import FreshProofRequired, InvalidInput, OwnProposal, ProposalNotOpen
from subgraphs.shared.graphql.scalars import require_id
from subgraphs.shared.scopes import APPROVER
from subgraphs.wallet.api import errors, types
from subgraphs.wallet.domain import money_out, staff_moves


@strawberry.input
class ApproveMoneyProposalInput:
    proposal_id: strawberry.ID


ApproveMoneyProposalResult = Annotated[
    types.MoneyProposal
    | ProposalNotOpen
    | OwnProposal
    | errors.OwnMoney
    | errors.ProposalOutdated
    | errors.TransferNotReversible
    | errors.PaymentNotInSuspense
    | errors.PaymentNotReturnable
    | errors.UnclaimedCreditNotOpen
    | errors.BankReferenceUsed
    | errors.PersonCannotReceive
    | errors.WalletNotReady
    | FreshProofRequired
    | InvalidInput,
    strawberry.union("ApproveMoneyProposalResult"),
]


@strawberry.mutation(
    description="For approvers: do what another has proposed. The same request again finds it done and changes nothing."
)
async def approve_money_proposal(info: Info, input: ApproveMoneyProposalInput) -> ApproveMoneyProposalResult:
    context = info.context
    actor, now = context.require(APPROVER), context.clock.now()
    async with context.read() as session:
        await money_out.require_proof(session, actor, now=now)
    async with context.begin() as session:
        proposal = await staff_moves.approve_move(
            session, require_id(input.proposal_id), actor_id=actor.user_id, now=now
        )
    return types.MoneyProposal.seen_by(context, proposal, now=now)
