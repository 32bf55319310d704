"""Payments that wallet confirmed meet their installments."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.contracts.crud import cprs as rows
from subgraphs.contracts.crud import renegotiations
from subgraphs.contracts.domain.lateness import recover_if_paid_up
from subgraphs.contracts.domain.renegotiations import overtake
from subgraphs.contracts.models import (
    CPR,
    UNDER_REPAYMENT,
    CPRStatus,
    Installment,
    InstallmentPayment,
    InstallmentStatus,
    PaymentOutcome,
)
from subgraphs.contracts.schemas import events, heard
from subgraphs.shared.messaging import outbox
from subgraphs.shared.messaging.reactions import NotYet

log = structlog.get_logger()


async def record_payment(session: AsyncSession, confirmed: heard.PaymentConfirmed, *, now: datetime) -> PaymentOutcome:
    """
    Settle an installment, or a part of it, by a payment; the CPR is settled with its last one.

    The wallet, which numbers an installment's payments, says what of one went to fine and interest for being late; the
    rest settles the installment (Código Civil, art. 354), and so does what was taken off for paying early. Every
    confirmed payment is kept with how it met its installment. Of two that come in the wrong order the later number
    says what is open; one more for an installment that is paid changes nothing, and is for people to look at, not to
    be lost.

    Raises NotYet for an installment that we do not know to be owed: its CPR's disbursement is on its way to us.
    """
    cpr = await rows.lock_cpr(session, confirmed.cpr_id)
    if cpr is None or cpr.disbursed_at is None:
        raise NotYet(f"CPR {confirmed.cpr_id} is not disbursed yet")
    installments = await rows.lock_installments(session, cpr.id)
    installment = next((row for row in installments if row.id == confirmed.installment_id), None)
    if installment is None:
        if await renegotiations.is_proposed(session, confirmed.installment_id):
            raise NotYet(f"that the new schedule of CPR {cpr.id} is in force is not known yet")
        raise LookupError(f"CPR {cpr.id} has no installment {confirmed.installment_id}")
    if earlier := await rows.find_payment(session, confirmed.payment_id):
        return PaymentOutcome(earlier.outcome)

    met = _meet(installment, confirmed)
    if await rows.find_numbered_payment(session, installment.id, confirmed.number):
        outcome = PaymentOutcome.REPEATED
    else:
        outcome = met.outcome
    session.add(
        InstallmentPayment(
            payment_id=confirmed.payment_id,
            installment_id=installment.id,
            number=confirmed.number,
            amount_minor=confirmed.amount_minor,
            due_minor=met.due_minor,
            late_minor=met.late_minor + confirmed.late_left_minor,
            reduction_minor=confirmed.reduction_minor,
            method=confirmed.method,
            outcome=outcome,
            confirmed_at=confirmed.confirmed_at,
        )
    )
    if outcome is not PaymentOutcome.REPEATED:
        if confirmed.number > installment.payment_count:
            await overtake(session, cpr, now=now)
        _apply(session, cpr, installment, confirmed, met, now=now)
        # Who was told of a default is told that it is over, also where the same payment settles the CPR.
        await recover_if_paid_up(session, cpr, installments, now=now)
        _settle_if_last(session, cpr, installments, now=now)
    if outcome is not PaymentOutcome.EXACT:
        log.warning(
            "a payment is not what was owed",
            outcome=outcome.value,
            installment_id=str(installment.id),
            payment_id=str(confirmed.payment_id),
            amount_minor=confirmed.amount_minor,
            due_minor=met.due_minor,
        )
    return outcome


@dataclass(frozen=True)
class _Met:
    """What a payment found open of an installment's amount, and what it did to it."""

    due_minor: int
    late_minor: int
    """What of the payment went to being late."""
    settled_minor: int
    """With what earlier payments had settled."""
    outcome: PaymentOutcome


def _meet(installment: Installment, confirmed: heard.PaymentConfirmed) -> _Met:
    due_minor = installment.amount_minor - confirmed.settled_before_minor
    late_minor = confirmed.late_minor
    if late_minor is None:
        late_minor = max(confirmed.amount_minor - due_minor, 0)
    settles_minor = confirmed.amount_minor - late_minor + confirmed.reduction_minor
    if settles_minor < due_minor:
        outcome = PaymentOutcome.BELOW
    else:
        outcome = PaymentOutcome.ABOVE if late_minor else PaymentOutcome.EXACT
    return _Met(due_minor, late_minor, confirmed.settled_before_minor + settles_minor, outcome)


def _apply(
    session: AsyncSession,
    cpr: CPR,
    installment: Installment,
    confirmed: heard.PaymentConfirmed,
    met: _Met,
    *,
    now: datetime,
) -> None:
    if confirmed.number > installment.payment_count:
        installment.payment_count, installment.settled_minor = confirmed.number, met.settled_minor
        installment.charged_days, installment.late_left_minor = confirmed.late_days, confirmed.late_left_minor
    paid_at = confirmed.paid_at or confirmed.confirmed_at
    told = {
        "installment_id": installment.id,
        "cpr_id": cpr.id,
        "farmer_id": cpr.farmer_id,
        "number": installment.number,
        "payment_id": confirmed.payment_id,
        "payment_number": confirmed.number,
        "amount_minor": confirmed.amount_minor,
        "paid_at": paid_at,
    }
    if not installment.is_owed:
        return  # a later payment, which came first, has paid it: nothing of it is open
    if met.outcome is PaymentOutcome.BELOW:
        partly = events.InstallmentPartlyPaid(
            **told,
            late_minor=met.late_minor,
            settled_minor=met.settled_minor,
            # Of a part that was overtaken by another, what the other left: nobody is told of more than is open.
            outstanding_minor=installment.open_minor + installment.late_left_minor,
        )
        outbox.record(session, partly, occurred_at=now)
        return
    installment.status, installment.paid_at = InstallmentStatus.PAID, paid_at
    outbox.record(session, events.InstallmentPaid(**told), occurred_at=now)


def _settle_if_last(session: AsyncSession, cpr: CPR, installments: Sequence[Installment], *, now: datetime) -> None:
    if cpr.is_any_of(*UNDER_REPAYMENT) and not any(row.is_owed for row in installments):
        cpr.status, cpr.settled_at = CPRStatus.SETTLED, now
        outbox.record(session, events.CPRSettled(cpr_id=cpr.id, farmer_id=cpr.farmer_id), occurred_at=now)
