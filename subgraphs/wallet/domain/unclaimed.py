"""
Money of people who have left: in suspense until administrators have decided on it.

    suspense ──released──▶ available(person)   to whom it is found to belong here: their new account, an heir's
             └─paid out──▶ bank                to whom the law says, by a payment made at the bank

A decision takes a credit whole. The database refuses a second one while the first stands; `reverseTransfer` undoes one
that was wrong, or a payment that the bank brought back, and the credit is open again.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.shared import idempotency
from subgraphs.shared.ids import new_id
from subgraphs.shared.refusal import InvalidInput
from subgraphs.wallet import crud, models
from subgraphs.wallet.domain import chart, ledger, refusals, wallets
from subgraphs.wallet.models import StaffActionKind, TransferKind

_BANK_REFERENCE = re.compile(r"[A-Za-z0-9./-]{6,64}", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class Decision:
    """An administrator's word on one credit."""

    credit_id: UUID
    actor_id: UUID
    reason: str
    idempotency_key: str


async def release_credit(
    session: AsyncSession, decision: Decision, *, user_id: UUID, now: datetime
) -> models.LedgerTransfer:
    """
    Give a credit to the wallet of a person whose identity is verified.

    A repeated key answers with the first transfer. Refuses with UnclaimedCreditNotOpen, WalletNotReady,
    IdempotencyKeyReused and InvalidInput (the person has left, is not verified, or decides about themselves).
    """
    transfer_id = new_id()
    content = {"credit": decision.credit_id, "user": user_id, "reason": decision.reason}
    if earlier := await _earlier(session, "release_unclaimed", decision, content, transfer_id=transfer_id, now=now):
        return earlier
    credit = await _lock_open(session, decision.credit_id)
    wallet = await wallets.lock_wallet_to_give_to(session, user_id, giver_id=decision.actor_id)
    if await crud.wallets.find_verified_at(session, user_id) is None:
        raise InvalidInput(
            field="userId",
            reason="this person's identity is not verified",
            reason_pt="A identidade desta pessoa não está verificada.",
        )
    return await _settle(
        session,
        credit,
        decision,
        action=StaffActionKind.RELEASE_UNCLAIMED,
        kind=TransferKind.SUSPENSE_RESOLVED,
        to=wallet.available_id,
        transfer_id=transfer_id,
        now=now,
    )


async def pay_out_credit(
    session: AsyncSession, decision: Decision, *, bank_reference: str, now: datetime
) -> models.LedgerTransfer:
    """
    Enter that a credit was paid at the bank to whom the law says: its owner, an heir, a court, the state.

    The money leaves at the bank, by people who may do that there; here it is booked, once for each of the bank's
    payments. A repeated key answers with the first transfer. Refuses with UnclaimedCreditNotOpen, BankReferenceUsed,
    IdempotencyKeyReused and InvalidInput.
    """
    reference = bank_reference.strip()
    if not _BANK_REFERENCE.fullmatch(reference):
        raise InvalidInput(
            field="bankReference",
            reason="the bank's name for the payment: 6 to 64 letters, digits, and ./-",
            reason_pt="Informe o identificador do pagamento no banco: de 6 a 64 letras, números e ./-",
        )
    transfer_id = new_id()
    content = {"credit": decision.credit_id, "bank_reference": reference, "reason": decision.reason}
    if earlier := await _earlier(session, "pay_out_unclaimed", decision, content, transfer_id=transfer_id, now=now):
        return earlier
    credit = await _lock_open(session, decision.credit_id)
    transfer = await _settle(
        session,
        credit,
        decision,
        action=StaffActionKind.PAY_OUT_UNCLAIMED,
        kind=TransferKind.SUSPENSE_PAID_OUT,
        to=chart.BANK,
        transfer_id=transfer_id,
        now=now,
    )
    if not await crud.unclaimed.add_payout(session, transfer_id=transfer_id, bank_reference=reference):
        raise refusals.BankReferenceUsed(reference)
    return transfer


async def _earlier(
    session: AsyncSession,
    operation: str,
    decision: Decision,
    content: dict[str, object],
    *,
    transfer_id: UUID,
    now: datetime,
) -> models.LedgerTransfer | None:
    request = idempotency.Request(operation, decision.actor_id, decision.idempotency_key, content)
    earlier_id = await idempotency.claim(session, request, result_id=transfer_id, now=now)
    return await crud.ledger.get_transfer(session, earlier_id) if earlier_id else None


async def _lock_open(session: AsyncSession, credit_id: UUID) -> models.UnclaimedCredit:
    credit = await crud.unclaimed.lock_credit(session, credit_id)
    if credit is None or credit.settled_by is not None:
        raise refusals.UnclaimedCreditNotOpen(credit_id)
    return credit


async def _settle(
    session: AsyncSession,
    credit: models.UnclaimedCredit,
    decision: Decision,
    *,
    action: StaffActionKind,
    kind: TransferKind,
    to: UUID,
    transfer_id: UUID,
    now: datetime,
) -> models.LedgerTransfer:
    made = models.StaffAction(
        id=new_id(),
        actor_id=decision.actor_id,
        action=action,
        subject_id=credit.id,
        reason=decision.reason,
        at=now,
    )
    session.add(made)
    transfer = ledger.Transfer(
        id=transfer_id,
        kind=kind,
        # Not the credit: a decision that is reversed may be followed by a better one.
        cause_id=made.id,
        reference_id=credit.id,
        legs=(*ledger.debit(chart.SUSPENSE, credit.amount_minor), *ledger.credit(to, credit.amount_minor)),
    )
    await ledger.post(session, transfer, at=now)
    credit.settled_by = transfer_id
    # Written at once: the database says here, not at the commit, when the transfer is not what settles this credit.
    await session.flush()
    return await crud.ledger.get_transfer(session, transfer_id)
