"""
Money that arrives at the gateway, and where it goes.

    the charge it names …                      the money goes to
    a deposit's                                the payer's wallet
    a deposit's, paid before                   the payer's wallet, as surplus
    an installment's, unpaid                   the installment's holders (distribution account)
    an installment's, paid before, replaced
    by a renegotiation or of which less is
    owed                                       the payer's wallet, as surplus
    all that is left of a CPR                  the farmer's wallet, and out of it at once to the holders
    any that would go to a wallet whose        suspense
    owner has closed their account
    a deposit's, from somebody else's          back to them, suspense or the wallet, by a dated rule
    account
    a boleto for a debt, paid before           back to who paid it, suspense or the wallet, by a dated rule
    any, with another amount                   suspense
    none that we know                          suspense

Nothing that arrives is refused or forgotten: the gateway has the money already. The bank's end-to-end id makes a
payment count once, however often and in whatever order it is reported. What was owed is asked for the day when it was
*paid*: a late report is no late payment. One that was late with the old amount pays a part, fine and interest first.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import IntEnum
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.shared.clock import business_date
from subgraphs.shared.ids import new_id
from subgraphs.shared.jobs import all_or_one_by_one
from subgraphs.shared.messaging import outbox
from subgraphs.shared.money import format_brl
from subgraphs.shared.retention import RETAINED, Retention
from subgraphs.shared.standing import crud as standing
from subgraphs.shared.standing.tables import PersonStatus
from subgraphs.wallet import crud, models
from subgraphs.wallet.domain import chart, early_settlement, installments, ledger, metrics, returns
from subgraphs.wallet.domain.amount_due import Early, amount_due
from subgraphs.wallet.models import (
    ChargeMethod,
    ChargePurpose,
    ChargeStatus,
    PaymentMethod,
    PaymentOutcome,
    ReturnReason,
    TransferKind,
)
from subgraphs.wallet.schemas import events

_NOTES = {
    ReturnReason.ANOTHER_PAYER: "somebody else paid it than whose deposit it is",
    ReturnReason.PAID_TWICE: "the boleto was paid before",
}
SETTLED_AT_ONCE = 500
"""Payments that one run of the settlement job takes in one transaction."""


@dataclass(frozen=True, kw_only=True)
class ReceivedPayment:
    """What the gateway reports."""

    end_to_end_id: str
    txid: str
    method: ChargeMethod
    amount_minor: int
    paid_at: datetime
    settles_on: date
    """When the gateway passes it on to our bank: at once for Pix, on the next business day for a boleto."""
    payer_sealed: bytes | None = None
    """Who paid, where that was told (`payers.py`)."""
    is_of_another: bool = False
    """Whether it is a deposit from somebody else's account."""


class Unwanted(IntEnum):
    """What becomes of money that somebody else may have a better right to, as a dated parameter says it."""

    KEPT = 0
    """It goes where it would go anyway."""
    RETURNED = 1
    """It goes back to who paid it; where that fails, it is in suspense."""
    SUSPENDED = 2
    """It waits in suspense for people."""


@dataclass(frozen=True)
class _Placement:
    """Where a payment goes."""

    transfer: ledger.Transfer
    outcome: PaymentOutcome
    note: str = ""
    goes_back: ReturnReason | None = None
    """Out of suspense at once."""
    pays: Sequence[ledger.Transfer] = ()
    """What is paid with it in the same moment."""


async def receive_payment(session: AsyncSession, received: ReceivedPayment, *, now: datetime) -> models.GatewayPayment:
    """Record a payment that the gateway reports, and put its money where it belongs. A repeated report is the first."""
    await crud.charges.lock_arrival(session, received.end_to_end_id)
    if earlier := await crud.charges.find_payment(session, received.end_to_end_id):
        return earlier
    payment_id = new_id()
    await _lock_installments(session, received.txid)
    charge = await crud.charges.lock_charge(session, received.txid)
    placement = await _place(session, received, charge, payment_id=payment_id, now=now)
    payment = models.GatewayPayment(
        id=payment_id,
        end_to_end_id=received.end_to_end_id,
        txid=received.txid,
        method=received.method,
        charge_id=charge.id if charge else None,
        amount_minor=received.amount_minor,
        paid_at=received.paid_at,
        received_at=now,
        outcome=placement.outcome,
        note=placement.note,
        settles_on=received.settles_on,
    )
    session.add(payment)
    if received.payer_sealed is not None:
        session.add(_payer(payment, received.payer_sealed))
    transfers = [placement.transfer, *placement.pays]
    if received.settles_on <= business_date(now):
        payment.settled_at = now
        transfers.append(_settlement(payment))
    await ledger.post(session, *transfers, now=now)
    metrics.payments_received.labels(payment.outcome.value).inc()
    if placement.goes_back is not None:
        user_id = charge.payer_id if charge else None
        await returns.return_from_suspense(session, payment, user_id=user_id, reason=placement.goes_back, now=now)
    return payment


async def _lock_installments(session: AsyncSession, txid: str) -> None:
    """Installments before their charge, as everybody who pays or charges them locks them."""
    found = await crud.charges.find_what_it_pays(session, txid)
    if found is None:
        return
    installment_id, cpr_id, payer_id = found
    if installment_id is not None:
        await crud.installments.lock_installment(session, installment_id)
    if cpr_id is not None:
        await crud.installments.lock_installments_of(session, cpr_id, farmer_id=payer_id)


def _payer(payment: models.GatewayPayment, sealed: bytes) -> models.PaymentPayer:
    kept_for = RETAINED[Retention.PAYERS].kept_for
    assert kept_for is not None  # noqa: S101  # the list says so
    return models.PaymentPayer(payment_id=payment.id, payer_sealed=sealed, kept_until=payment.received_at + kept_for)


async def _place(
    session: AsyncSession,
    received: ReceivedPayment,
    charge: models.Charge | None,
    *,
    payment_id: UUID,
    now: datetime,
) -> _Placement:
    if charge is None:
        return _quarantine(received, payment_id, f"no charge has the txid {received.txid}")
    if received.amount_minor != charge.amount_minor:
        note = f"{format_brl(received.amount_minor)} came for a charge of {format_brl(charge.amount_minor)}"
        return _quarantine(received, payment_id, note)
    if charge.purpose is ChargePurpose.DEPOSIT:
        return await _credit_deposit(session, received, charge, payment_id=payment_id, now=now)
    if charge.purpose is ChargePurpose.SETTLEMENT:
        return await _settle_cpr(session, received, charge, payment_id=payment_id, now=now)
    return await _pay_installment(session, received, charge, payment_id=payment_id, now=now)


def _quarantine(received: ReceivedPayment, payment_id: UUID, note: str) -> _Placement:
    transfer = ledger.move(
        received.amount_minor,
        debit=chart.GATEWAY,
        credit=chart.SUSPENSE,
        kind=TransferKind.SUSPENSE,
        cause_id=payment_id,
    )
    return _Placement(transfer, PaymentOutcome.QUARANTINED, note)


async def _credit_deposit(
    session: AsyncSession, received: ReceivedPayment, charge: models.Charge, *, payment_id: UUID, now: datetime
) -> _Placement:
    if charge.status is ChargeStatus.PAID:
        return await _surplus(session, received, charge, payment_id=payment_id, now=now)
    if await _has_left(session, charge.payer_id):
        return _quarantine(received, payment_id, ledger.OWNER_HAS_LEFT)
    if received.is_of_another:
        placement = await _unwanted(
            session, received, payment_id, ReturnReason.ANOTHER_PAYER, rule="deposits_of_others", now=now
        )
        if placement is not None:
            return placement
    charge.status, charge.paid_at = ChargeStatus.PAID, received.paid_at
    confirmed = events.DepositConfirmed(deposit_id=charge.id, user_id=charge.payer_id, amount_minor=charge.amount_minor)
    outbox.record(session, confirmed, occurred_at=now)
    return _Placement(_to_wallet(charge, payment_id, TransferKind.DEPOSIT), PaymentOutcome.CREDITED)


def _to_wallet(charge: models.Charge, payment_id: UUID, kind: TransferKind) -> ledger.Transfer:
    return ledger.move(
        charge.amount_minor,
        debit=chart.GATEWAY,
        credit=chart.available(charge.payer_id).id,
        kind=kind,
        cause_id=payment_id,
        reference_id=charge.id,
    )


async def _pay_installment(
    session: AsyncSession, received: ReceivedPayment, charge: models.Charge, *, payment_id: UUID, now: datetime
) -> _Placement:
    assert charge.installment_id is not None  # noqa: S101  # the table's own CHECK says so
    installment = await crud.installments.find_installment(session, charge.installment_id)
    assert installment is not None  # noqa: S101  # charges are made for installments that we know
    last = await crud.installments.find_last_payment(session, installment.id)
    # The gateway's clock is not ours: nothing was paid before it was asked for.
    paid_at = max(received.paid_at, charge.created_at)
    early = Early.ALONE if charge.is_early else Early.NO
    due = amount_due(installment, last, on=business_date(paid_at), early=early)
    was_paid = charge.status is ChargeStatus.PAID or (last is not None and last.pays)
    if (placement := await _paid_twice(session, received, charge, payment_id=payment_id, now=now)) is not None:
        return placement
    if was_paid or installment.replaced_by is not None or received.amount_minor > due.total_minor:
        return await _surplus(session, received, charge, payment_id=payment_id, now=now)
    charge.status, charge.paid_at = ChargeStatus.PAID, received.paid_at
    what = installments.Received(
        payment_id,
        received.amount_minor,
        PaymentMethod(received.method.value),
        debit=chart.GATEWAY,
        paid_at=paid_at,
        early=early,
    )
    transfer = await installments.confirm_payment(session, installment, what, now=now)
    left_minor = due.total_minor - received.amount_minor
    note = f"less than was owed that day: {format_brl(left_minor)} are left" if left_minor else ""
    return _Placement(transfer, PaymentOutcome.INSTALLMENT, note)


async def _settle_cpr(
    session: AsyncSession, received: ReceivedPayment, charge: models.Charge, *, payment_id: UUID, now: datetime
) -> _Placement:
    """By way of the wallet, where what it does not pay stays: the difference of a day, or what is not due yet."""
    if (placement := await _paid_twice(session, received, charge, payment_id=payment_id, now=now)) is not None:
        return placement
    if charge.status is ChargeStatus.PAID or await _has_left(session, charge.payer_id):
        return await _surplus(session, received, charge, payment_id=payment_id, now=now)
    paid_at = max(received.paid_at, charge.created_at)
    applied = await early_settlement.apply_to_debt(session, charge, paid_at=paid_at)
    if not applied.paid:
        return await _surplus(session, received, charge, payment_id=payment_id, now=now)
    charge.status, charge.paid_at = ChargeStatus.PAID, received.paid_at
    pays = await early_settlement.pay(
        session,
        applied.paid,
        available_id=chart.available(charge.payer_id).id,
        settlement_id=payment_id if applied.is_all else None,
        paid_at=paid_at,
        now=now,
    )
    left_minor = charge.amount_minor - applied.total_minor
    if left_minor:
        _record_surplus(session, charge, left_minor, payment_id=payment_id, now=now)
    note = f"{format_brl(left_minor)} of it are left in the wallet" if left_minor else ""
    return _Placement(_to_wallet(charge, payment_id, TransferKind.DEPOSIT), PaymentOutcome.CREDITED, note, pays=pays)


async def _paid_twice(
    session: AsyncSession, received: ReceivedPayment, charge: models.Charge, *, payment_id: UUID, now: datetime
) -> _Placement | None:
    """
    Where a boleto's second payment goes, by the rule of the day.

    Anybody can pay a boleto: that its second payment is the farmer's is less likely than of a Pix code.
    """
    if received.method is not ChargeMethod.BOLETO or charge.status is not ChargeStatus.PAID:
        return None
    return await _unwanted(session, received, payment_id, ReturnReason.PAID_TWICE, rule="boletos_paid_twice", now=now)


async def _unwanted(
    session: AsyncSession,
    received: ReceivedPayment,
    payment_id: UUID,
    reason: ReturnReason,
    *,
    rule: str,
    now: datetime,
) -> _Placement | None:
    """Where money goes that is not simply credited, by the rule of the day; None where the rule lets it be."""
    unwanted = Unwanted((await crud.money_out.get_parameters(session, business_date(now)))[rule])
    if unwanted is Unwanted.KEPT:
        return None
    placement = _quarantine(received, payment_id, _NOTES[reason])
    return replace(placement, goes_back=reason) if unwanted is Unwanted.RETURNED else placement


async def _has_left(session: AsyncSession, user_id: UUID) -> bool:
    return await standing.find_status(session, user_id) is PersonStatus.CLOSED


async def _surplus(
    session: AsyncSession, received: ReceivedPayment, charge: models.Charge, *, payment_id: UUID, now: datetime
) -> _Placement:
    if await _has_left(session, charge.payer_id):
        return _quarantine(received, payment_id, ledger.OWNER_HAS_LEFT)
    _record_surplus(session, charge, charge.amount_minor, payment_id=payment_id, now=now)
    note = "its charge or installment was paid before, or replaced"
    return _Placement(_to_wallet(charge, payment_id, TransferKind.SURPLUS), PaymentOutcome.SURPLUS, note)


def _record_surplus(
    session: AsyncSession, charge: models.Charge, amount_minor: int, *, payment_id: UUID, now: datetime
) -> None:
    credited = events.SurplusCredited(
        payment_id=payment_id,
        charge_id=charge.id,
        user_id=charge.payer_id,
        amount_minor=amount_minor,
        reason="PAID_BEFORE" if amount_minor == charge.amount_minor else "MORE_THAN_PAID",
    )
    outbox.record(session, credited, occurred_at=now)


def _settlement(payment: models.GatewayPayment) -> ledger.Transfer:
    return ledger.move(
        payment.amount_minor,
        debit=chart.BANK,
        credit=chart.GATEWAY,
        kind=TransferKind.GATEWAY_SETTLEMENT,
        cause_id=payment.id,
    )


async def settle_payments(session: AsyncSession, *, now: datetime) -> int:
    """Book what the gateway has passed on to our bank by today; answers how many payments."""
    due = await crud.charges.lock_unsettled_payments(session, due_on=business_date(now), limit=SETTLED_AT_ONCE)

    async def settle(some: Sequence[models.GatewayPayment]) -> None:
        await ledger.post(session, *(_settlement(payment) for payment in some), now=now)
        for payment in some:
            payment.settled_at = now

    return await all_or_one_by_one(session, "settle gateway payments", due, settle, name=lambda payment: payment.id)
