"""Installments as the wallet knows them: what is owed, and the one payment that counts for each."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.shared import idempotency
from subgraphs.shared.clock import business_date
from subgraphs.shared.ids import new_id
from subgraphs.shared.messaging import outbox
from subgraphs.shared.messaging.reactions import NotYet
from subgraphs.wallet import crud, models
from subgraphs.wallet.domain import chart, ledger, refusals, wallets
from subgraphs.wallet.domain.amount_due import amount_due
from subgraphs.wallet.models import ChargeStatus, PaymentMethod, TransferKind
from subgraphs.wallet.schemas import events


async def remember_cpr(session: AsyncSession, registered: events.CPRRegistered) -> None:
    """Note that a CPR is registered; only then may its offering be disbursed."""
    await crud.installments.add_cpr(
        session,
        {
            "cpr_id": registered.cpr_id,
            "farmer_id": registered.farmer_id,
            "term_months": registered.term_months,
            "registered_at": registered.registered_at,
        },
    )


async def remember_schedule(session: AsyncSession, activated: events.CPRActivated) -> None:
    """Note what a farmer owes and when; charges take their amounts from here and nowhere else."""
    rows = [
        {
            "id": installment.installment_id,
            "cpr_id": activated.cpr_id,
            "farmer_id": activated.farmer_id,
            "number": installment.number,
            "due_on": installment.due_on,
            "amount_minor": installment.amount_minor,
        }
        for installment in activated.installments
    ]
    await crud.installments.add_installments(session, rows)


async def note_lateness(session: AsyncSession, late: events.InstallmentLate) -> None:
    """
    Charge what being late costs from now on. Raises NotYet while the installment is not known.

    A charge that is open for the plain sum stays payable until it expires; the next one is over what is due by then.
    """
    installment = await crud.installments.lock_installment(session, late.installment_id)
    if installment is None:
        raise NotYet(f"installment {late.installment_id} is not known")
    installment.late_fine_rate, installment.late_monthly_rate = late.fine_rate, late.monthly_rate


async def lock_unpaid(session: AsyncSession, installment_id: UUID, *, farmer_id: UUID) -> models.Installment:
    """
    An installment that *farmer_id* owes and has not paid, locked.

    Refuses with InstallmentNotOwed (also when it is another farmer's) and InstallmentAlreadyPaid.
    """
    installment = await crud.installments.lock_installment(session, installment_id)
    if installment is None or installment.farmer_id != farmer_id:
        raise refusals.InstallmentNotOwed(installment_id)
    if await crud.installments.find_payment_of(session, installment_id):
        raise refusals.InstallmentAlreadyPaid(installment_id)
    return installment


async def pay_from_wallet(
    session: AsyncSession, installment_id: UUID, *, farmer_id: UUID, idempotency_key: str, now: datetime
) -> models.InstallmentPayment:
    """
    Pay an installment, with what being late costs by today, from the farmer's available money.

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
    installment = await lock_unpaid(session, installment_id, farmer_id=farmer_id)
    await crud.quotas.lock_register(session, installment.cpr_id)
    balances = await ledger.lock_balances(session, [wallet.available_id])
    available, due = balances[wallet.available_id], amount_due(installment, on=business_date(now))
    if available < due:
        raise refusals.InsufficientFunds(available_minor=available, requested_minor=due)
    transfer = await confirm_payment(
        session,
        installment,
        amount_minor=due,
        method=PaymentMethod.WALLET,
        payment_id=payment_id,
        debit=wallet.available_id,
        now=now,
    )
    await ledger.post(session, transfer, at=now)
    payment = await crud.installments.find_payment(session, payment_id)
    assert payment is not None  # noqa: S101  # just made
    return payment


async def confirm_payment(
    session: AsyncSession,
    installment: models.Installment,
    *,
    amount_minor: int,
    method: PaymentMethod,
    payment_id: UUID,
    debit: UUID,
    now: datetime,
) -> ledger.Transfer:
    """
    Record that an unpaid, locked installment is paid, and say so to whom it concerns.

    Answers the transfer that brings the money to the installment's distribution account, for the caller to post.
    A charge that is still open for it should not be paid any more.
    """
    clearing = chart.distribution(payment_id)
    swaps_before = await crud.quotas.lock_register(session, installment.cpr_id)
    await ledger.open_accounts(session, clearing)
    session.add(
        models.InstallmentPayment(
            id=payment_id,
            installment_id=installment.id,
            clearing_id=clearing.id,
            amount_minor=amount_minor,
            method=method,
            confirmed_at=now,
            swaps_before=swaps_before,
        )
    )
    await cancel_open_charge(session, installment.id)
    confirmed = events.PaymentConfirmed.model_validate(
        {
            "payment_id": payment_id,
            "installment_id": installment.id,
            "cpr_id": installment.cpr_id,
            "farmer_id": installment.farmer_id,
            "amount_minor": amount_minor,
            "method": method.value,
            "confirmed_at": now,
            "swaps_before": swaps_before,
        }
    )
    outbox.record(session, confirmed, occurred_at=now)
    return ledger.move(
        amount_minor,
        debit=debit,
        credit=clearing.id,
        kind=TransferKind.INSTALLMENT_PAYMENT,
        cause_id=payment_id,
        reference_id=installment.id,
    )


async def cancel_open_charge(session: AsyncSession, installment_id: UUID) -> None:
    """Withdraw the charge that is open for an installment; the gateway is told afterwards, by the event."""
    await session.flush()  # a charge just marked as paid is not open any more
    charge = await crud.charges.find_open_charge(session, installment_id)
    if charge is not None:
        charge.status = ChargeStatus.CANCELLED
        outbox.record(session, events.ChargeCancelled(charge_id=charge.id, txid=charge.txid))
        await session.flush()
