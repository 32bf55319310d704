"""Two of the staff who move money together: one proposes, the other approves."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.shared.proposals import Proposal
from subgraphs.wallet.domain import reversals, staff_moves
from subgraphs.wallet.domain.staff_plans import Move
from subgraphs.wallet.models import StaffActionKind
from tests.subgraphs.wallet.wallet_world import ANA, WalletWorld, number

BRUNO = number(0xB2)
"""The other administrator."""

SHOWN = """__typename id kind subject userId bankReference amount { amount } reason status proposedBy decidedBy
    decisionReason
    entries { accountCode side amount { amount } }"""
PROPOSE = f"""mutation($input: ProposeMoneyMoveInput!) {{ proposeMoneyMove(input: $input) {{
    __typename ... on MoneyProposal {{ {SHOWN} }} ... on Refusal {{ code message }} ... on InvalidInput {{ field }}
    ... on PersonCannotReceive {{ why }} ... on TransferNotReversible {{ obstacle }} }} }}"""
APPROVE = f"""mutation($id: ID!) {{ approveMoneyProposal(input: {{proposalId: $id}}) {{
    __typename ... on MoneyProposal {{ {SHOWN} }} ... on Refusal {{ code message }}
    ... on TransferNotReversible {{ obstacle }} }} }}"""
REJECT = f"""mutation($id: ID!, $reason: String = "not what the bank wrote") {{
    rejectMoneyProposal(input: {{proposalId: $id, reason: $reason}}) {{
    __typename ... on MoneyProposal {{ {SHOWN} }} ... on Refusal {{ code }} ... on InvalidInput {{ field }} }} }}"""
PROPOSALS = f"""query($status: ProposalStatus, $first: Int, $after: String) {{
    moneyProposals(status: $status, first: $first, after: $after) {{
    nodes {{ {SHOWN} }} pageInfo {{ hasNextPage endCursor }} }} }}"""


async def propose(world: WalletWorld, kind: str, subject: object, *, by: uuid.UUID = ANA, **more: Any) -> Any:
    wanted = {
        "kind": kind,
        "subjectId": str(subject),
        "reason": "the bank told us so",
        "idempotencyKey": str(uuid.uuid4()),
    } | {name: value if value is None else str(value) for name, value in more.items()}
    if "amount" in more:
        wanted["amount"] = {"amount": more["amount"]}
    return (await world.get(PROPOSE, by, "admin", input=wanted))["proposeMoneyMove"]


async def approve(world: WalletWorld, proposal: Any, *, by: uuid.UUID = BRUNO) -> Any:
    return (await world.get(APPROVE, by, "approver", id=proposal["id"]))["approveMoneyProposal"]


async def move(world: WalletWorld, kind: str, subject: object, **more: Any) -> Any:
    """Proposed by Ana and approved by Bruno; what is refused, by the first that refuses."""
    proposed = await propose(world, kind, subject, **more)
    return proposed if "code" in proposed else await approve(world, proposed)


async def reverse(world: WalletWorld, transfer: object, **more: Any) -> Any:
    return await move(world, "REVERSE_TRANSFER", transfer, **more)


async def decided(session: AsyncSession, wanted: Move, *, now: datetime) -> Proposal:
    """The same below the graph."""
    key = str(uuid.uuid4())
    proposal = await staff_moves.propose_move(
        session, wanted, actor_id=ANA, reason="the bank told us so", idempotency_key=key, now=now
    )
    return await staff_moves.approve_move(session, proposal.id, actor_id=BRUNO, now=now)


async def undone(session: AsyncSession, transfer_id: uuid.UUID, *, now: datetime) -> Proposal:
    """All that moved with a transfer is reversed."""
    cause_id = await reversals.find_fact(session, transfer_id)
    return await decided(session, Move(kind=StaffActionKind.REVERSE_TRANSFER, subject_id=cause_id), now=now)
