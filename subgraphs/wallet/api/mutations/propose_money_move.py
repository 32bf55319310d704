"""One of the staff wants money to be moved."""

import strawberry

from subgraphs.shared.graphql.money import MoneyInput
from subgraphs.shared.graphql.mutation import mutation
from subgraphs.shared.graphql.proposals import KEY_DESCRIPTION, REASON_DESCRIPTION
from subgraphs.shared.graphql.scalars import require_id
from subgraphs.shared.idempotency import check_key
from subgraphs.shared.proposals import check_reason
from subgraphs.shared.refusal import FreshProofRequired, ProposalPending
from subgraphs.shared.scopes import ADMIN
from subgraphs.wallet.api import types
from subgraphs.wallet.api.context import Info
from subgraphs.wallet.domain import money_out, refusals, staff_moves
from subgraphs.wallet.models import StaffActionKind


@strawberry.input(description="What is to be done, to what, and why.")
class ProposeMoneyMoveInput:
    kind: StaffActionKind = strawberry.field(description="What is to be done.")
    subject_id: strawberry.ID = strawberry.field(
        description="The payment (in suspense, or to go back) or the unclaimed credit; to reverse, any transfer of "
        "what is to be undone."
    )
    user_id: strawberry.ID | None = strawberry.field(
        default=None, description="RESOLVE_SUSPENSE, RELEASE_UNCLAIMED: the person whose wallet gets the money."
    )
    bank_reference: str | None = strawberry.field(
        default=None,
        description="PAY_OUT_UNCLAIMED: the bank's name for the payment, as Pix' end-to-end id; 6 to 64 characters.",
    )
    amount: MoneyInput | None = strawberry.field(
        default=None,
        description="RETURN_PAYMENT: how much of a payment that is in a wallet goes back; all that is left without it. "
        "Out of suspense goes the whole.",
    )
    reason: str = strawberry.field(description=REASON_DESCRIPTION)
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)


@mutation(
    refusals.TransferNotFound,
    refusals.TransferNotReversible,
    refusals.PaymentNotInSuspense,
    refusals.PaymentNotReturnable,
    refusals.PaymentClaimed,
    refusals.UnclaimedCreditNotOpen,
    refusals.BankReferenceUsed,
    refusals.PersonCannotReceive,
    refusals.WalletNotReady,
    refusals.OwnMoney,
    ProposalPending,
    FreshProofRequired,
    description="For administrators: propose to undo a fact, to give out what is in suspense, or to give a payment "
    "back to who made it. Nothing moves before another approves it. What cannot be done is refused here.",
)
async def propose_money_move(info: Info, input: ProposeMoneyMoveInput) -> types.MoneyProposal:
    context = info.context
    actor = context.require(ADMIN)
    reason, key, now = check_reason(input.reason), check_key(input.idempotency_key), context.clock.now()
    async with context.read() as session:
        await money_out.require_proof(session, actor=actor, now=now)
        move = await staff_moves.read_move(
            session,
            require_id(input.subject_id),
            kind=input.kind,
            user_id=require_id(input.user_id) if input.user_id else None,
            bank_reference=input.bank_reference,
            amount_minor=input.amount.to_minor() if input.amount else None,
        )
    async with context.begin() as session:
        proposal = await staff_moves.propose_move(
            session, move, actor_id=actor.user_id, reason=reason, idempotency_key=key, now=now
        )
    return types.MoneyProposal.seen_by(context, proposal, now=now)
