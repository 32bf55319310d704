"""
Money of people who have left: in suspense until staff have decided on it.

    suspense ──released──▶ available(person)   to whom it is found to belong here: their new account, an heir's
             └─paid out──▶ bank                to whom the law says, by a payment made at the bank

A decision takes a credit whole. The database refuses a second one while the first stands; a reversal undoes one that
was wrong, or a payment that the bank brought back, and the credit is open again.
"""

import re
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.shared.refusal import InvalidInput
from subgraphs.wallet import crud, models
from subgraphs.wallet.domain import chart, ledger, refusals, wallets
from subgraphs.wallet.domain.staff_plans import Move, Plan
from subgraphs.wallet.models import TransferKind

_BANK_REFERENCE = re.compile(r"[A-Za-z0-9./-]{6,64}", re.ASCII)


def read_bank_reference(text: str) -> str:
    """The bank's name for a payment. Refuses with InvalidInput."""
    reference = text.strip()
    if not _BANK_REFERENCE.fullmatch(reference):
        raise InvalidInput(
            field="bankReference",
            reason="the bank's name for the payment: 6 to 64 letters, digits, and ./-",
            reason_pt="Informe o identificador do pagamento no banco: de 6 a 64 letras, números e ./-",
        )
    return reference


async def plan_release(session: AsyncSession, move: Move, *, cause_id: UUID) -> Plan:
    """
    A credit to the wallet of a person whose identity is verified.

    Refuses with UnclaimedCreditNotOpen, WalletNotReady and PersonCannotReceive (they have left, or are not verified).
    """
    credit = await _lock_open(session, move.subject_id)
    assert move.user_id is not None  # noqa: S101  # who proposes it says so
    wallet = await wallets.lock_wallet_to_give_to(session, move.user_id)
    if await crud.wallets.find_verified_at(session, move.user_id) is None:
        raise refusals.PersonCannotReceive(move.user_id, refusals.WhyNotToReceive.NOT_VERIFIED)
    transfer = _out_of_suspense(credit, kind=TransferKind.SUSPENSE_RESOLVED, to=wallet.available_id, cause_id=cause_id)

    async def finish() -> None:
        credit.settled_by = transfer.id

    return Plan(transfers=(transfer,), people=frozenset({credit.user_id, move.user_id}), finish=finish)


async def plan_payout(session: AsyncSession, move: Move, *, cause_id: UUID) -> Plan:
    """
    That a credit was paid at the bank to whom the law says: its owner, an heir, a court, the state.

    The money leaves at the bank, by people who may do that there; here it is booked, once for each of the bank's
    payments. Refuses with UnclaimedCreditNotOpen and BankReferenceUsed.
    """
    credit = await _lock_open(session, move.subject_id)
    assert move.bank_reference is not None  # noqa: S101  # who proposes it says so
    reference = move.bank_reference
    if await crud.unclaimed.is_reference_used(session, reference):
        raise refusals.BankReferenceUsed(reference)
    transfer = _out_of_suspense(credit, kind=TransferKind.SUSPENSE_PAID_OUT, to=chart.BANK, cause_id=cause_id)

    async def finish() -> None:
        credit.settled_by = transfer.id
        if not await crud.unclaimed.add_payout(session, transfer_id=transfer.id, bank_reference=reference):
            raise refusals.BankReferenceUsed(reference)

    return Plan(transfers=(transfer,), people=frozenset({credit.user_id}), finish=finish)


async def _lock_open(session: AsyncSession, credit_id: UUID) -> models.UnclaimedCredit:
    credit = await crud.unclaimed.lock_credit(session, credit_id)
    if credit is None or credit.settled_by is not None:
        raise refusals.UnclaimedCreditNotOpen(credit_id)
    return credit


def _out_of_suspense(
    credit: models.UnclaimedCredit, *, kind: TransferKind, to: UUID, cause_id: UUID
) -> ledger.Transfer:
    return ledger.move(
        credit.amount_minor,
        debit=chart.SUSPENSE,
        credit=to,
        kind=kind,
        # Not the credit: a decision that is reversed may be followed by a better one.
        cause_id=cause_id,
        reference_id=credit.id,
    )
