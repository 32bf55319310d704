"""Payments that wallet confirmed meet their installments."""

from collections.abc import Sequence
from datetime import datetime

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.contracts.crud import cprs as rows
from subgraphs.contracts.domain.lateness import charges_of, recover_if_paid_up
from subgraphs.contracts.models import (
    CPR,
    UNDER_REPAYMENT,
    CPRStatus,
    Installment,
    InstallmentPayment,
    InstallmentStatus,
    PaymentOutcome,
)
from subgraphs.contracts.schemas import events
from subgraphs.shared.clock import business_date
from subgraphs.shared.messaging import outbox
from subgraphs.shared.messaging.reactions import NotYet

log = structlog.get_logger()


async def record_payment(session: AsyncSession, confirmed: events.PaymentConfirmed, *, now: datetime) -> PaymentOutcome:
    """
    Mark an installment paid, once; the CPR is settled with its last one.

    Every confirmed payment is kept with how it met its installment. One that is too small does not pay, and one for
    an installment already paid changes nothing: both are for people to look at, not to be lost.

    Raises NotYet for an installment that we do not know to be owed: its CPR's disbursement is on its way to us.
    """
    cpr = await rows.lock_cpr(session, confirmed.cpr_id)
    if cpr is None or cpr.disbursed_at is None:
        raise NotYet(f"CPR {confirmed.cpr_id} is not disbursed yet")
    installments = await rows.lock_installments(session, cpr.id)
    installment = next((row for row in installments if row.id == confirmed.installment_id), None)
    if installment is None:
        raise LookupError(f"CPR {cpr.id} has no installment {confirmed.installment_id}")
    if earlier := await rows.find_payment(session, confirmed.payment_id):
        return PaymentOutcome(earlier.outcome)

    outcome = _outcome_of(installment, confirmed.amount_minor)
    session.add(
        InstallmentPayment(
            payment_id=confirmed.payment_id,
            installment_id=installment.id,
            amount_minor=confirmed.amount_minor,
            due_minor=installment.amount_minor,
            late_minor=charges_of(cpr, installment, on=business_date(confirmed.confirmed_at)).total_minor,
            method=confirmed.method,
            outcome=outcome,
            confirmed_at=confirmed.confirmed_at,
        )
    )
    if outcome in (PaymentOutcome.EXACT, PaymentOutcome.ABOVE):
        _mark_paid(session, cpr, installment, confirmed, now=now)
        _settle_if_last(session, cpr, installments, now=now)
        await recover_if_paid_up(session, cpr, installments, now=now)
    if outcome is not PaymentOutcome.EXACT:
        log.warning(
            "a payment is not what was owed",
            outcome=outcome.value,
            installment_id=str(installment.id),
            payment_id=str(confirmed.payment_id),
            amount_minor=confirmed.amount_minor,
            due_minor=installment.amount_minor,
        )
    return outcome


def _outcome_of(installment: Installment, amount_minor: int) -> PaymentOutcome:
    if installment.status == InstallmentStatus.PAID:
        return PaymentOutcome.REPEATED
    if amount_minor == installment.amount_minor:
        return PaymentOutcome.EXACT
    return PaymentOutcome.ABOVE if amount_minor > installment.amount_minor else PaymentOutcome.BELOW


def _mark_paid(
    session: AsyncSession, cpr: CPR, installment: Installment, confirmed: events.PaymentConfirmed, *, now: datetime
) -> None:
    installment.status, installment.paid_at = InstallmentStatus.PAID, confirmed.confirmed_at
    paid = events.InstallmentPaid(
        installment_id=installment.id,
        cpr_id=cpr.id,
        farmer_id=cpr.farmer_id,
        number=installment.number,
        payment_id=confirmed.payment_id,
        amount_minor=confirmed.amount_minor,
        paid_at=confirmed.confirmed_at,
    )
    outbox.record(session, paid, occurred_at=now)


def _settle_if_last(session: AsyncSession, cpr: CPR, installments: Sequence[Installment], *, now: datetime) -> None:
    if cpr.is_any_of(*UNDER_REPAYMENT) and all(row.status == InstallmentStatus.PAID for row in installments):
        cpr.status, cpr.settled_at = CPRStatus.SETTLED, now
        outbox.record(session, events.CPRSettled(cpr_id=cpr.id, farmer_id=cpr.farmer_id), occurred_at=now)
