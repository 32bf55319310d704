"""All that is left of a CPR, paid at once from the wallet: one payment for each installment, each split by itself."""

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
    transfers = []
    for line in lines:
        received = installments.Received(
            new_id(),
            line.due.total_minor,
            PaymentMethod.WALLET,
            debit=wallet.available_id,
            paid_at=now,
            early=Early.WITH_ALL_OTHERS,
            settlement_id=settlement_id,
        )
        transfers.append(await installments.confirm_payment(session, line.installment, received, now=now))
    await ledger.post(session, *transfers, now=now)
    return await crud.installments.list_payments_of_settlement(session, settlement_id)
