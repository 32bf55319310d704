"""
Returns: a payment goes back to who made it, whole or in part (Pix: devolução).

    suspense ────────┬──request──▶ returns ──settled──▶ bank
    available ───────┘                │                  │
        ▲                             │                  │
        └───────────failed────────────┴──────────────────┘

What goes back is a payment or a part of it; what is left in suspense waits there. The gateway is told by a reaction to
our own event, so that none is lost. Whatever order its answers come in, one that says "failed" is the last word: the
money is then again where it was, and waits for people.
"""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.shared.ids import new_id
from subgraphs.shared.jobs import one_by_one
from subgraphs.shared.messaging import outbox
from subgraphs.wallet import crud, models
from subgraphs.wallet.core.services import Services
from subgraphs.wallet.domain import chart, ledger, refusals
from subgraphs.wallet.domain.staff_plans import Move, Plan
from subgraphs.wallet.models import PaymentOutcome, ReturnReason, ReturnSource, ReturnStatus, TransferKind
from subgraphs.wallet.ports.payment_gateway import GatewayRefused, OutcomeStatus, ReturnOrder
from subgraphs.wallet.schemas import events

OVERDUE = timedelta(minutes=5)
"""A return that has not ended by then is asked about: longer than the gateway usually takes."""
ASKED_AT_ONCE = 50


async def return_from_suspense(
    session: AsyncSession,
    payment: models.GatewayPayment,
    *,
    user_id: UUID | None,
    reason: ReturnReason,
    now: datetime,
) -> models.PaymentReturn:
    """Let a locked payment that is in suspense go back to its payer, whole."""
    made = _made(new_id(), payment, ReturnSource.SUSPENSE, user_id, reason, amount_minor=payment.amount_minor)
    await _record(session, made, payment, now=now)
    await ledger.post(session, _transfer(made), now=now)
    return made


async def plan_return(session: AsyncSession, move: Move, *, cause_id: UUID) -> Plan:
    """
    What staff let go back, or a part: what is left of a payment in suspense, or in the wallet that it had gone to.

    Refuses with PaymentNotReturnable.
    """
    payment = await crud.charges.lock_payment(session, move.subject_id)
    left = await _left(session, payment) if payment else 0
    amount_minor = left if move.amount_minor is None else move.amount_minor
    is_in_suspense = payment is not None and payment.outcome is PaymentOutcome.QUARANTINED
    user_id = await crud.claims.find_owner(session, payment) if payment else None
    if not is_in_suspense and user_id is not None:
        available_id = chart.available(user_id).id
        left = min(left, (await ledger.lock_balances(session, [available_id]))[available_id])
    if payment is None or left <= 0 or amount_minor > left or not (is_in_suspense or user_id is not None):
        raise refusals.PaymentNotReturnable(payment_id=move.subject_id, left_minor=left)
    source = ReturnSource.SUSPENSE if is_in_suspense else ReturnSource.WALLET
    # It has the decision's id, which says who decided it and when.
    made = _made(cause_id, payment, source, user_id, ReturnReason.DECIDED, amount_minor=amount_minor)

    async def finish() -> None:
        decision = await session.get_one(models.StaffAction, cause_id)
        await _record(session, made, payment, now=decision.at)

    people = frozenset({user_id} if user_id else ())
    return Plan(transfers=(_transfer(made),), people=people, finish=finish)


async def _left(session: AsyncSession, payment: models.GatewayPayment) -> int:
    """What of a payment is where it went: not back with its payer, nor claimed, nor an installment's holders'."""
    if payment.outcome is PaymentOutcome.QUARANTINED:
        return await crud.suspense.get_left(session, payment.id) - await crud.claims.sum_open(session, payment.id)
    if payment.outcome in (PaymentOutcome.INSTALLMENT, PaymentOutcome.RETURNED):
        return 0
    if await crud.returns.is_undone(session, payment.id):
        return 0
    gone = await crud.returns.sum_returned(session, payment.id) + await crud.claims.sum_claimed(session, payment.id)
    return payment.amount_minor - gone


def _made(
    return_id: UUID,
    payment: models.GatewayPayment,
    source: ReturnSource,
    user_id: UUID | None,
    reason: ReturnReason,
    *,
    amount_minor: int,
) -> models.PaymentReturn:
    return models.PaymentReturn(
        id=return_id,
        payment_id=payment.id,
        source=source,
        user_id=user_id,
        amount_minor=amount_minor,
        reason=reason,
        status=ReturnStatus.REQUESTED,
    )


def _transfer(made: models.PaymentReturn) -> ledger.Transfer:
    return ledger.move(
        made.amount_minor,
        debit=_source(made),
        credit=chart.RETURNS,
        kind=TransferKind.PAYMENT_RETURN,
        cause_id=made.id,
        reference_id=made.payment_id,
    )


async def _record(
    session: AsyncSession, made: models.PaymentReturn, payment: models.GatewayPayment, *, now: datetime
) -> None:
    """Note a return and have it ordered; its transfer is, or will be, dated the same."""
    made.requested_at = now
    session.add(made)
    await session.flush()
    if made.source is ReturnSource.SUSPENSE:
        payment.outcome = await crud.suspense.get_outcome(session, payment.id)
    outbox.record(session, events.PaymentReturnRequested.model_validate(_facts(made)), occurred_at=now)


def _source(made: models.PaymentReturn) -> UUID:
    """The account that the money was on."""
    if made.source is ReturnSource.SUSPENSE:
        return chart.SUSPENSE
    assert made.user_id is not None  # noqa: S101  # the table's own CHECK says so
    return chart.available(made.user_id).id


def _facts(made: models.PaymentReturn) -> dict[str, object]:
    return {
        "return_id": made.id,
        "payment_id": made.payment_id,
        "user_id": made.user_id,
        "amount_minor": made.amount_minor,
        "reason": made.reason.value,
        "source": made.source.value,
    }


async def send_return(services: Services, return_id: UUID) -> None:
    """
    Order the gateway to give a payment back. May be repeated: the gateway knows orders by their reference.

    An order that it will never take brings the money back where it was. Raises GatewayUnavailable, to be tried again.
    """
    database, now = services.database, services.clock.now()
    async with database.read() as session:
        made = await crud.returns.find_return(session, return_id)
        if made is None or made.status is not ReturnStatus.REQUESTED:
            return
        payment = await crud.charges.get_payment(session, made.payment_id)
    order = ReturnOrder(reference=made.id.hex, end_to_end_id=payment.end_to_end_id, amount_minor=made.amount_minor)
    try:
        await services.gateway.return_payment(order)
    except GatewayRefused as error:
        async with database.begin() as session:
            await fail_return(session, return_id, reason=str(error), now=now)
        return
    async with database.begin() as session:
        sent = await crud.returns.lock_return(session, return_id)
        # Its end may have been told before we get to write that it was sent.
        if sent is not None and sent.status is ReturnStatus.REQUESTED:
            sent.status, sent.sent_at = ReturnStatus.SENT, now


async def settle_return(session: AsyncSession, return_id: UUID, *, now: datetime) -> bool:
    """The payer has their money. False when that is known, or it failed; and for returns not known."""
    made = await crud.returns.lock_return(session, return_id)
    if made is None or made.status not in crud.returns.IN_FLIGHT:
        return False
    made.status, made.ended_at = ReturnStatus.SETTLED, now
    sent = ledger.move(
        made.amount_minor,
        debit=chart.RETURNS,
        credit=chart.BANK,
        kind=TransferKind.PAYMENT_RETURN_SENT,
        cause_id=made.id,
        reference_id=made.payment_id,
    )
    await ledger.post(session, sent, now=now)
    outbox.record(session, events.PaymentReturned.model_validate(_facts(made)), occurred_at=now)
    return True


async def fail_return(session: AsyncSession, return_id: UUID, *, reason: str, now: datetime) -> bool:
    """The payer does not get their money. False when that is known; and for returns not known."""
    known = await crud.returns.find_return(session, return_id)
    if known is None:
        return False
    # The payment before its return, as whoever lets it go back locks them.
    payment = await crud.charges.lock_payment(session, known.payment_id)
    made = await crud.returns.lock_return(session, return_id)
    if payment is None or made is None or made.status is ReturnStatus.FAILED:
        return False
    back = ledger.move(
        made.amount_minor,
        debit=chart.BANK if made.status is ReturnStatus.SETTLED else chart.RETURNS,
        credit=_source(made),
        kind=TransferKind.PAYMENT_RETURN_FAILED,
        cause_id=made.id,
        reference_id=made.payment_id,
    )
    made.status, made.ended_at, made.failure = ReturnStatus.FAILED, now, reason
    await ledger.post(session, back, now=now)
    if made.source is ReturnSource.SUSPENSE:
        payment.outcome = await crud.suspense.get_outcome(session, payment.id)
    outbox.record(session, events.PaymentReturnFailed.model_validate(_facts(made)), occurred_at=now)
    return True


async def ask_about_overdue(services: Services) -> int:
    """
    Learn the end of returns that should have ended; answers for how many it is known now.

    For webhooks that never came, and for orders that never reached the gateway: those are sent again.
    """
    database, now = services.database, services.clock.now()
    async with database.read() as session:
        overdue = await crud.returns.list_in_flight(session, requested_before=now - OVERDUE, limit=ASKED_AT_ONCE)
    learned = 0

    async def ask(return_id: UUID) -> None:
        nonlocal learned
        outcome = await services.gateway.find_return(return_id.hex)
        if outcome is None:
            await send_return(services, return_id)
        elif outcome.status is not OutcomeStatus.PENDING:
            async with database.begin() as session:
                if outcome.status is OutcomeStatus.SETTLED:
                    await settle_return(session, return_id, now=now)
                else:
                    await fail_return(session, return_id, reason=outcome.reason or "", now=now)
            learned += 1

    await one_by_one("ask about returns", [made.id for made in overdue], ask)
    return learned
