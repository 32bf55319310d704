"""
Quotas change hands in the transaction that moves their price, or neither does.

    available(buyer) ──price──┬──▶ available(seller)      position(seller) ──quotas──▶ position(buyer)
                              ├──▶ secondary fee
                              └──▶ income tax payable

A purchase is decided exactly once, by whoever records the decision first, so neither repetition nor reordering of
messages buys twice. Swaps and payments of one CPR take turns at its register's row: every payment knows how many swaps
came before it, and with that who is to be paid.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.shared.clock import business_date
from subgraphs.shared.messaging import outbox
from subgraphs.shared.messaging.reactions import NotYet
from subgraphs.shared.money import round_half_up
from subgraphs.shared.standing import crud as standing
from subgraphs.shared.standing.tables import PersonStatus
from subgraphs.wallet import crud, models
from subgraphs.wallet.domain import chart, ledger, money_out, wallets
from subgraphs.wallet.models import GainTaxTreatment, TransferKind
from subgraphs.wallet.schemas import events, heard


@dataclass(frozen=True)
class Deductions:
    """What is taken from a price before it is the seller's."""

    cost_minor: int
    held_days: int
    fee_minor: int
    tax_minor: int


async def swap_quotas(session: AsyncSession, wanted: heard.QuotasWanted, *, now: datetime) -> models.QuotaSwap | None:
    """
    Swap the quotas that somebody wants for their price; None when that is refused or was decided before.

    The answer leaves as an event: `quotas_swapped` or `quota_swap_refused`. Refused is what the buyer cannot pay, what
    the seller has no more, what comes too late, what one of the two may not do any more or has paused, and what an
    installment has overtaken that was paid meanwhile: the buyer would pay for what is no longer to come.

    Raises NotYet while a wallet, the lending or the schedule is not known here, and ValueError when the figures do not
    belong together. Told again after its deadline, such a purchase is refused as any other.
    """
    await crud.quotas.lock_register(session, wanted.cpr_id)
    if await crud.quotas.find_request(session, wanted.purchase_id):
        return None
    if reason := await _reason_of_time(session, wanted, now=now):
        await _refuse(session, wanted, reason, now=now)
        return None
    seller = await wallets.await_wallet(session, wanted.seller_id)
    buyer = await wallets.await_wallet(session, wanted.buyer_id)
    position = await _position(session, wanted)
    balances = await ledger.lock_balances(session, (buyer.available_id, seller.available_id))
    available = balances[buyer.available_id]
    if reason := await _reason_of_people(session, wanted, position, available=available, now=now):
        await _refuse(session, wanted, reason, now=now)
        return None
    if not await crud.quotas.decide_request(session, wanted.purchase_id, reason=None, decided_at=now):
        return None
    taken = await _deductions(session, wanted, position, now=now)
    transfer = ledger.Transfer(
        kind=TransferKind.QUOTA_SWAP,
        cause_id=wanted.purchase_id,
        reference_id=wanted.purchase_id,
        legs=(
            *ledger.debit(buyer.available_id, wanted.price_minor),
            *ledger.credit(seller.available_id, wanted.price_minor - taken.fee_minor - taken.tax_minor),
            *ledger.credit(chart.SECONDARY_FEE, taken.fee_minor),
            *ledger.credit(chart.INCOME_TAX_PAYABLE, taken.tax_minor),
        ),
    )
    await ledger.post(session, transfer, now=now)
    return await _record_swap(session, wanted, taken, transfer, now=now)


async def _position(session: AsyncSession, wanted: heard.QuotasWanted) -> models.QuotaPosition:
    """The position that is sold of; one that an investment opened is noted when it is first asked for."""
    position = await crud.quotas.find_position(session, wanted.position_id)
    if position is None:
        hold = await crud.quotas.find_captured_hold(session, wanted.position_id)
        if hold is None or hold.ended_at is None:
            raise NotYet(f"nothing was lent by {wanted.position_id}, of which purchase {wanted.purchase_id} buys")
        quota_count = hold.quota_count
        if quota_count is None:
            # Of a hold from before quotas changed hands we know the money only, which was so much for each of them.
            quota_count = wanted.position_quotas
            if hold.captured_minor % quota_count:
                raise ValueError(f"purchase {wanted.purchase_id} gives position {hold.reference_id} quotas of no price")
        position = models.QuotaPosition(
            id=hold.reference_id,
            investment_id=hold.reference_id,
            cpr_id=wanted.cpr_id,
            owner_id=hold.user_id,
            quota_count=quota_count,
            sold_quotas=0,
            cost_minor=hold.captured_minor,
            acquired_at=hold.ended_at,
        )
        session.add(position)
        await session.flush()
    told = (wanted.cpr_id, wanted.seller_id, wanted.position_quotas, wanted.investment_id)
    if told != (position.cpr_id, position.owner_id, position.quota_count, position.investment_id):
        raise ValueError(f"purchase {wanted.purchase_id} does not fit position {position.id}")
    return position


async def _reason_of_time(
    session: AsyncSession, wanted: heard.QuotasWanted, *, now: datetime
) -> events.SwapRefusal | None:
    """
    Why the purchase comes too late. The register is locked, so no installment is paid in between.

    Its deadline first: nothing that is unknown here, or never will be known, keeps it from its answer.
    """
    if now >= wanted.good_until:
        return "TIMED_OUT"
    installments, paid, payments = await crud.quotas.count_payments(session, wanted.cpr_id)
    if installments == 0:
        raise NotYet(f"what is owed under CPR {wanted.cpr_id} is not known")
    if installments == paid:
        return "CPR_SETTLED"
    as_told = wanted.received_payments in (payments, None) and wanted.paid_installments == paid
    return None if as_told else "INSTALLMENT_PAID_MEANWHILE"


async def _reason_of_people(
    session: AsyncSession,
    wanted: heard.QuotasWanted,
    position: models.QuotaPosition,
    *,
    available: int,
    now: datetime,
) -> events.SwapRefusal | None:
    """Why the two cannot trade. The buyer is told what stands in their own way, and of the seller's ways nothing."""
    if reason := await _reason_of_person(session, wanted.buyer_id, now=now):
        return reason
    if await _reason_of_person(session, wanted.seller_id, now=now):
        return "SELLER_UNAVAILABLE"
    # A thief's offer outlives the pause that its owner asked for: what is older than that is not the owner's.
    if wanted.offered_at and await money_out.was_stopped(session, wanted.seller_id, since=wanted.offered_at):
        return "SELLER_UNAVAILABLE"
    if position.left_quotas < wanted.quota_count:
        return "QUOTAS_SOLD"
    return "INSUFFICIENT_FUNDS" if available < wanted.price_minor else None


async def _reason_of_person(session: AsyncSession, person_id: UUID, *, now: datetime) -> events.SwapRefusal | None:
    # Locked out since it was asked for, or gone: what they own stays as it is.
    if await standing.find_status(session, person_id) is not PersonStatus.ACTIVE:
        return "PERSON_NOT_ACTIVE"
    # What a thief sells or buys in somebody's name is with another person at once: no small sum is let through.
    return "MONEY_OUT_PAUSED" if await money_out.is_paused(session, person_id, now=now) else None


async def _deductions(
    session: AsyncSession, wanted: heard.QuotasWanted, position: models.QuotaPosition, *, now: datetime
) -> Deductions:
    """
    Fee and tax by the rules of the day.

    What the seller had paid, less what was paid back of it since, is shared among the quotas of the position, in the
    order they are sold, so that the parts sum to the whole to the cent. The gain is the price less fee and cost; a loss
    is taxed by nothing.
    """
    today = business_date(now)
    rate = await crud.quotas.find_fee_rate(session, today)
    cpr = await crud.installments.find_cpr(session, wanted.cpr_id)
    if cpr is None:
        raise NotYet(f"CPR {wanted.cpr_id} is not known to be registered")
    rule = await crud.quotas.find_gain_rule(session, wanted.seller_person, cpr.counts_as_issued_on, today)
    if rate is None or rule is None:
        raise LookupError(f"no fee or no tax rule for swaps of quotas is set on {today}")
    fee = round_half_up(wanted.price_minor * rate)
    left_minor = position.cost_minor * _share_to_come(wanted, position)
    cost = _shared(left_minor, position, position.sold_quotas + wanted.quota_count)
    cost -= _shared(left_minor, position, position.sold_quotas)
    held_days = max((today - business_date(position.acquired_at)).days, 0)
    gain = max(wanted.price_minor - fee - cost, 0)
    return Deductions(cost, held_days, fee, round_half_up(gain * await _tax_rate(session, rule, held_days, today)))


async def _tax_rate(session: AsyncSession, rule: models.GainTaxRule, held_days: int, today: date) -> Decimal:
    if rule.treatment is GainTaxTreatment.EXEMPT:
        return Decimal(0)
    if rule.rate is not None:
        return rule.rate
    brackets = await crud.quotas.list_gain_brackets(session, rule.scale, today)
    rates = [bracket.rate for bracket in brackets if bracket.days_from <= held_days]
    if not rates:
        raise LookupError(f"no bracket of {rule.scale} for a gain after {held_days} days is set on {today}")
    return rates[-1]


def _share_to_come(wanted: heard.QuotasWanted, position: models.QuotaPosition) -> Fraction:
    """How much of the principal that was still to come when the position began has not been paid back since."""
    is_of_investment = position.id == position.investment_id
    at_first = wanted.principal_minor if is_of_investment else position.unpaid_principal_minor
    if not at_first or wanted.unpaid_principal_minor is None:
        return Fraction(1)
    return Fraction(wanted.unpaid_principal_minor, at_first)


def _shared(amount_minor: Fraction, position: models.QuotaPosition, quotas: int) -> int:
    """What of an amount for all of a position falls to its first *quotas*."""
    return round_half_up(amount_minor * Fraction(quotas, position.quota_count))


async def _record_swap(
    session: AsyncSession, wanted: heard.QuotasWanted, taken: Deductions, transfer: ledger.Transfer, *, now: datetime
) -> models.QuotaSwap:
    bought = models.QuotaPosition(
        id=wanted.purchase_id,
        investment_id=wanted.investment_id,
        cpr_id=wanted.cpr_id,
        owner_id=wanted.buyer_id,
        quota_count=wanted.quota_count,
        sold_quotas=0,
        cost_minor=wanted.price_minor,
        acquired_at=now,
        unpaid_principal_minor=wanted.unpaid_principal_minor,
    )
    swap = models.QuotaSwap(
        id=wanted.purchase_id,
        cpr_id=wanted.cpr_id,
        seller_position_id=wanted.position_id,
        seller_id=wanted.seller_id,
        seller_person=wanted.seller_person,
        buyer_id=wanted.buyer_id,
        quota_count=wanted.quota_count,
        price_minor=wanted.price_minor,
        cost_minor=taken.cost_minor,
        fee_minor=taken.fee_minor,
        tax_minor=taken.tax_minor,
        held_days=taken.held_days,
        transfer_id=transfer.id,
        swapped_at=now,
    )
    session.add_all([bought, swap])
    await session.flush()
    await session.refresh(swap, ["number"])
    swapped = events.QuotasSwapped(
        purchase_id=swap.id,
        number=swap.number,
        cpr_id=swap.cpr_id,
        investment_id=wanted.investment_id,
        seller_position_id=swap.seller_position_id,
        seller_id=swap.seller_id,
        buyer_id=swap.buyer_id,
        buyer_person=wanted.buyer_person,
        quota_count=swap.quota_count,
        price_minor=swap.price_minor,
        cost_minor=swap.cost_minor,
        fee_minor=swap.fee_minor,
        tax_minor=swap.tax_minor,
        net_minor=swap.price_minor - swap.fee_minor - swap.tax_minor,
        swapped_at=now,
    )
    outbox.record(session, swapped, occurred_at=now)
    return swap


async def _refuse(
    session: AsyncSession, wanted: heard.QuotasWanted, reason: events.SwapRefusal, *, now: datetime
) -> None:
    if not await crud.quotas.decide_request(session, wanted.purchase_id, reason=reason, decided_at=now):
        return
    refused = events.QuotaSwapRefused(
        purchase_id=wanted.purchase_id, seller_id=wanted.seller_id, buyer_id=wanted.buyer_id, reason=reason
    )
    outbox.record(session, refused, occurred_at=now)
