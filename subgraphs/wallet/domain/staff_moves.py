"""
Money that staff move: one proposes, another approves, and neither touches what is or may be their own.

What a proposal would move is worked out when it is made, shown to who decides, and worked out again when it is
approved: were it something else by then, it is refused. Each kind says in a `Planner` what it moves, or why not.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.shared import idempotency, proposals
from subgraphs.shared.ids import new_id
from subgraphs.shared.proposals import Proposal
from subgraphs.shared.reading import Reader
from subgraphs.shared.refusal import InvalidInput
from subgraphs.wallet import crud, models
from subgraphs.wallet.domain import ledger, refusals, returns, reversals, suspense, unclaimed
from subgraphs.wallet.domain.staff_plans import Move, Plan
from subgraphs.wallet.models import StaffActionKind

Planner = Callable[..., Awaitable[Plan]]
"""Takes the session, the move and, as *cause_id*, the id of the decision; locks what it looks at."""

PLANNERS: Mapping[StaffActionKind, Planner] = {
    StaffActionKind.REVERSE_TRANSFER: reversals.plan_reversal,
    StaffActionKind.RESOLVE_SUSPENSE: suspense.plan_resolution,
    StaffActionKind.RELEASE_UNCLAIMED: unclaimed.plan_release,
    StaffActionKind.PAY_OUT_UNCLAIMED: unclaimed.plan_payout,
    StaffActionKind.RETURN_PAYMENT: returns.plan_return,
}
NEEDS = {
    StaffActionKind.RESOLVE_SUSPENSE: "userId",
    StaffActionKind.RELEASE_UNCLAIMED: "userId",
    StaffActionKind.PAY_OUT_UNCLAIMED: "bankReference",
}
"""What beside its subject each needs to be told."""
KINDS = tuple(kind.value for kind in StaffActionKind)


@dataclass(frozen=True)
class Foreseen:
    """An entry that a proposal would make, as it is kept with the proposal."""

    account_id: UUID
    account_code: str
    account_kind: models.AccountKind
    owner_id: UUID | None
    side: models.Side
    amount_minor: int

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> Self:
        owner = kept["owner_id"]
        return cls(
            account_id=UUID(kept["account_id"]),
            account_code=kept["account_code"],
            account_kind=models.AccountKind(kept["account_kind"]),
            owner_id=UUID(owner) if owner else None,
            side=models.Side(kept["side"]),
            amount_minor=kept["amount_minor"],
        )


async def read_move(
    session: Reader,
    subject_id: UUID,
    *,
    kind: StaffActionKind,
    user_id: UUID | None,
    bank_reference: str | None,
    amount_minor: int | None = None,
) -> Move:
    """
    What is asked for, of which a kind needs this or that. Who names a transfer to be undone means all of its fact.

    Refuses with TransferNotFound and InvalidInput.
    """
    wanted = {"userId": user_id, "bankReference": bank_reference}
    for field, value in wanted.items():
        if (value is None) == (field == NEEDS.get(kind)):
            is_missing = value is None
            raise InvalidInput(
                field=field,
                reason=f"{kind} {'needs it' if is_missing else 'has none'}",
                reason_pt=f"{'Obrigatório' if is_missing else 'Não se aplica'} para {kind}.",
            )
    if amount_minor is not None and (kind is not StaffActionKind.RETURN_PAYMENT or amount_minor <= 0):
        raise InvalidInput(
            field="amount",
            reason="RETURN_PAYMENT alone has one, of more than nothing",
            reason_pt="Só uma devolução tem valor, maior que zero.",
        )
    if kind is StaffActionKind.REVERSE_TRANSFER:
        subject_id = await reversals.find_fact(session, subject_id)
    reference = None if bank_reference is None else unclaimed.read_bank_reference(bank_reference)
    return Move(kind=kind, subject_id=subject_id, user_id=user_id, bank_reference=reference, amount_minor=amount_minor)


async def propose_move(
    session: AsyncSession, move: Move, *, actor_id: UUID, reason: str, idempotency_key: str, now: datetime
) -> Proposal:
    """
    Let another of the staff decide on *move*.

    The same request again is the first proposal. Refuses with what the kind refuses (it cannot be done), OwnMoney,
    ProposalPending and IdempotencyKeyReused.
    """
    wanted = proposals.ToPropose(
        kind=move.kind.value,
        subject_id=move.subject_id,
        content=move.content,
        actor_id=actor_id,
        reason=reason,
        idempotency_key=idempotency_key,
    )
    content = {"kind": move.kind, "subject": move.subject_id, "reason": reason, **move.content}
    request = idempotency.Request("propose_move", actor_id, idempotency_key, content)
    if earlier_id := await idempotency.claim(session, request, result_id=new_id(), now=now):
        return await session.get_one(Proposal, earlier_id)
    plan = await PLANNERS[move.kind](session, move, cause_id=new_id())
    _refuse_own(plan, actor_id)
    proposal = await proposals.propose(session, wanted, foreseen=await _foreseen(session, plan), now=now)
    await idempotency.answer_with(session, request, result_id=proposal.id)
    return proposal


async def approve_move(session: AsyncSession, proposal_id: UUID, *, actor_id: UUID, now: datetime) -> Proposal:
    """
    Do what another of the staff has proposed, once; the same request again finds it done.

    Refuses with ProposalNotOpen, OwnProposal, OwnMoney, ProposalOutdated, and with what the kind refuses.
    """
    proposal = await proposals.lock_to_approve(session, proposal_id, kinds=KINDS, actor_id=actor_id, now=now)
    if proposal.outcome is not None:
        return proposal
    move = Move.of(proposal)
    act = models.StaffAction(
        id=new_id(),
        actor_id=proposal.proposed_by,
        approved_by=actor_id,
        proposal_id=proposal.id,
        action=move.kind,
        subject_id=move.subject_id,
        reason=proposal.reason,
        at=now,
    )
    plan = await PLANNERS[move.kind](session, move, cause_id=act.id)
    _refuse_own(plan, proposal.proposed_by, actor_id)
    if await _foreseen(session, plan) != proposal.foreseen:
        raise refusals.ProposalOutdated(proposal_id)
    await proposals.approve(session, proposal, actor_id=actor_id, now=now)
    act.amount_minor = plan.given_minor
    session.add(act)
    await session.flush()
    await ledger.post(session, *plan.transfers, now=now)
    # After the transfers: the database lets what they settle change because of them.
    await plan.finish()
    await session.flush()
    return proposal


def _refuse_own(plan: Plan, *actor_ids: UUID) -> None:
    if not plan.people.isdisjoint(actor_ids):
        raise refusals.OwnMoney


async def _foreseen(session: AsyncSession, plan: Plan) -> list[dict[str, Any]]:
    legs = [leg for transfer in plan.transfers for leg in transfer.legs]
    accounts = await crud.ledger.list_accounts(session, {leg.account_id for leg in legs})
    return [_kept(leg, accounts[leg.account_id]) for leg in _in_order(legs, accounts)]


def _in_order(legs: Iterable[ledger.Leg], accounts: Mapping[UUID, models.LedgerAccount]) -> list[ledger.Leg]:
    return sorted(legs, key=lambda leg: (accounts[leg.account_id].code, leg.side, leg.amount_minor))


def _kept(leg: ledger.Leg, account: models.LedgerAccount) -> dict[str, Any]:
    return {
        "account_id": str(account.id),
        "account_code": account.code,
        "account_kind": account.kind.value,
        "owner_id": str(account.owner_id) if account.owner_id else None,
        "side": leg.side.value,
        "amount_minor": leg.amount_minor,
    }
