"""
Claims: a payer's bank wants a payment back, whole or in part (Pix: devolução by the bank; MED after fraud).

    available ──block──▶ claim ──paid──▶ bank          while it is open: what is there, and later credits first
        ▲                  │
        └─────released─────┘
    people's debts ──────paid──────────▶ bank          what was not there
    available ──debt paid──▶ people's debts            later credits first

The gateway decides and tells. What it takes is gone, whoever has the money by then: what was blocked is used, and the
rest is a debt of the person who had got it. `ledger.post` collects of what is credited to them afterwards.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.shared.clock import business_date
from subgraphs.shared.ids import new_id
from subgraphs.shared.messaging import outbox
from subgraphs.shared.messaging.reactions import NotYet
from subgraphs.wallet import crud, models
from subgraphs.wallet.domain import chart, ledger
from subgraphs.wallet.models import ClaimStatus, PaymentOutcome, TransferKind
from subgraphs.wallet.ports.payment_gateway import ClaimState, ReportedClaim
from subgraphs.wallet.schemas import events
from subgraphs.wallet.schemas.webhooks import ClaimOpened, PaymentTakenBack


async def open_claim(session: AsyncSession, notice: ClaimOpened | PaymentTakenBack, *, now: datetime) -> bool:
    """
    Block what is there of a payment that its payer's bank wants back. False when that is known.

    Raises NotYet while the payment is not known, and ValueError for more than is left of it: people have to look.
    """
    payment = await crud.charges.find_payment(session, notice.end_to_end_id)
    payment = await crud.charges.lock_payment(session, payment.id) if payment else None
    if payment is None:
        raise NotYet(f"payment {notice.end_to_end_id} is not known")
    if await crud.claims.find_claim(session, notice.claim):
        return False
    left = payment.amount_minor - await crud.returns.sum_returned(session, payment.id)
    left -= await crud.claims.sum_claimed(session, payment.id)
    if await crud.returns.is_undone(session, payment.id):
        left = 0
    if notice.amount > left:
        raise ValueError(f"claim {notice.claim} wants {notice.amount} of {payment.end_to_end_id}, {left} are left")
    user_id = await _whose(session, payment)
    days = (await crud.money_out.get_parameters(session, business_date(now)))["claims_collect_days"]
    claim = models.MoneyClaim(
        id=new_id(),
        reference=notice.claim,
        payment_id=payment.id,
        user_id=user_id,
        amount_minor=notice.amount,
        reason=notice.reason,
        status=ClaimStatus.OPEN,
        opened_at=now,
        collects_until=now + timedelta(days=days),
        blocked_minor=0,
        taken_minor=0,
        debt_minor=0,
    )
    session.add(claim)
    await session.flush()
    if user_id is not None:
        await _block(session, claim, chart.available(user_id).id, now=now)
    opened = events.MoneyClaimOpened(
        claim_id=claim.id,
        payment_id=payment.id,
        user_id=user_id,
        amount_minor=claim.amount_minor,
        blocked_minor=claim.blocked_minor,
    )
    outbox.record(session, opened, occurred_at=now)
    return True


async def _whose(session: AsyncSession, payment: models.GatewayPayment) -> UUID | None:
    """Who got a payment, or whom it paid for; nobody while it is in suspense."""
    if payment.outcome in (PaymentOutcome.QUARANTINED, PaymentOutcome.RETURNED):
        return None
    return await crud.claims.find_owner(session, payment)


async def _block(session: AsyncSession, claim: models.MoneyClaim, available_id: UUID, *, now: datetime) -> None:
    await ledger.open_accounts(session, chart.claim(claim.id))
    balances = await ledger.lock_balances(session, [available_id])
    amount = min(balances[available_id], claim.amount_minor)
    if amount:
        transfer = ledger.collection_transfer(session, claim, available_id, amount, now=now)
        await ledger.post(session, transfer, now=now)


async def reject_claim(session: AsyncSession, reference: str, *, now: datetime) -> bool:
    """The claim was not right: what was blocked is free again. False when that is known. Raises NotYet."""
    claim = await _lock(session, reference)
    if claim is None:
        raise NotYet(f"claim {reference} is not known")
    if claim.status is not ClaimStatus.OPEN:
        return False
    released = claim.blocked_minor
    claim.status, claim.ended_at, claim.blocked_minor = ClaimStatus.REJECTED, now, 0
    if released:
        await ledger.post(session, _release(claim, released), now=now)
    _record_end(session, claim, released=released, now=now)
    return True


async def pay_claim(session: AsyncSession, notice: PaymentTakenBack, *, now: datetime) -> bool:
    """
    The payer's bank has taken money back, after a claim or without one. False when that is known.

    Raises NotYet while the payment is not known, and ValueError where people have to look first: a claim that was
    rejected, more than was claimed, or more than is left in suspense.
    """
    await open_claim(session, notice, now=now)
    claim = await _lock(session, notice.claim)
    assert claim is not None  # noqa: S101  # opened by now
    if claim.status is ClaimStatus.PAID:
        return False
    if claim.status is ClaimStatus.REJECTED or notice.amount > claim.amount_minor:
        raise ValueError(f"claim {claim.reference} of {claim.amount_minor} is {claim.status}: {notice.amount} is taken")
    payment = await crud.charges.lock_payment(session, claim.payment_id)
    assert payment is not None  # noqa: S101  # the foreign key says so
    if claim.user_id is None:
        claim.user_id = await _whose(session, payment)
        if claim.user_id is None:
            return await _pay_out_of_suspense(session, claim, payment, taken=notice.amount, now=now)
        await _block(session, claim, chart.available(claim.user_id).id, now=now)
    blocked = claim.blocked_minor
    used = min(blocked, notice.amount)
    claim.status, claim.ended_at, claim.blocked_minor = ClaimStatus.PAID, now, 0
    claim.taken_minor, claim.debt_minor = notice.amount, notice.amount - used
    await session.flush()
    paid = ledger.Transfer(
        kind=TransferKind.CLAIM_PAID,
        cause_id=claim.id,
        reference_id=claim.payment_id,
        legs=(
            *ledger.debit(chart.claim(claim.id).id, used),
            *ledger.debit(chart.PERSON_DEBTS, claim.debt_minor),
            *ledger.credit(chart.BANK, claim.taken_minor),
        ),
    )
    released = blocked - used
    await ledger.post(session, paid, *([_release(claim, released)] if released else []), now=now)
    _record_end(session, claim, released=released, now=now)
    return True


def is_heard(claim: ReportedClaim, known: ClaimStatus | None) -> bool:
    """Whether there is nothing to do about a claim as it stands at the gateway, being *known* to us so."""
    match claim.state:
        case ClaimState.OPEN:
            return known is not None
        case ClaimState.REJECTED:
            return known is not ClaimStatus.OPEN
        case ClaimState.TAKEN_BACK:
            return known is ClaimStatus.PAID


async def take_reported(session: AsyncSession, claim: ReportedClaim, *, now: datetime) -> None:
    """What the notice that was lost would have done. Raises what that raises."""
    said: dict[str, Any] = {
        "claim": claim.claim,
        "end_to_end_id": claim.end_to_end_id,
        "amount": claim.amount_minor,
        "reason": claim.reason,
    }
    match claim.state:
        case ClaimState.OPEN:
            await open_claim(session, ClaimOpened.model_construct(type="claim.opened", **said), now=now)
        case ClaimState.REJECTED:
            await reject_claim(session, claim.claim, now=now)
        case ClaimState.TAKEN_BACK:
            await pay_claim(session, PaymentTakenBack.model_construct(type="payment.taken_back", **said), now=now)


async def _pay_out_of_suspense(
    session: AsyncSession, claim: models.MoneyClaim, payment: models.GatewayPayment, *, taken: int, now: datetime
) -> bool:
    left_minor = await crud.suspense.get_left(session, payment.id)
    if taken > left_minor:
        raise ValueError(f"{taken} is taken back of payment {payment.id}, of which {left_minor} are in suspense")
    claim.status, claim.ended_at, claim.taken_minor = ClaimStatus.PAID, now, taken
    payment.outcome = await crud.suspense.get_outcome(session, payment.id)
    paid = ledger.move(
        taken,
        debit=chart.SUSPENSE,
        credit=chart.BANK,
        kind=TransferKind.CLAIM_PAID,
        cause_id=claim.id,
        reference_id=claim.payment_id,
    )
    await ledger.post(session, paid, now=now)
    _record_end(session, claim, released=0, now=now)
    return True


async def _lock(session: AsyncSession, reference: str) -> models.MoneyClaim | None:
    """A claim, locked after its person's available money, as `ledger.post` locks both."""
    known = await crud.claims.find_claim(session, reference)
    if known is None:
        return None
    if known.user_id is not None:
        await ledger.lock_balances(session, [chart.available(known.user_id).id])
    return await crud.claims.lock_claim(session, known.id)


def _release(claim: models.MoneyClaim, amount_minor: int) -> ledger.Transfer:
    assert claim.user_id is not None  # noqa: S101  # nothing of nobody is blocked
    return ledger.move(
        amount_minor,
        debit=chart.claim(claim.id).id,
        credit=chart.available(claim.user_id).id,
        kind=TransferKind.CLAIM_RELEASE,
        cause_id=claim.id,
        reference_id=claim.payment_id,
    )


def _record_end(session: AsyncSession, claim: models.MoneyClaim, *, released: int, now: datetime) -> None:
    ended = events.MoneyClaimEnded.model_validate(
        {
            "claim_id": claim.id,
            "payment_id": claim.payment_id,
            "user_id": claim.user_id,
            "outcome": claim.status.value,
            "taken_minor": claim.taken_minor,
            "released_minor": released,
            "debt_minor": claim.debt_minor,
        }
    )
    outbox.record(session, ended, occurred_at=now)
