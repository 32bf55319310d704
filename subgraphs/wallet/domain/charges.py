"""
Charges: a deposit, an installment or all that is left of a CPR, that somebody is asked to pay by Pix or boleto.

First the charge is ours, then the gateway's: its row is committed with the txid that we made, the gateway is asked
for the code outside any transaction, and the code is noted. A process that dies in between loses nothing: the
request's repetition finds the row and asks again, and the gateway knows the txid.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.shared import idempotency
from subgraphs.shared.business_days import add_business_days, is_business_day
from subgraphs.shared.clock import BRASILIA, business_date
from subgraphs.shared.database import Database
from subgraphs.shared.ids import new_id
from subgraphs.shared.refusal import InvalidInput
from subgraphs.wallet import crud, models
from subgraphs.wallet.core.settings import WalletSettings
from subgraphs.wallet.domain import early_settlement, installments, refusals, wallets
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


_DESCRIPTIONS = {
    ChargePurpose.DEPOSIT: "Depósito Peerseed",
    ChargePurpose.INSTALLMENT: "Parcela de CPR Peerseed",
    ChargePurpose.SETTLEMENT: "Quitação de CPR Peerseed",
}
SETTLEMENT_DAYS_MAX = 10
"""How far ahead a charge over all that is left may be good: the farther, the more comes back to who pays at once."""


@dataclass(frozen=True, kw_only=True)
class CreateSettlementCharge:
    farmer_id: UUID
    cpr_id: UUID
    method: ChargeMethod
    pay_by: date | None
    """The last day on which it is good, and what is owed on which it is over; None for the first that there is."""
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


async def open_settlement_charge(
    session: AsyncSession, command: CreateSettlementCharge, *, settings: WalletSettings, now: datetime
) -> models.Charge:
    """
    A charge over all that the farmer owes of a CPR on the last day on which it is good, late charges included.

    A CPR has one that is open: asking again in the same way answers with it while the sum is the same, asking otherwise
    replaces it. Refuses with NothingOwed, InvalidInput (no day on which it can be paid) and IdempotencyKeyReused.
    """
    request = idempotency.Request(
        "create_settlement_charge",
        command.farmer_id,
        command.idempotency_key,
        {"cpr": command.cpr_id, "method": command.method, "pay_by": command.pay_by},
    )
    charge_id = new_id()
    if earlier_id := await idempotency.claim(session, request, result_id=charge_id, now=now):
        return await _get(session, earlier_id)
    pay_by = _last_day(command, settings=settings, now=now)
    owed = await crud.installments.lock_installments_of(session, command.cpr_id, farmer_id=command.farmer_id)
    last_payments = await crud.installments.list_last_payments(session, [row.id for row in owed])
    lines = early_settlement.settlement_lines(owed, last_payments, on=pay_by)
    if not lines:
        raise refusals.NothingOwed(command.cpr_id)
    amount_minor, expires_at = sum(line.due.total_minor for line in lines), _end_of_day(pay_by)
    if (current := await crud.charges.find_open_settlement(session, command.cpr_id)) is not None:
        asked = (command.method, amount_minor, expires_at)
        if (current.method, current.amount_minor, current.expires_at) == asked and expires_at > now:
            await idempotency.answer_with(session, request, result_id=current.id)
            return current
        await installments.cancel_open_settlement(session, command.cpr_id, now=now)
    charge = models.Charge(
        id=charge_id,
        txid=charge_id.hex,
        purpose=ChargePurpose.SETTLEMENT,
        method=command.method,
        payer_id=command.farmer_id,
        cpr_id=command.cpr_id,
        amount_minor=amount_minor,
        status=ChargeStatus.OPEN,
        created_at=now,
        expires_at=expires_at,
        due_on=pay_by if command.method is ChargeMethod.BOLETO else None,
        is_early=any(line.due.reduction_minor for line in lines),
    )
    session.add(charge)
    await session.flush()
    return charge


def _last_day(command: CreateSettlementCharge, *, settings: WalletSettings, now: datetime) -> date:
    """A boleto is due on a day on which banks still take it: one that is paid on the next would be late."""
    today, is_boleto = business_date(now), command.method is ChargeMethod.BOLETO
    is_over = now.astimezone(BRASILIA).hour >= settings.boleto_until_hour
    if command.pay_by is None:
        is_taken = not is_boleto or (is_business_day(today) and not is_over)
        return today if is_taken else add_business_days(today, 1)
    if not today <= command.pay_by <= today + timedelta(days=SETTLEMENT_DAYS_MAX):
        raise InvalidInput(
            field="payBy",
            reason=f"the day is from today on, at most {SETTLEMENT_DAYS_MAX} days ahead",
            reason_pt=f"A data precisa ser de hoje até daqui a {SETTLEMENT_DAYS_MAX} dias.",
        )
    if is_boleto and not is_business_day(command.pay_by):
        raise InvalidInput(
            field="payBy",
            reason="banks are closed on that day; choose a business day for a boleto",
            reason_pt="Os bancos não abrem nesse dia: escolha um dia útil para o boleto.",
        )
    if is_boleto and command.pay_by == today and is_over:
        raise InvalidInput(
            field="payBy",
            reason="banks take no more boletos today; choose the next business day, or Pix",
            reason_pt="Os bancos não recebem mais boletos hoje: escolha o próximo dia útil, ou Pix.",
        )
    return command.pay_by


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
    return _DESCRIPTIONS[charge.purpose]
