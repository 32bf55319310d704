"""
All that is left of a CPR, paid at once: one payment for each installment, each split by itself.

From the wallet, or by a charge over it (`charges.py`), which is good until a day and over what is owed then. Who pays
it earlier owes less, and keeps the difference in the wallet; where it comes too late to be all, it pays what is due.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.shared import idempotency
from subgraphs.shared.clock import business_date
from subgraphs.shared.ids import new_id
from subgraphs.wallet import crud, models
from subgraphs.wallet.domain import installments, ledger, refusals, wallets
from subgraphs.wallet.domain.amount_due import AmountDue, Early, amount_due
from subgraphs.wallet.models import PaymentMethod


@dataclass(frozen=True)
class SettlementLine:
    """What one installment costs when all that is left of its CPR is paid."""

    installment: models.Installment
    due: AmountDue


def settlement_lines(
    owed: Sequence[models.Installment], last_payments: dict[UUID, models.InstallmentPayment], *, on: date
) -> list[SettlementLine]:
    """By number, those of *owed* that are not paid."""
    lines = []
    for installment in sorted(owed, key=lambda row: row.number):
        last = last_payments.get(installment.id)
        if last is None or not last.pays:
            due = amount_due(installment, last, on=on, early=Early.WITH_ALL_OTHERS)
            lines.append(SettlementLine(installment, due))
    return lines


async def settle_cpr(
    session: AsyncSession, cpr_id: UUID, *, farmer_id: UUID, idempotency_key: str, now: datetime
) -> Sequence[models.InstallmentPayment]:
    """
    Pay everything that is left of a CPR from the farmer's available money, or nothing.

    A repeated key answers with the first payments. Refuses with NothingOwed (also when the CPR is another farmer's),
    InsufficientFunds, WalletNotReady and IdempotencyKeyReused.
    """
    request = idempotency.Request("settle_cpr", farmer_id, idempotency_key, {"cpr": cpr_id})
    settlement_id = new_id()
    if earlier_id := await idempotency.claim(session, request, result_id=settlement_id, now=now):
        return await crud.installments.list_payments_of_settlement(session, earlier_id)
    wallet = await wallets.get_wallet(session, farmer_id)
    owed = await crud.installments.lock_installments_of(session, cpr_id, farmer_id=farmer_id)
    last_payments = await crud.installments.list_last_payments(session, [row.id for row in owed])
    lines = settlement_lines(owed, last_payments, on=business_date(now))
    if not lines:
        raise refusals.NothingOwed(cpr_id)
    await crud.quotas.lock_register(session, cpr_id)
    balances = await ledger.lock_balances(session, [wallet.available_id])
    available, total = balances[wallet.available_id], sum(line.due.total_minor for line in lines)
    if available < total:
        raise refusals.InsufficientFunds(available_minor=available, requested_minor=total)
    paid = [(line, line.due.total_minor) for line in lines]
    transfers = await pay(
        session, paid, available_id=wallet.available_id, settlement_id=settlement_id, paid_at=now, now=now
    )
    await ledger.post(session, *transfers, now=now)
    return await crud.installments.list_payments_of_settlement(session, settlement_id)


@dataclass(frozen=True)
class Application:
    """What money that came for all that is left of a CPR pays of it."""

    paid: Sequence[tuple[SettlementLine, int]]
    """Each with its cents."""
    is_all: bool

    @property
    def total_minor(self) -> int:
        return sum(amount for _, amount in self.paid)


async def apply_to_debt(session: AsyncSession, charge: models.Charge, *, paid_at: datetime) -> Application:
    """What the amount of a charge over all that is left of a CPR pays, by what was owed on the day it was paid."""
    assert charge.cpr_id is not None  # noqa: S101  # the table's own CHECK says so
    owed = await crud.installments.lock_installments_of(session, charge.cpr_id, farmer_id=charge.payer_id)
    last_payments = await crud.installments.list_last_payments(session, [row.id for row in owed])
    day = business_date(paid_at)
    return divide(settlement_lines(owed, last_payments, on=day), charge.amount_minor, on=day)


def divide(lines: Sequence[SettlementLine], amount_minor: int, *, on: date) -> Application:
    """
    What *amount_minor* pays of *lines*: all of them, where that suffices.

    Where it does not, because it was paid late or new terms came meanwhile, it pays what is due, the oldest first
    (Código Civil, art. 355), the last in part: what is not due yet is reduced only for who pays all.
    """
    if sum(line.due.total_minor for line in lines) <= amount_minor:
        return Application([(line, line.due.total_minor) for line in lines], is_all=True)
    paid = []
    for line in sorted(lines, key=lambda line: (line.installment.due_on, line.installment.number)):
        part_minor = min(amount_minor, line.due.total_minor)
        if line.installment.due_on <= on and part_minor:
            paid.append((line, part_minor))
            amount_minor -= part_minor
    return Application(paid, is_all=False)


async def pay(
    session: AsyncSession,
    paid: Sequence[tuple[SettlementLine, int]],
    *,
    available_id: UUID,
    settlement_id: UUID | None,
    paid_at: datetime,
    now: datetime,
) -> list[ledger.Transfer]:
    """Confirm that each line is paid, or a part of it, out of the farmer's wallet; the transfers, to be posted."""
    transfers = []
    for line, amount_minor in paid:
        received = installments.Received(
            new_id(),
            amount_minor,
            PaymentMethod.WALLET,
            debit=available_id,
            paid_at=paid_at,
            early=Early.WITH_ALL_OTHERS,
            settlement_id=settlement_id,
        )
        transfers.append(await installments.confirm_payment(session, line.installment, received, now=now))
    return transfers
