"""
Reversals: what one fact moved is undone by new transfers with their sides exchanged. The old ones stay as they are.

A fact is what transfers name as their cause: a payment is the credit to a wallet and the settlement that brought the
money to our bank. All that a fact moved is undone, or nothing of it.

Only what has no end of its own is reversed. Holds are released, withdrawals returned, and distributions corrected by
whoever made them; reversing their transfers would leave their records saying something else than the ledger. So says
`look_at`, before anybody proposes it.

A payment that goes back to its payer is no reversal: see `returns.py` for what we send, `claims.py` for what the
payer's bank takes. What has gone that way, whole or in part, is not reversed as well.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.shared.reading import Reader
from subgraphs.wallet import crud, models
from subgraphs.wallet.domain import ledger, refusals
from subgraphs.wallet.domain.refusals import ReversalObstacle
from subgraphs.wallet.domain.staff_plans import Move, Plan
from subgraphs.wallet.models import TransferKind

REVERSIBLE = frozenset(
    {
        TransferKind.DEPOSIT,
        TransferKind.SURPLUS,
        TransferKind.SUSPENSE_RESOLVED,
        TransferKind.SUSPENSE_PAID_OUT,
        TransferKind.GATEWAY_SETTLEMENT,
    }
)
FROM_THE_GATEWAY = frozenset({TransferKind.DEPOSIT, TransferKind.SURPLUS})


@dataclass(frozen=True)
class Reversal:
    """What undoing a fact would undo."""

    cause_id: UUID
    transfers: Sequence[models.LedgerTransfer]
    """Of the fact, those that are not undone yet; of one that is, all."""
    obstacle: ReversalObstacle | None


async def find_fact(session: Reader, transfer_id: UUID) -> UUID:
    """The fact that a transfer belongs to. Refuses with TransferNotFound."""
    transfer = await crud.ledger.find_transfer(session, transfer_id)
    if transfer is None:
        raise refusals.TransferNotFound(transfer_id)
    # A reversal is of the fact that it undoes.
    if transfer.reverses_id is not None:
        return await find_fact(session, transfer.reverses_id)
    return transfer.cause_id


async def look_at(session: Reader, cause_id: UUID) -> Reversal:
    """What undoing the fact would undo, and what stands in the way."""
    moved = await crud.ledger.list_of_cause(session, cause_id)
    undone = await crud.ledger.list_reversed(session, [transfer.id for transfer in moved])
    left = [transfer for transfer in moved if transfer.id not in undone]
    if not left:
        return Reversal(cause_id, moved, ReversalObstacle.REVERSED_ALREADY)
    return Reversal(cause_id, left, await _obstacle(session, moved, left))


async def _obstacle(
    session: Reader, moved: Sequence[models.LedgerTransfer], left: Sequence[models.LedgerTransfer]
) -> ReversalObstacle | None:
    kinds = {transfer.kind for transfer in moved}
    if not kinds <= REVERSIBLE:
        return ReversalObstacle.ENDS_OTHERWISE
    if kinds & FROM_THE_GATEWAY and TransferKind.GATEWAY_SETTLEMENT not in kinds:
        return ReversalObstacle.NOT_SETTLED
    if await crud.returns.has_gone_back(session, _payments_of(moved)):
        return ReversalObstacle.MONEY_MOVED_ON
    if await crud.unclaimed.has_brought_what_is_settled(session, [transfer.id for transfer in left]):
        return ReversalObstacle.MONEY_MOVED_ON
    return None if await _money_is_there(session, left) else ReversalObstacle.MONEY_MOVED_ON


def _payments_of(moved: Sequence[models.LedgerTransfer]) -> set[UUID]:
    """The payments that a fact is, or gave out of suspense."""
    return {
        transfer.reference_id if transfer.kind is TransferKind.SUSPENSE_RESOLVED else transfer.cause_id
        for transfer in moved
    }


async def _money_is_there(session: Reader, left: Sequence[models.LedgerTransfer]) -> bool:
    entries = await crud.ledger.list_entries_with_accounts(session, [transfer.id for transfer in left])
    balances = await crud.ledger.list_balances(session, [account.id for _, account in entries])
    for entry, account in entries:
        balances[account.id] += -entry.amount_minor if entry.side is account.normal_side else entry.amount_minor
    return all(account.may_go_negative or balances[account.id] >= 0 for _, account in entries)


async def plan_reversal(session: AsyncSession, move: Move, *, cause_id: UUID) -> Plan:  # noqa: ARG001  # as all planners
    """
    All that a fact moved, the other way round.

    What was given out of suspense is in suspense again, and what had gone there instead of a wallet is not any more.
    Refuses with TransferNotReversible.
    """
    moved = await crud.ledger.list_of_cause(session, move.subject_id)
    ids = [transfer.id for transfer in moved]
    await crud.charges.lock_payment(session, move.subject_id)
    resolved = [transfer for transfer in moved if transfer.kind is TransferKind.SUSPENSE_RESOLVED]
    payments = [await crud.charges.lock_payment(session, transfer.reference_id) for transfer in resolved]
    settled = [await crud.unclaimed.lock_settled_by(session, transfer_id) for transfer_id in ids]
    brought = [await crud.unclaimed.lock_brought_by(session, transfer_id) for transfer_id in ids]
    entries = await crud.ledger.list_entries_with_accounts(session, ids)
    await ledger.lock_balances(session, [account.id for _, account in entries])
    # Looked at under the locks: of two reversals at once the second finds the first.
    found = await look_at(session, move.subject_id)
    if found.obstacle is not None:
        raise refusals.TransferNotReversible(obstacle=found.obstacle)
    # The gateway's settlement may have been booked while this one waited.
    ids += [transfer.id for transfer in found.transfers if transfer.id not in ids]
    entries = await crud.ledger.list_entries_with_accounts(session, ids)
    transfers = {original.id: _mirrored(original, entries) for original in found.transfers}

    async def finish() -> None:
        for payment in filter(None, payments):
            payment.outcome = await crud.suspense.get_outcome(session, payment.id)
        for credit in filter(None, settled):
            credit.settled_by = None
        for credit in filter(None, brought):
            credit.settled_by = transfers[credit.transfer_id].id

    owners = {account.owner_id for _, account in entries if account.owner_id}
    owners |= {credit.user_id for credit in (*settled, *brought) if credit}
    return Plan(transfers=tuple(transfers.values()), people=frozenset(owners), finish=finish)


def _mirrored(
    original: models.LedgerTransfer, entries: Sequence[tuple[models.LedgerEntry, models.LedgerAccount]]
) -> ledger.Transfer:
    return ledger.Transfer(
        kind=TransferKind.REVERSAL,
        cause_id=original.id,
        reference_id=original.reference_id,
        reverses_id=original.id,
        legs=tuple(
            ledger.Leg(entry.account_id, entry.side.opposite, entry.amount_minor)
            for entry, _ in entries
            if entry.transfer_id == original.id
        ),
    )
