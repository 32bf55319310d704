"""
A confirmed payment becomes a distribution, and a distribution becomes money in wallets.

    wallet.payment_confirmed ──▶ distribute_payment ──▶ installment_distributed (in parts)
                                                          └──▶ wallet credits ──▶ note_credit
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.distribution import models
from subgraphs.distribution.crud import distributions, holdings
from subgraphs.distribution.domain.split import Holder, PaidParts, Share, divide_payment, split_among_holders
from subgraphs.distribution.domain.terms import Terms, get_terms
from subgraphs.distribution.models import PayoutStatus
from subgraphs.distribution.schemas import events, heard
from subgraphs.shared.clock import business_date
from subgraphs.shared.ids import new_id
from subgraphs.shared.messaging import outbox
from subgraphs.shared.messaging.reactions import NotYet
from subgraphs.shared.person_kind import PersonKind

log = structlog.get_logger()


async def distribute_payment(
    session: AsyncSession, payment: heard.PaymentConfirmed, *, now: datetime
) -> models.Distribution | None:
    """
    Split a payment among those who held the CPR's quotas when it was confirmed. Once per payment.

    Payments of parts of an installment are split one by one, each among who held at its own moment. A second one with
    the same number is set aside for people to decide on. Raises NotYet while the installment, the funding or some of
    the positions are not known here.
    """
    # The lock makes two payments of one installment, or one told twice, take turns; so it comes before all questions.
    installment = await holdings.lock_installment(session, payment.installment_id)
    if installment is None:
        raise NotYet(f"installment {payment.installment_id} is not known here")
    if installment.cpr_id != payment.cpr_id:
        raise ValueError(f"payment {payment.payment_id} names an installment of another CPR")
    if earlier := await distributions.find_numbered(session, installment.id, payment.number):
        if earlier.payment_id == payment.payment_id:
            return earlier
        await _set_aside(session, payment, now=now)
        return None
    funding = await holdings.find_funding(session, payment.cpr_id)
    if funding is None:
        raise NotYet(f"the funding of CPR {payment.cpr_id} is not known here")
    swaps = await holdings.count_swaps(session, payment.cpr_id, until=payment.swaps_before)
    if swaps != payment.swaps_before:
        raise NotYet(f"{swaps} of {payment.swaps_before} swaps of CPR {payment.cpr_id} are on record")
    held = await holdings.list_held(session, payment.cpr_id, payment.confirmed_at, after_swaps=payment.swaps_before)
    known = sum(quotas for _, quotas in held)
    if known != funding.quota_count:
        raise NotYet(f"{known} of {funding.quota_count} quotas of CPR {payment.cpr_id} are on record")

    paid = divide_payment(
        payment.amount_minor,
        principal_minor=installment.principal_minor,
        interest_minor=installment.interest_minor,
        late_minor=payment.late_minor,
        settled_before_minor=payment.settled_before_minor,
        reduction_minor=payment.reduction_minor,
        carried_late_minor=installment.carried_late_minor,
    )
    terms = await get_terms(session, business_date(payment.confirmed_at))
    told_on = await holdings.find_day_of_issue(session, payment.cpr_id)
    # Of a CPR from before it was told: funded some weeks after it was issued, long before any law that asks.
    issued_on = told_on or business_date(funding.funded_at)
    holders = [
        _holder(position, quotas, funding, terms, paid_at=payment.confirmed_at, issued_on=issued_on)
        for position, quotas in held
    ]
    return _record(session, payment, paid, split_among_holders(paid, holders), now=now)


def _holder(
    position: models.Position,
    quotas: int,
    funding: models.Funding,
    terms: Terms,
    *,
    paid_at: datetime,
    issued_on: date,
) -> Holder:
    # Before the funding the money was still the investor's, only held: nothing was lent, so no days count.
    lent_on = business_date(max(position.acquired_at, funding.funded_at))
    held_days = max((business_date(paid_at) - lent_on).days, 0)
    deductions = terms.deductions(
        person=position.person,
        instrument=position.instrument,
        issued_on=issued_on,
        acquired_on=business_date(position.acquired_at),
        held_days=held_days,
    )
    return Holder(
        position_id=position.id,
        investment_id=position.investment_id,
        investor_id=position.investor_id,
        quota_count=quotas,
        held_days=held_days,
        deductions=deductions,
        person=PersonKind(position.person),
    )


def _record(
    session: AsyncSession, payment: heard.PaymentConfirmed, paid: PaidParts, shares: list[Share], *, now: datetime
) -> models.Distribution:
    distribution = models.Distribution(
        id=new_id(),
        payment_id=payment.payment_id,
        installment_id=payment.installment_id,
        number=payment.number,
        cpr_id=payment.cpr_id,
        farmer_id=payment.farmer_id,
        paid_at=payment.confirmed_at,
        distributed_at=now,
        total_minor=paid.total_minor,
        principal_minor=paid.principal_minor,
        interest_minor=paid.interest_minor,
        late_charge_minor=paid.late_charge_minor,
        carried_late_minor=paid.carried_late_minor,
        fee_minor=sum(share.fee_minor for share in shares),
        tax_minor=sum(share.tax_minor for share in shares),
        net_minor=sum(share.net_minor for share in shares),
        quota_count=sum(share.holder.quota_count for share in shares),
        payout_count=len(shares),
    )
    payouts = [_payout(distribution, share, now=now) for share in shares]
    session.add(distribution)
    session.add_all(payouts)
    persons = {share.holder.position_id: share.holder.person for share in shares}
    _publish(session, distribution, [payout for payout in payouts if payout.gross_minor], persons, now=now)
    return distribution


def _payout(distribution: models.Distribution, share: Share, *, now: datetime) -> models.Payout:
    is_nothing = share.gross_minor == 0
    return models.Payout(
        id=new_id(),
        distribution_id=distribution.id,
        installment_id=distribution.installment_id,
        cpr_id=distribution.cpr_id,
        position_id=share.holder.position_id,
        investment_id=share.holder.investment_id,
        investor_id=share.holder.investor_id,
        quota_count=share.holder.quota_count,
        principal_minor=share.principal_minor,
        interest_minor=share.interest_minor,
        gross_minor=share.gross_minor,
        fee_minor=share.fee_minor,
        tax_minor=share.tax_minor,
        net_minor=share.net_minor,
        fee_rate=share.holder.deductions.fee_rate,
        tax_rate=share.holder.deductions.tax_rate,
        tax_treatment=share.holder.deductions.tax_treatment,
        held_days=share.holder.held_days,
        paid_at=distribution.paid_at,
        status=PayoutStatus.CREDITED if is_nothing else PayoutStatus.PENDING,
        credited_at=now if is_nothing else None,
    )


def _publish(
    session: AsyncSession,
    distribution: models.Distribution,
    payouts: Sequence[models.Payout],
    persons: Mapping[UUID, PersonKind],
    *,
    now: datetime,
) -> None:
    size = events.PAYOUTS_PER_EVENT_MAX
    parts = [payouts[start : start + size] for start in range(0, len(payouts), size)]
    for number, part in enumerate(parts, start=1):
        distributed = events.InstallmentDistributed(
            distribution_id=distribution.id,
            installment_id=distribution.installment_id,
            cpr_id=distribution.cpr_id,
            payment_id=distribution.payment_id,
            total_minor=distribution.total_minor,
            part=number,
            parts=len(parts),
            payouts=[
                events.DistributedPayout(
                    payout_id=payout.id,
                    position_id=payout.position_id,
                    investment_id=payout.investment_id,
                    investor_id=payout.investor_id,
                    principal_minor=payout.principal_minor,
                    interest_minor=payout.interest_minor,
                    gross_minor=payout.gross_minor,
                    fee_minor=payout.fee_minor,
                    tax_minor=payout.tax_minor,
                    net_minor=payout.net_minor,
                    person=persons[payout.position_id],
                )
                for payout in part
            ],
        )
        outbox.record(session, distributed, occurred_at=now)


async def _set_aside(session: AsyncSession, payment: heard.PaymentConfirmed, *, now: datetime) -> None:
    log.error(
        "an installment was paid twice; the second payment is not distributed",
        payment_id=str(payment.payment_id),
        installment_id=str(payment.installment_id),
    )
    await distributions.keep_undistributed(
        session,
        payment_id=payment.payment_id,
        installment_id=payment.installment_id,
        cpr_id=payment.cpr_id,
        farmer_id=payment.farmer_id,
        amount_minor=payment.amount_minor,
        paid_at=payment.confirmed_at,
        received_at=now,
    )


async def note_credit(session: AsyncSession, credited: heard.PayoutCredited, *, at: datetime) -> None:
    """Note that the money is in the investor's wallet. Raises NotYet for a payout not known here."""
    payout = await distributions.lock_payout(session, credited.payout_id)
    if payout is None:
        raise NotYet(f"payout {credited.payout_id} is not known here")
    if payout.net_minor != credited.amount_minor:
        raise ValueError(f"payout {payout.id} is {payout.net_minor} and was credited as {credited.amount_minor}")
    if payout.status == PayoutStatus.PENDING:
        payout.status = PayoutStatus.CREDITED
        payout.credited_at = at
