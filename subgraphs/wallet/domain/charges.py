"""
Charges: a deposit or an installment that somebody is asked to pay by Pix or boleto.

First the charge is ours, then the gateway's: its row is committed with the txid that we made, the gateway is asked
for the code outside any transaction, and the code is noted. A process that dies in between loses nothing: the
request's repetition finds the row and asks again, and the gateway knows the txid.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.shared import idempotency
from subgraphs.shared.clock import BRASILIA, business_date
from subgraphs.shared.database import Database
from subgraphs.shared.ids import new_id
from subgraphs.wallet import crud, models
from subgraphs.wallet.core.settings import WalletSettings
from subgraphs.wallet.domain import installments, refusals, wallets
from subgraphs.wallet.domain.amount_due import Early
from subgraphs.wallet.models import ChargeMethod, ChargePurpose, ChargeStatus
from subgraphs.wallet.ports.payment_gateway import (
    BoletoOrder,
    GatewayRefused,
    GatewayUnavailable,
    PaymentGateway,
    PixChargeOrder,
)


@dataclass(frozen=True, kw_only=True)
class CreateDeposit:
    user_id: UUID
    amount_minor: int
    idempotency_key: str


@dataclass(frozen=True, kw_only=True)
class CreateCharge:
    farmer_id: UUID
    installment_id: UUID
    method: ChargeMethod
    is_early: bool
    """To be paid today, before it is due, for less."""
    idempotency_key: str


def check_amount(amount_minor: int, *, minimum_minor: int, maximum_minor: int) -> None:
    """Refuses with PaymentAmountOutOfRange."""
    if not minimum_minor <= amount_minor <= maximum_minor:
        raise refusals.PaymentAmountOutOfRange(minimum_minor=minimum_minor, maximum_minor=maximum_minor)


async def open_deposit(
    session: AsyncSession, command: CreateDeposit, *, settings: WalletSettings, now: datetime
) -> models.Charge:
    """
    A charge for money that a person wants in their wallet.

    A repeated key answers with the first. Refuses with PaymentAmountOutOfRange, WalletNotReady and
    IdempotencyKeyReused.
    """
    request = idempotency.Request(
        "create_deposit", command.user_id, command.idempotency_key, {"amount": command.amount_minor}
    )
    charge_id = new_id()
    if earlier_id := await idempotency.claim(session, request, result_id=charge_id, now=now):
        return await _get(session, earlier_id)
    check_amount(
        command.amount_minor, minimum_minor=settings.deposit_minor_min, maximum_minor=settings.deposit_minor_max
    )
    await wallets.get_wallet(session, command.user_id)
    charge = models.Charge(
        id=charge_id,
        txid=charge_id.hex,
        purpose=ChargePurpose.DEPOSIT,
        method=ChargeMethod.PIX,
        payer_id=command.user_id,
        amount_minor=command.amount_minor,
        status=ChargeStatus.OPEN,
        created_at=now,
        expires_at=now + timedelta(minutes=settings.deposit_minutes),
        is_early=False,
    )
    session.add(charge)
    await session.flush()
    return charge


async def open_charge(
    session: AsyncSession, command: CreateCharge, *, settings: WalletSettings, now: datetime
) -> models.Charge:
    """
    A charge for an installment that the farmer owes, over all that is owed of it today.

    An installment has one open charge: asking again in the same way answers with it while the sum is the same, asking
    in the other way replaces it. A charge of a late installment is good until midnight, for tomorrow more is owed. A
    boleto made in time may be paid after its due date; that day's fine and interest are then paid first, and left open.
    One that is to be paid early is good until midnight as well: tomorrow less is taken off.
    Refuses with InstallmentNotOwed, InstallmentAlreadyPaid and IdempotencyKeyReused.
    """
    request = idempotency.Request(
        "create_charge",
        command.farmer_id,
        command.idempotency_key,
        {"installment": command.installment_id, "method": command.method}
        | ({"early": True} if command.is_early else {}),
    )
    charge_id = new_id()
    if earlier_id := await idempotency.claim(session, request, result_id=charge_id, now=now):
        return await _get(session, earlier_id)
    installment, due = await installments.lock_unpaid(
        session,
        command.installment_id,
        farmer_id=command.farmer_id,
        on=business_date(now),
        early=Early.ALONE if command.is_early else Early.NO,
    )
    is_early = due.reduction_minor > 0
    if (current := await crud.charges.find_open_charge(session, installment.id)) is not None:
        asked = (command.method, due.total_minor, is_early)
        if (current.method, current.amount_minor, current.is_early) == asked and current.expires_at > now:
            await idempotency.answer_with(session, request, result_id=current.id)
            return current
        await installments.cancel_open_charge(session, installment.id, now=now)
    due_on, expires_at = _due(installment, command.method, is_early=is_early, settings=settings, now=now)
    charge = models.Charge(
        id=charge_id,
        txid=charge_id.hex,
        purpose=ChargePurpose.INSTALLMENT,
        method=command.method,
        payer_id=command.farmer_id,
        installment_id=installment.id,
        amount_minor=due.total_minor,
        status=ChargeStatus.OPEN,
        created_at=now,
        expires_at=expires_at,
        due_on=due_on,
        is_early=is_early,
    )
    session.add(charge)
    await session.flush()
    return charge


def _due(
    installment: models.Installment, method: ChargeMethod, *, is_early: bool, settings: WalletSettings, now: datetime
) -> tuple[date | None, datetime]:
    """The due date that a boleto shows, and when the charge can be paid no more."""
    today = business_date(now)
    for_today = is_early or installment.due_on < today
    last_day = today if for_today else installment.due_on
    if method is ChargeMethod.PIX:
        return None, min(now + timedelta(hours=settings.installment_pix_hours), _end_of_day(last_day))
    # Due dates are days with banks. Who pays later owes for it; one that is late or early is over what is owed today.
    after = timedelta(days=0 if for_today else settings.boleto_days_after_due)
    return last_day, _end_of_day(last_day + after)


def _end_of_day(day: date) -> datetime:
    return datetime.combine(day, time.max, tzinfo=BRASILIA)


async def _get(session: AsyncSession, charge_id: UUID) -> models.Charge:
    charge = await crud.charges.find_charge(session, charge_id)
    assert charge is not None  # noqa: S101  # committed together with its key
    return charge


async def register_at_gateway(database: Database, charge: models.Charge, *, gateway: PaymentGateway) -> models.Charge:
    """
    *charge* with the code that people pay. Not inside a transaction: the gateway may take its time.

    Refuses with PaymentGatewayUnavailable; the charge stays, and the same request may be repeated.
    """
    if charge.status is not ChargeStatus.OPEN or charge.br_code or charge.barcode:
        return charge
    br_code = barcode = None
    try:
        if charge.method is ChargeMethod.PIX:
            br_code = await gateway.create_pix_charge(
                PixChargeOrder(
                    txid=charge.txid,
                    amount_minor=charge.amount_minor,
                    expires_at=charge.expires_at,
                    description=_description(charge),
                )
            )
        else:
            assert charge.due_on is not None  # noqa: S101  # every boleto has one
            barcode = await gateway.create_boleto(
                BoletoOrder(
                    txid=charge.txid,
                    amount_minor=charge.amount_minor,
                    due_on=charge.due_on,
                    expires_at=charge.expires_at,
                    description=_description(charge),
                )
            )
    except (GatewayUnavailable, GatewayRefused) as error:
        raise refusals.PaymentGatewayUnavailable from error
    async with database.begin() as session:
        return await crud.charges.save_code(session, charge.id, br_code=br_code, barcode=barcode)


def _description(charge: models.Charge) -> str:
    return "Depósito Peerseed" if charge.purpose is ChargePurpose.DEPOSIT else "Parcela de CPR Peerseed"
