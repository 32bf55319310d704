"""
Payouts: a paid installment's money, from its distribution account to the holders.

    distribution(payment) ──▶ available(investor)     net
                          ├──▶ performance fee
                          └──▶ income tax payable

A distribution comes in parts; after the last one its account is empty.
"""

from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.shared.messaging import outbox
from subgraphs.shared.messaging.reactions import NotYet
from subgraphs.shared.person_kind import PersonKind
from subgraphs.wallet import crud, models
from subgraphs.wallet.domain import chart, ledger
from subgraphs.wallet.models import TransferKind
from subgraphs.wallet.schemas import events, heard

log = structlog.get_logger()


async def credit_payouts(session: AsyncSession, distributed: heard.InstallmentDistributed, *, now: datetime) -> None:
    """
    Credit the payouts of one part of a distribution, whole or not at all. A part credited before stays as it is.

    Raises NotYet while the payment or an investor's wallet is not known, and ValueError when the figures do not
    belong together: better nobody is paid until people have looked than somebody wrongly.
    """
    payment = await crud.installments.find_payment(session, distributed.payment_id)
    if payment is None:
        raise NotYet(f"payment {distributed.payment_id} is not known")
    if payment.installment_id != distributed.installment_id or payment.amount_minor != distributed.total_minor:
        raise ValueError(f"distribution {distributed.distribution_id} is not of payment {payment.id}")
    for payout in distributed.payouts:
        if payout.gross_minor != payout.net_minor + payout.fee_minor + payout.tax_minor:
            raise ValueError(f"payout {payout.payout_id}: net, fee and tax are not the gross amount")
    part = {
        "distribution_id": distributed.distribution_id,
        "part": distributed.part,
        "payment_id": payment.id,
        "parts": distributed.parts,
        "credited_at": now,
    }
    if not await crud.installments.add_part(session, part):
        return
    investors = {payout.investor_id for payout in distributed.payouts}
    wallets = await crud.wallets.list_wallets_of(session, investors)
    if missing := investors - wallets.keys():
        raise NotYet(f"no wallet yet of {len(missing)} investors, {min(missing)} among them")
    await _check_holders(session, distributed, payment)
    await crud.installments.add_payouts(session, [_recorded(distributed, payout) for payout in distributed.payouts])
    transfers = [
        _payout_transfer(payout, clearing=payment.clearing_id, to=wallets[payout.investor_id].available_id)
        for payout in distributed.payouts
        if payout.gross_minor
    ]
    if transfers:
        await ledger.post(session, *transfers, now=now)
    for payout in distributed.payouts:
        outbox.record(session, _credited(distributed, payout), occurred_at=now)
    await _note_end(session, distributed, payment.clearing_id)


async def _check_holders(
    session: AsyncSession, distributed: heard.InstallmentDistributed, payment: models.InstallmentPayment
) -> None:
    """Each part is its holder's, by what the wallet itself knows of quotas that changed hands before the payment."""
    ids = {payout.position_id for payout in distributed.payouts if payout.position_id is not None}
    known = await crud.quotas.list_owners(session, ids)
    for payout in distributed.payouts:
        if payout.position_id is None or payout.position_id not in known:
            continue
        owner_id, since_swap = known[payout.position_id]
        if owner_id != payout.investor_id or since_swap > payment.swaps_before:
            raise ValueError(f"payout {payout.payout_id} is not for who held position {payout.position_id}")


def _recorded(
    distributed: heard.InstallmentDistributed, payout: heard.PayoutOrder
) -> dict[str, UUID | int | PersonKind | None]:
    return {
        "payout_id": payout.payout_id,
        "distribution_id": distributed.distribution_id,
        "part": distributed.part,
        "user_id": payout.investor_id,
        "gross_minor": payout.gross_minor,
        "fee_minor": payout.fee_minor,
        "tax_minor": payout.tax_minor,
        "net_minor": payout.net_minor,
        "person": payout.person,
    }


def _payout_transfer(payout: heard.PayoutOrder, *, clearing: UUID, to: UUID) -> ledger.Transfer:
    return ledger.Transfer(
        kind=TransferKind.PAYOUT,
        cause_id=payout.payout_id,
        reference_id=payout.payout_id,
        legs=(
            *ledger.debit(clearing, payout.gross_minor),
            *ledger.credit(to, payout.net_minor),
            *ledger.credit(chart.PERFORMANCE_FEE, payout.fee_minor),
            *ledger.credit(chart.INCOME_TAX_PAYABLE, payout.tax_minor),
        ),
    )


def _credited(distributed: heard.InstallmentDistributed, payout: heard.PayoutOrder) -> events.PayoutCredited:
    return events.PayoutCredited(
        payout_id=payout.payout_id,
        distribution_id=distributed.distribution_id,
        user_id=payout.investor_id,
        cpr_id=distributed.cpr_id,
        installment_id=distributed.installment_id,
        investment_id=payout.investment_id,
        amount_minor=payout.net_minor,
    )


async def _note_end(session: AsyncSession, distributed: heard.InstallmentDistributed, clearing_id: UUID) -> None:
    credited = await crud.installments.count_parts(session, distributed.distribution_id)
    left = await crud.ledger.get_balance(session, clearing_id)
    if credited == distributed.parts and left:
        # The books check goes on naming this account until people have seen to it.
        log.error("a distribution leaves money over", payment_id=str(distributed.payment_id), left_minor=left)
