"""
Reversals: a transfer is undone by a new one with its sides exchanged. The old one stays as it is.

Only what has no end of its own is reversed. Holds are released, withdrawals returned, and distributions corrected by
whoever made them; reversing their transfers would leave their records saying something else than the ledger.

A payment that the gateway takes back (Pix' special return procedure, MED) is two reversals: the credit to the wallet,
and the settlement that brought the money to our bank.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.shared import idempotency
from subgraphs.shared.ids import new_id
from subgraphs.wallet import crud, models
from subgraphs.wallet.domain import ledger, refusals
from subgraphs.wallet.models import PaymentOutcome, StaffActionKind, TransferKind

REVERSIBLE = frozenset(
    {
        TransferKind.DEPOSIT,
        TransferKind.SURPLUS,
        TransferKind.SUSPENSE_RESOLVED,
        TransferKind.SUSPENSE_PAID_OUT,
        TransferKind.GATEWAY_SETTLEMENT,
    }
)


async def reverse_transfer(
    session: AsyncSession, transfer_id: UUID, *, actor_id: UUID, reason: str, idempotency_key: str, now: datetime
) -> models.LedgerTransfer:
    """
    Undo a transfer, once. Who did it and why is kept.

    What was given out of suspense is in suspense again, and what had gone there instead of a wallet is not any more. A
    repeated key answers with the first reversal. Refuses with TransferNotFound, TransferAlreadyReversed,
    IdempotencyKeyReused and TransferNotReversible: it is none of `REVERSIBLE`, or its money has moved on and cannot be
    taken back from where it went.
    """
    request = idempotency.Request(
        "reverse_transfer", actor_id, idempotency_key, {"transfer": transfer_id, "reason": reason}
    )
    reversal_id = new_id()
    if earlier_id := await idempotency.claim(session, request, result_id=reversal_id, now=now):
        return await crud.ledger.get_transfer(session, earlier_id)
    original = await crud.ledger.find_transfer(session, transfer_id)
    if original is None:
        raise refusals.TransferNotFound(transfer_id)
    if original.kind not in REVERSIBLE:
        raise refusals.TransferNotReversible(transfer_id)
    payment = None
    if original.kind is TransferKind.SUSPENSE_RESOLVED:
        payment = await crud.charges.lock_payment(session, original.reference_id)
    settled = await crud.unclaimed.lock_settled_by(session, original.id)
    brought = await crud.unclaimed.lock_brought_by(session, original.id)
    if brought is not None and brought.settled_by is not None:
        raise refusals.TransferNotReversible(transfer_id)
    entries = await crud.ledger.list_entries_of(session, [transfer_id])
    await _check_money_is_there(session, transfer_id, entries)
    reversal = ledger.Transfer(
        id=reversal_id,
        kind=TransferKind.REVERSAL,
        cause_id=original.id,
        reference_id=original.reference_id,
        reverses_id=original.id,
        legs=tuple(ledger.Leg(entry.account_id, entry.side.opposite, entry.amount_minor) for entry in entries),
    )
    await ledger.post(session, reversal, at=now)
    # After the transfer: the database lets these change because of it.
    if payment is not None:
        payment.outcome = PaymentOutcome.QUARANTINED
    if settled is not None:
        settled.settled_by = None
    if brought is not None:
        brought.settled_by = reversal.id
    session.add(
        models.StaffAction(
            id=new_id(),
            actor_id=actor_id,
            action=StaffActionKind.REVERSE_TRANSFER,
            subject_id=original.id,
            reason=reason,
            at=now,
        )
    )
    return await crud.ledger.get_transfer(session, reversal.id)


async def _check_money_is_there(session: AsyncSession, transfer_id: UUID, entries: list[models.LedgerEntry]) -> None:
    balances = await ledger.lock_balances(session, [entry.account_id for entry in entries])
    # Asked under the locks: of two reversals at once the second finds the first.
    if await crud.ledger.find_reversal(session, transfer_id):
        raise refusals.TransferAlreadyReversed(transfer_id)
    accounts = await crud.ledger.list_accounts(session, balances)
    for entry in entries:
        account = accounts[entry.account_id]
        lowers = entry.side is account.normal_side
        if lowers and not account.may_go_negative and balances[account.id] < entry.amount_minor:
            raise refusals.TransferNotReversible(transfer_id)
