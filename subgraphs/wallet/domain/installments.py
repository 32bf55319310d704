"""Installments as the wallet knows them: what is owed, and the payments that count for each."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.shared import idempotency
from subgraphs.shared.clock import business_date
from subgraphs.shared.ids import new_id
from subgraphs.shared.messaging import outbox
from subgraphs.shared.messaging.reactions import NotYet
from subgraphs.wallet import crud, models
from subgraphs.wallet.domain import chart, ledger, refusals, wallets
from subgraphs.wallet.domain.amount_due import AmountDue, Early, amount_due
from subgraphs.wallet.models import ChargeStatus, PaymentMethod, TransferKind
from subgraphs.wallet.schemas import events, heard


async def remember_cpr(session: AsyncSession, registered: heard.CPRRegistered) -> None:
    """Note that a CPR is registered; only then may its offering be disbursed."""
    await crud.installments.add_cpr(
        session,
        {
            "cpr_id": registered.cpr_id,
            "farmer_id": registered.farmer_id,
            "term_months": registered.term_months,
            "registered_at": registered.registered_at,
            "issued_on": registered.issued_on,
        },
    )


async def remember_schedule(session: AsyncSession, activated: heard.CPRActivated) -> None:
    """Note what a farmer owes and when; charges take their amounts from here and nowhere else."""
    rows = [
        {
            "id": installment.installment_id,
            "cpr_id": activated.cpr_id,
            "farmer_id": activated.farmer_id,
            "number": installment.number,
            "due_on": installment.due_on,
            "amount_minor": installment.amount_minor,
            "late_fine_rate": activated.late_fine_rate,
            "late_monthly_rate": activated.late_monthly_rate,
            "interest_minor": installment.interest_minor,
            "starts_on": installment.starts_on,
            "months": installment.months,
            "monthly_rate": activated.monthly_rate,
            "carried_minor": 0,
        }
        for installment in activated.installments
    ]
    await crud.installments.add_installments(session, rows)


async def note_lateness(session: AsyncSession, late: heard.InstallmentLate) -> None:
    """
    Charge what being late costs, where the schedule did not tell. Raises NotYet while the installment is not known.

    A charge that is open for the plain sum stays payable until it expires. It then pays a part: the next one is over
    what is left.
    """
    installment = await crud.installments.lock_installment(session, late.installment_id)
    if installment is None:
        raise NotYet(f"installment {late.installment_id} is not known")
    installment.late_fine_rate, installment.late_monthly_rate = late.fine_rate, late.monthly_rate


async def lock_unpaid(
    session: AsyncSession, installment_id: UUID, *, farmer_id: UUID, on: date, early: Early
) -> tuple[models.Installment, AmountDue]:
    """
    An installment that *farmer_id* owes and has not paid, locked, and what is owed of it on that day.

    Refuses with InstallmentNotOwed (also when it is another farmer's, or a renegotiation replaced it) and
    InstallmentAlreadyPaid.
    """
    installment = await crud.installments.lock_installment(session, installment_id)
    if installment is None or installment.farmer_id != farmer_id or installment.replaced_by is not None:
        raise refusals.InstallmentNotOwed(installment_id)
    last = await crud.installments.find_last_payment(session, installment_id)
    if last is not None and last.pays:
        raise refusals.InstallmentAlreadyPaid(installment_id)
    return installment, amount_due(installment, last, on=on, early=early)


async def pay_from_wallet(
    session: AsyncSession, installment_id: UUID, *, farmer_id: UUID, idempotency_key: str, now: datetime
) -> models.InstallmentPayment:
    """
    Pay all that is owed of an installment from the farmer's available money.

    With what being late costs by today, or less what paying early takes off.

    Refuses with InstallmentNotOwed, InstallmentAlreadyPaid, InsufficientFunds, WalletNotReady and
    IdempotencyKeyReused. A repeated key answers with the first payment.
    """
    request = idempotency.Request("pay_installment", farmer_id, idempotency_key, {"installment": installment_id})
    payment_id = new_id()
    if earlier_id := await idempotency.claim(session, request, result_id=payment_id, now=now):
        earlier = await crud.installments.find_payment(session, earlier_id)
        assert earlier is not None  # noqa: S101  # committed together with its key
        return earlier
    wallet = await wallets.get_wallet(session, farmer_id)
    installment, due = await lock_unpaid(
        session, installment_id, farmer_id=farmer_id, on=business_date(now), early=Early.ALONE
    )
    await crud.quotas.lock_register(session, installment.cpr_id)
    balances = await ledger.lock_balances(session, [wallet.available_id])
    available = balances[wallet.available_id]
    if available < due.total_minor:
        raise refusals.InsufficientFunds(available_minor=available, requested_minor=due.total_minor)
    received = Received(
        payment_id,
        due.total_minor,
        PaymentMethod.WALLET,
        debit=wallet.available_id,
        paid_at=now,
        early=Early.ALONE,
    )
    transfer = await confirm_payment(session, installment, received, now=now)
    await ledger.post(session, transfer, now=now)
    payment = await crud.installments.find_payment(session, payment_id)
    assert payment is not None  # noqa: S101  # just made
    return payment


@dataclass(frozen=True)
class Received:
    """Money that came for an installment."""

    payment_id: UUID
    amount_minor: int
    method: PaymentMethod
    debit: UUID
    """The account it comes from."""
    paid_at: datetime
    """When the payer paid, which decides whether that was late. A late report is no late payment."""
    early: Early = Early.NO
    settlement_id: UUID | None = None
    """Of the settlement of a whole CPR that it is a part of."""


async def confirm_payment(
    session: AsyncSession, installment: models.Installment, received: Received, *, now: datetime
) -> ledger.Transfer:
    """
    Record that an unpaid, locked installment is paid, or a part of it, and say so to whom it concerns.

    At most what is owed: that is the caller's to see to, and the database's. Answers the transfer that brings the money
    to the payment's distribution account, for the caller to post. A charge that is still open for the installment, or
    for all that is left of its CPR, should not be paid any more: less is owed by now.
    """
    clearing = chart.distribution(received.payment_id)
    swaps_before = await crud.quotas.lock_register(session, installment.cpr_id)
    await ledger.open_accounts(session, clearing)
    last = await crud.installments.find_last_payment(session, installment.id)
    due = amount_due(installment, last, on=business_date(received.paid_at), early=received.early)
    reduction_minor = due.reduction_of(received.amount_minor)
    late_minor, settled_before = due.late_part(received.amount_minor), last.settled_minor if last else 0
    payment = models.InstallmentPayment(
        id=received.payment_id,
        installment_id=installment.id,
        number=last.number + 1 if last else 1,
        clearing_id=clearing.id,
        amount_minor=received.amount_minor,
        method=received.method,
        confirmed_at=now,
        swaps_before=swaps_before,
        # Of payments that are reported in another order than they were made, none gives back days that were charged.
        late_days=max(due.late.days_late, last.late_days if last else 0),
        late_due_minor=due.late.total_minor,
        late_minor=late_minor,
        reduction_minor=reduction_minor,
        settled_minor=settled_before + received.amount_minor - late_minor + reduction_minor,
        settlement_id=received.settlement_id,
        pays=received.amount_minor == due.total_minor,
    )
    session.add(payment)
    await cancel_open_charge(session, installment.id, now=now)
    await cancel_open_settlement(session, installment.cpr_id, now=now)
    confirmed = events.PaymentConfirmed.model_validate(
        {
            "payment_id": payment.id,
            "installment_id": installment.id,
            "cpr_id": installment.cpr_id,
            "farmer_id": installment.farmer_id,
            "amount_minor": payment.amount_minor,
            "method": payment.method.value,
            "confirmed_at": now,
            "paid_at": received.paid_at,
            "swaps_before": swaps_before,
            "number": payment.number,
            "settled_before_minor": settled_before,
            "late_days": payment.late_days,
            "late_minor": late_minor,
            "late_left_minor": payment.late_left_minor,
            "reduction_minor": reduction_minor,
        }
    )
    outbox.record(session, confirmed, occurred_at=now)
    return ledger.move(
        payment.amount_minor,
        debit=received.debit,
        credit=clearing.id,
        kind=TransferKind.INSTALLMENT_PAYMENT,
        cause_id=payment.id,
        reference_id=installment.id,
    )


async def cancel_open_charge(session: AsyncSession, installment_id: UUID, *, now: datetime) -> None:
    """Withdraw the charge that is open for an installment; the gateway is told afterwards, by the event."""
    await session.flush()  # a charge just marked as paid is not open any more
    await _cancel(session, await crud.charges.find_open_charge(session, installment_id), now=now)


async def cancel_open_settlement(session: AsyncSession, cpr_id: UUID, *, now: datetime) -> None:
    """Withdraw the charge that is open for all that is left of a CPR, whose register or installments are locked."""
    await session.flush()
    await _cancel(session, await crud.charges.find_open_settlement(session, cpr_id), now=now)


async def _cancel(session: AsyncSession, charge: models.Charge | None, *, now: datetime) -> None:
    if charge is not None:
        charge.status = ChargeStatus.CANCELLED
        outbox.record(session, events.ChargeCancelled(charge_id=charge.id, txid=charge.txid), occurred_at=now)
        await session.flush()
