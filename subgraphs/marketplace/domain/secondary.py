"""
Quotas offered by their holders, and purchases of them.

    offer_quotas ── OPEN ──▶ all of it sold ──▶ SOLD
                      ├── withdraw ───────────▶ WITHDRAWN
                      └── the CPR's default, settlement or renegotiation

    buy_quotas ── PENDING ──▶ wallet swaps quotas and money ──▶ complete ── COMPLETED
                     └── wallet refuses ──▶ refuse ──────────────────────── REFUSED

Whether a purchase comes about, the wallet alone decides, in the transaction that moves the price: nothing here takes a
purchase back, nor ends one by itself. Locks are always taken in this order: investor, offering, offer, purchase,
position. A row that refers to an offering locks it as well, so whoever adds one has locked it before.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.marketplace import models
from subgraphs.marketplace.crud import installments, investors, secondary
from subgraphs.marketplace.crud import offerings as offering_rows
from subgraphs.marketplace.crud.installments import ScheduleProgress
from subgraphs.marketplace.domain import refusals
from subgraphs.marketplace.domain.investments import check_limits
from subgraphs.marketplace.domain.rules import CONSENTS, Rules, get_rules
from subgraphs.marketplace.models import PositionEnd, QuotaOfferStatus, QuotaPurchaseStatus
from subgraphs.marketplace.schemas import events, heard
from subgraphs.marketplace.schemas.commands import BuyQuotas, OfferQuotas, WithdrawQuotaOffer
from subgraphs.shared import idempotency
from subgraphs.shared.clock import business_date
from subgraphs.shared.consents import asking
from subgraphs.shared.identity import Identity
from subgraphs.shared.ids import new_id
from subgraphs.shared.messaging import outbox
from subgraphs.shared.messaging.reactions import NotYet
from subgraphs.shared.standing import crud as standing
from subgraphs.shared.standing.tables import PersonStatus


async def offer_quotas(
    session: AsyncSession, command: OfferQuotas, *, actor: Identity, now: datetime
) -> models.QuotaOffer:
    """
    Offer quotas of a position at a price of the seller's own. A repeated key returns the first offer.

    Refuses with InvestorNotVerified, IdempotencyKeyReused, PositionNotFound (also when not the actor's), CPRNotTraded
    (its money is not lent yet, it is in default, renegotiated or repaid), QuotasUnavailable (sold, or offered already).
    """
    request = idempotency.Request("offer_quotas", actor.user_id, command.idempotency_key, {"request": command.digest()})
    offer_id = new_id()
    if earlier_id := await idempotency.claim(session, request, result_id=offer_id, now=now):
        return await secondary.get_offer(session, earlier_id)
    if await investors.lock_investor(session, actor.user_id) is None:
        raise refusals.InvestorNotVerified
    found = await secondary.find_position(session, command.position_id)
    if found is None or found.investor_id != actor.user_id:
        raise refusals.PositionNotFound
    offering = await offering_rows.lock_offering(session, found.offering_id)
    progress = await installments.get_progress(session, [found.cpr_id])
    if offering is None or offering.disbursed_at is None or found.cpr_id not in progress:
        raise refusals.CPRNotTraded(reason="NOT_ACTIVE")
    if offering.settled_at is not None or progress[found.cpr_id].is_repaid:
        raise refusals.CPRNotTraded(reason="SETTLED")
    if offering.defaulted_at is not None:
        raise refusals.CPRNotTraded(reason="DEFAULTED")
    if offering.renegotiation_id is not None:
        raise refusals.CPRNotTraded(reason="RENEGOTIATING")
    position = await secondary.lock_position(session, found.id)
    bound = sum(offer.bound_quotas for offer in await secondary.list_binding_offers(session, position.id))
    free = position.held_quotas - bound
    if command.quota_count > free:
        raise refusals.QuotasUnavailable(available_quotas=free, requested_quotas=command.quota_count)
    offer = models.QuotaOffer(
        id=offer_id,
        position_id=position.id,
        offering_id=position.offering_id,
        cpr_id=position.cpr_id,
        farmer_id=position.farmer_id,
        seller_id=actor.user_id,
        quota_count=command.quota_count,
        price_minor=command.price_minor,
        annual_rate=offering.current_annual_rate,
        reserved_quotas=0,
        sold_quotas=0,
        status=QuotaOfferStatus.OPEN,
        offered_at=now,
        idempotency_key=command.idempotency_key,
        request_digest=command.digest(),
    )
    session.add(offer)
    offered = events.QuotasOffered(
        offer_id=offer.id,
        cpr_id=offer.cpr_id,
        seller_id=actor.user_id,
        quota_count=offer.quota_count,
        price_minor=offer.price_minor,
    )
    outbox.record(session, offered, occurred_at=now)
    return offer


async def withdraw_offer(
    session: AsyncSession, command: WithdrawQuotaOffer, *, actor: Identity, now: datetime
) -> models.QuotaOffer:
    """
    Take back what is left of an offer; purchases that wait for the wallet go on. Doing so again changes nothing.

    Refuses with QuotaOfferNotFound (also when not the actor's) and QuotaOfferClosed (ended in another way).
    """
    offer = await secondary.lock_offer(session, command.offer_id)
    if offer is None or offer.seller_id != actor.user_id:
        raise refusals.QuotaOfferNotFound
    if offer.status == QuotaOfferStatus.WITHDRAWN:
        return offer
    if offer.status != QuotaOfferStatus.OPEN:
        raise refusals.QuotaOfferClosed(offer_status=offer.status)
    offer.status, offer.ended_at = QuotaOfferStatus.WITHDRAWN, now
    return offer


async def withdraw_disowned(session: AsyncSession, seller_id: UUID, *, at: datetime) -> None:
    """
    Take back what is left of all that a person had offered by *at*, when they said that it was not them.

    The offers end as withdrawn ones: what befell their seller is nothing to who wants to buy.
    """
    # Whoever is offering in their name at this moment comes first, and that offer is then found as well.
    await investors.lock_investor(session, seller_id)
    for offer in await secondary.lock_open_offers_of(session, seller_id, offered_by=at):
        offer.status, offer.ended_at = QuotaOfferStatus.WITHDRAWN, at


async def buy_quotas(
    session: AsyncSession, command: BuyQuotas, *, actor: Identity, now: datetime
) -> models.QuotaPurchase:
    """
    Reserve quotas of an offer for a person and ask the wallet to swap them for their price.

    A repeated key returns the first purchase. Refuses with InvestorNotVerified, ConsentRequired, IdempotencyKeyReused,
    QuotaOfferNotFound, OwnQuotas, OwnOffering, QuotaOfferClosed, InstallmentPaidMeanwhile, QuotasUnavailable (also
    while the seller is locked out), BelowMinimum, BorrowerLimitExceeded, ConcentrationNotConfirmed.
    """
    request = idempotency.Request("buy_quotas", actor.user_id, command.idempotency_key, {"request": command.digest()})
    purchase_id = new_id()
    if earlier_id := await idempotency.claim(session, request, result_id=purchase_id, now=now):
        return await secondary.get_purchase(session, earlier_id)
    if await investors.lock_investor(session, actor.user_id) is None:
        raise refusals.InvestorNotVerified
    await asking.require(session, actor.user_id, CONSENTS, today=business_date(now))
    offer = await secondary.lock_offer(session, command.offer_id)
    if offer is None:
        raise refusals.QuotaOfferNotFound
    rules = await get_rules(session, now=now)
    offering = await offering_rows.get_offering(session, offer.offering_id)
    progress = (await installments.get_progress(session, [offer.cpr_id]))[offer.cpr_id]
    is_seller_active = await standing.find_status(session, offer.seller_id) is PersonStatus.ACTIVE
    _check_offer(
        offer,
        command,
        buyer_id=actor.user_id,
        left=offer.left_quotas if is_seller_active else 0,
        progress=progress,
        rules=rules,
    )
    committed = await investors.list_committed(session, {actor.user_id: (offer.farmer_id, offer.cpr_id)})
    check_limits(
        committed[actor.user_id],
        # What was lent for them when they cost less: see `list_committed`.
        amount_minor=command.quota_count * max(offer.price_minor, offering.quota_price_minor),
        phrase=command.confirmation_phrase,
        rules=rules,
    )
    purchase = _reserve(session, offer, command, purchase_id=purchase_id, buyer_id=actor.user_id, now=now)
    position = await secondary.lock_position(session, offer.position_id)
    wanted = events.QuotasWanted(
        purchase_id=purchase.id,
        offer_id=offer.id,
        cpr_id=offer.cpr_id,
        investment_id=position.investment_id,
        position_id=position.id,
        position_quotas=position.quota_count,
        seller_id=offer.seller_id,
        buyer_id=actor.user_id,
        seller_person=await investors.get_person(session, offer.seller_id),
        buyer_person=await investors.get_person(session, actor.user_id),
        quota_count=purchase.quota_count,
        price_minor=purchase.amount_minor,
        paid_installments=progress.paid_count,
        received_payments=progress.payment_count,
        principal_minor=progress.principal_minor,
        unpaid_principal_minor=progress.principal_minor - progress.paid_principal_minor,
        offered_at=offer.offered_at,
        good_until=now + rules.swap_timeout,
    )
    outbox.record(session, wanted, occurred_at=now)
    return purchase


def _reserve(
    session: AsyncSession,
    offer: models.QuotaOffer,
    command: BuyQuotas,
    *,
    purchase_id: UUID,
    buyer_id: UUID,
    now: datetime,
) -> models.QuotaPurchase:
    """Take the quotas out of what others can buy of the locked *offer*."""
    purchase = models.QuotaPurchase(
        id=purchase_id,
        offer_id=offer.id,
        cpr_id=offer.cpr_id,
        farmer_id=offer.farmer_id,
        seller_id=offer.seller_id,
        buyer_id=buyer_id,
        quota_count=command.quota_count,
        amount_minor=command.quota_count * offer.price_minor,
        status=QuotaPurchaseStatus.PENDING,
        requested_at=now,
        idempotency_key=command.idempotency_key,
        request_digest=command.digest(),
    )
    offer.reserved_quotas += purchase.quota_count
    session.add(purchase)
    return purchase


def _check_offer(
    offer: models.QuotaOffer, command: BuyQuotas, *, buyer_id: UUID, left: int, progress: ScheduleProgress, rules: Rules
) -> None:
    if offer.seller_id == buyer_id:
        raise refusals.OwnQuotas
    if offer.farmer_id == buyer_id:
        raise refusals.OwnOffering
    if offer.status != QuotaOfferStatus.OPEN:
        raise refusals.QuotaOfferClosed(offer_status=offer.status)
    if progress.is_repaid:
        # The settlement, which ends the offer, waits until no purchase does: it must not wait for ever new ones.
        raise refusals.QuotaOfferClosed(offer_status=QuotaOfferStatus.CPR_SETTLED)
    # One that was paid in part is no longer what the buyer saw, either.
    if command.remaining_installments != progress.untouched_count:
        raise refusals.InstallmentPaidMeanwhile(remaining_installments=progress.untouched_count)
    if command.quota_count > left:
        raise refusals.QuotasUnavailable(available_quotas=left, requested_quotas=command.quota_count)
    # Who takes all that is left may pay less than the minimum: otherwise nobody could.
    amount_minor = command.quota_count * offer.price_minor
    if amount_minor < rules.investment_min_minor and command.quota_count < left:
        raise refusals.BelowMinimum(minimum_minor=rules.investment_min_minor, requested_minor=amount_minor)


async def complete(session: AsyncSession, swapped: heard.QuotasSwapped, *, now: datetime) -> None:
    """Quotas and money have changed hands: from now on the position is the buyer's. Once per purchase."""
    offer, purchase = await _lock_both(session, swapped.purchase_id)
    if purchase.status == QuotaPurchaseStatus.COMPLETED:
        return
    if purchase.status != QuotaPurchaseStatus.PENDING or purchase.amount_minor != swapped.price_minor:
        raise ValueError(f"swap {swapped.purchase_id} does not belong to its purchase")
    position = await secondary.lock_position(session, offer.position_id)
    purchase.status, purchase.ended_at = QuotaPurchaseStatus.COMPLETED, swapped.swapped_at
    purchase.fee_minor, purchase.tax_minor = swapped.fee_minor, swapped.tax_minor
    offer.reserved_quotas -= purchase.quota_count
    offer.sold_quotas += purchase.quota_count
    if offer.sold_quotas == offer.quota_count and offer.status == QuotaOfferStatus.OPEN:
        offer.status, offer.ended_at = QuotaOfferStatus.SOLD, swapped.swapped_at
    position.sold_quotas += purchase.quota_count
    if position.held_quotas == 0:
        position.valid_to = max(swapped.swapped_at, position.valid_from)
        position.ended_as = PositionEnd.SOLD
        _record_closed(session, position, now=now)
    session.add(
        models.QuotaPosition(
            id=purchase.id,
            investment_id=position.investment_id,
            offering_id=position.offering_id,
            cpr_id=position.cpr_id,
            farmer_id=position.farmer_id,
            investor_id=purchase.buyer_id,
            quota_count=purchase.quota_count,
            amount_minor=purchase.amount_minor,
            sold_quotas=0,
            valid_from=swapped.swapped_at,
        )
    )
    bought = events.QuotasBought(
        purchase_id=purchase.id,
        cpr_id=purchase.cpr_id,
        buyer_id=purchase.buyer_id,
        quota_count=purchase.quota_count,
        amount_minor=purchase.amount_minor,
    )
    sold = events.QuotasSold(
        purchase_id=purchase.id,
        cpr_id=purchase.cpr_id,
        seller_id=purchase.seller_id,
        quota_count=purchase.quota_count,
        amount_minor=purchase.amount_minor,
        net_minor=swapped.net_minor,
    )
    outbox.record(session, bought, occurred_at=now)
    outbox.record(session, sold, occurred_at=now)


async def refuse(session: AsyncSession, refused: heard.QuotaSwapRefused, *, now: datetime) -> None:
    """The wallet has swapped nothing and never will: the quotas are the offer's again."""
    offer, purchase = await _lock_both(session, refused.purchase_id)
    if purchase.status == QuotaPurchaseStatus.REFUSED:
        return
    if purchase.status != QuotaPurchaseStatus.PENDING:
        raise ValueError(f"purchase {purchase.id} was completed and is refused")
    purchase.status, purchase.refusal_reason, purchase.ended_at = QuotaPurchaseStatus.REFUSED, refused.reason, now
    offer.reserved_quotas -= purchase.quota_count
    told = events.QuotaPurchaseRefused(purchase_id=purchase.id, buyer_id=purchase.buyer_id, reason=refused.reason)
    outbox.record(session, told, occurred_at=now)


async def note_default(session: AsyncSession, cpr_id: UUID, *, version: int, at: datetime) -> None:
    """
    The CPR is in default: offers of its quotas end, and no new ones are made until it is in order again.

    When we hear of it after the recovery, only those end that were made before it. Raises NotYet before the
    disbursement is known here.
    """
    offering = await lock_lent(session, cpr_id)
    is_news = version >= offering.default_version
    if is_news:
        offering.default_version, offering.defaulted_at = version, at
    for offer in await secondary.lock_open_offers(session, cpr_id):
        if is_news or offer.offered_at <= at:
            end_offer(session, offer, QuotaOfferStatus.CPR_DEFAULTED, at=at)


def end_offer(session: AsyncSession, offer: models.QuotaOffer, status: QuotaOfferStatus, *, at: datetime) -> None:
    """End a locked open *offer*, and tell its seller why."""
    offer.status, offer.ended_at = status, at
    ended = events.QuotaOfferEnded(
        offer_id=offer.id, cpr_id=offer.cpr_id, seller_id=offer.seller_id, reason=status.value
    )
    outbox.record(session, ended, occurred_at=at)


async def note_recovery(session: AsyncSession, cpr_id: UUID, *, version: int) -> None:
    """The CPR is in order again. Raises NotYet before the disbursement is known here."""
    offering = await lock_lent(session, cpr_id)
    if version >= offering.default_version:
        offering.default_version, offering.defaulted_at = version, None


async def settle(session: AsyncSession, cpr_id: UUID, *, now: datetime) -> None:
    """
    The CPR is repaid: what is offered of it is worth nothing any more, and what was bought of it ends.

    Raises NotYet before the disbursement is known here, and while the wallet has a purchase to answer: first it is
    known who held.
    """
    await lock_lent(session, cpr_id)
    for offer in await secondary.lock_open_offers(session, cpr_id):
        end_offer(session, offer, QuotaOfferStatus.CPR_SETTLED, at=now)
    # Asked when nobody can buy any more.
    if pending := await secondary.count_pending(session, cpr_id):
        raise NotYet(f"{pending} purchases of quotas of CPR {cpr_id} wait for the wallet")
    for position in await secondary.list_open_positions_bought(session, cpr_id):
        position.valid_to, position.ended_as = max(now, position.valid_from), PositionEnd.SETTLED
        _record_closed(session, position, now=now)


def _record_closed(session: AsyncSession, position: models.QuotaPosition, *, now: datetime) -> None:
    closed = events.QuotaPositionClosed(
        position_id=position.id,
        cpr_id=position.cpr_id,
        investor_id=position.investor_id,
        ended_as=position.ended_as or PositionEnd.SETTLED,
    )
    outbox.record(session, closed, occurred_at=now)


async def lock_lent(session: AsyncSession, cpr_id: UUID) -> models.Offering:
    offering = await offering_rows.lock_offering_of_cpr(session, cpr_id)
    if offering is None or offering.disbursed_at is None:
        raise NotYet(f"CPR {cpr_id} is not disbursed as far as is known here")
    return offering


async def _lock_both(session: AsyncSession, purchase_id: UUID) -> tuple[models.QuotaOffer, models.QuotaPurchase]:
    found = await secondary.find_purchase(session, purchase_id)
    if found is None:
        raise NotYet(f"purchase {purchase_id} is not known here")
    await offering_rows.lock_offering_of_cpr(session, found.cpr_id)
    offer = await secondary.lock_offer(session, found.offer_id)
    if offer is None:
        raise LookupError(f"purchase {purchase_id} has no offer")
    return offer, await secondary.lock_purchase(session, purchase_id)
