"""Payments that could not be placed: staff find whose they are."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.wallet import crud
from subgraphs.wallet.domain import chart, ledger, refusals, wallets
from subgraphs.wallet.domain.staff_plans import Move, Plan
from subgraphs.wallet.models import PaymentOutcome, TransferKind


async def plan_resolution(session: AsyncSession, move: Move, *, cause_id: UUID) -> Plan:
    """
    What is left of a payment in suspense, to the wallet of the person whose it is found to be.

    All of it is one person's: who got a part gets the rest, which was on its way back and did not arrive. For what a
    bank claims of it, or staff return, is that person's to give. Refuses with PaymentNotInSuspense (unknown, or decided
    before), PaymentClaimed (its payer's bank wants it back, and has not been answered), WalletNotReady and
    PersonCannotReceive (they have left, or somebody else has a part).
    """
    payment = await crud.charges.lock_payment(session, move.subject_id)
    if payment is None or payment.outcome is not PaymentOutcome.QUARANTINED:
        raise refusals.PaymentNotInSuspense(move.subject_id)
    if claimed_minor := await crud.claims.sum_open(session, payment.id):
        raise refusals.PaymentClaimed(payment_id=payment.id, claimed_minor=claimed_minor)
    assert move.user_id is not None  # noqa: S101  # who proposes it says so
    wallet = await wallets.lock_wallet_to_give_to(session, move.user_id)
    if await crud.claims.find_receiver(session, payment.id) not in (None, move.user_id):
        raise refusals.PersonCannotReceive(move.user_id, refusals.WhyNotToReceive.PART_IS_ANOTHERS)
    payer_id = await crud.charges.find_payer_id(session, payment.charge_id) if payment.charge_id else None

    left_minor = await crud.suspense.get_left(session, payment.id)

    async def finish() -> None:
        payment.outcome = await crud.suspense.get_outcome(session, payment.id)

    transfer = ledger.move(
        left_minor,
        debit=chart.SUSPENSE,
        credit=wallet.available_id,
        kind=TransferKind.SUSPENSE_RESOLVED,
        # Not the payment: a decision that is reversed may be followed by a better one.
        cause_id=cause_id,
        reference_id=payment.id,
    )
    people = {move.user_id, *([payer_id] if payer_id else [])}
    return Plan(transfers=(transfer,), people=frozenset(people), given_minor=left_minor, finish=finish)
