"""What accounts does when facts arrive: its own errands, and what others open, settle and pay."""

from collections import Counter
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.accounts import crud
from subgraphs.accounts.core.services import Services
from subgraphs.accounts.domain import alerts, identity_checks, messages
from subgraphs.accounts.models.vocabulary import EngagementKind, MoneyOutAlertKind
from subgraphs.accounts.schemas import events, heard
from subgraphs.shared.messaging.event import EventPayload
from subgraphs.shared.messaging.reactions import Deliveries, Delivery, Reactions
from subgraphs.shared.money import format_brl


def build_reactions(services: Services) -> Reactions:
    reactions = Reactions("accounts")

    @reactions.on(events.MessageQueued)
    async def deliver_message(delivery: Delivery[events.MessageQueued]) -> None:
        await messages.deliver_message(services, delivery)

    @reactions.on(events.IdentityCheckSubmitted)
    async def verify_identity(delivery: Delivery[events.IdentityCheckSubmitted]) -> None:
        await identity_checks.verify_submitted(services, delivery)

    _warn_of_money_out(reactions, services)
    _follow_engagements(reactions)
    _follow_money(reactions)
    return reactions


def _warn_of_money_out(reactions: Reactions, services: Services) -> None:
    """What lets money or quotas leave is told with the link that stops it, as what happens here is."""

    @reactions.on(heard.BankAccountRegistered)
    async def warn_of_bank_account(delivery: Delivery[heard.BankAccountRegistered]) -> None:
        await _warn(services, delivery, delivery.payload.user_id, "BANK_ACCOUNT_REGISTERED")

    @reactions.on(heard.WithdrawalRequested)
    async def warn_of_withdrawal(delivery: Delivery[heard.WithdrawalRequested]) -> None:
        asked = delivery.payload
        amount = format_brl(asked.amount_minor)
        await _warn(services, delivery, asked.user_id, "WITHDRAWAL_REQUESTED", amount=amount)

    @reactions.on(heard.QuotasOffered)
    async def warn_of_quotas_offered(delivery: Delivery[heard.QuotasOffered]) -> None:
        offered = delivery.payload
        amount = format_brl(offered.price_minor)
        await _warn(services, delivery, offered.seller_id, "QUOTAS_OFFERED", amount=amount)


async def _warn(
    services: Services,
    delivery: Delivery[EventPayload],
    user_id: UUID,
    kind: MoneyOutAlertKind,
    **details: str,
) -> None:
    async with delivery.begin() as session:
        user = await crud.users.lock_user(session, user_id)
        if user is not None and user.closed_at is None:
            await alerts.warn(session, services, user, kind, now=services.clock.now(), **details)


def _follow_engagements(reactions: Reactions) -> None:
    @reactions.on(heard.CPRDrafted)
    async def note_cpr(delivery: Delivery[heard.CPRDrafted]) -> None:
        await _begin(delivery, EngagementKind.CPR, delivery.payload.cpr_id, delivery.payload.farmer_id)

    @reactions.on(heard.CPRSettled, heard.CPRCancelled)
    async def note_end_of_cpr(delivery: Delivery[heard.CPRSettled | heard.CPRCancelled]) -> None:
        await _end(delivery, EngagementKind.CPR, delivery.payload.cpr_id, delivery.payload.farmer_id)

    @reactions.on_many(heard.InvestmentRequested, heard.InvestmentConfirmed)
    async def note_investment(
        session: AsyncSession, deliveries: Deliveries[heard.InvestmentRequested | heard.InvestmentConfirmed]
    ) -> None:
        begun = [(each.payload.investment_id, each.payload.investor_id, each.event.time) for each in deliveries]
        await crud.standing.begin_engagements(session, begun, kind=EngagementKind.INVESTMENT)

    @reactions.on(heard.InvestmentRefused, heard.InvestmentCancelled, heard.InvestmentClosed)
    async def note_end_of_investment(
        delivery: Delivery[heard.InvestmentRefused | heard.InvestmentCancelled | heard.InvestmentClosed],
    ) -> None:
        await _end(delivery, EngagementKind.INVESTMENT, delivery.payload.investment_id, delivery.payload.investor_id)

    # A position is an investment to who holds it; one that is bought has the purchase's id.
    @reactions.on(heard.QuotasWanted, heard.QuotasBought)
    async def note_bought_quotas(delivery: Delivery[heard.QuotasWanted | heard.QuotasBought]) -> None:
        await _begin(delivery, EngagementKind.INVESTMENT, delivery.payload.purchase_id, delivery.payload.buyer_id)

    @reactions.on(heard.QuotaPurchaseRefused)
    async def note_end_of_purchase(delivery: Delivery[heard.QuotaPurchaseRefused]) -> None:
        await _end(delivery, EngagementKind.INVESTMENT, delivery.payload.purchase_id, delivery.payload.buyer_id)

    @reactions.on(heard.QuotaPositionClosed)
    async def note_end_of_position(delivery: Delivery[heard.QuotaPositionClosed]) -> None:
        await _end(delivery, EngagementKind.INVESTMENT, delivery.payload.position_id, delivery.payload.investor_id)


def _follow_money(reactions: Reactions) -> None:
    @reactions.on(heard.DepositConfirmed, heard.SurplusCredited, heard.PayoutCredited)
    async def note_money_in(
        delivery: Delivery[heard.DepositConfirmed | heard.SurplusCredited | heard.PayoutCredited],
    ) -> None:
        await _add(delivery, delivery.payload.user_id, delivery.payload.amount_minor)

    @reactions.on_many(heard.HoldPlaced)
    async def note_money_held(session: AsyncSession, deliveries: Deliveries[heard.HoldPlaced]) -> None:
        changes: Counter[UUID] = Counter()
        for each in deliveries:
            changes[each.payload.user_id] -= each.payload.amount_minor
        await crud.standing.add_to_balances(session, changes)

    @reactions.on(heard.HoldReleased)
    async def note_money_freed(delivery: Delivery[heard.HoldReleased]) -> None:
        await _add(delivery, delivery.payload.user_id, delivery.payload.amount_minor)

    @reactions.on(heard.QuotasSwapped)
    async def note_swap(delivery: Delivery[heard.QuotasSwapped]) -> None:
        swapped = delivery.payload
        async with delivery.begin() as session:
            changes = {swapped.buyer_id: -swapped.price_minor, swapped.seller_id: swapped.net_minor}
            await crud.standing.add_to_balances(session, changes)

    @reactions.on(heard.CPRDisbursed)
    async def note_disbursement(delivery: Delivery[heard.CPRDisbursed]) -> None:
        await _add(delivery, delivery.payload.farmer_id, delivery.payload.net_minor)

    @reactions.on(heard.PaymentConfirmed)
    async def note_payment(delivery: Delivery[heard.PaymentConfirmed]) -> None:
        paid = delivery.payload
        await _add(delivery, paid.farmer_id, -paid.amount_minor if paid.method == "WALLET" else 0)

    @reactions.on(heard.WithdrawalRequested)
    async def note_withdrawal(delivery: Delivery[heard.WithdrawalRequested]) -> None:
        asked = delivery.payload
        async with delivery.begin() as session:
            await crud.standing.begin_engagement(
                session,
                asked.withdrawal_id,
                kind=EngagementKind.WITHDRAWAL,
                user_id=asked.user_id,
                now=delivery.event.time,
            )
            await crud.standing.add_to_balance(session, asked.user_id, -asked.amount_minor)

    @reactions.on(heard.WithdrawalSettled, heard.WithdrawalReturned)
    async def note_end_of_withdrawal(
        delivery: Delivery[heard.WithdrawalSettled | heard.WithdrawalReturned],
    ) -> None:
        ended = delivery.payload
        async with delivery.begin() as session:
            await crud.standing.end_engagement(
                session,
                ended.withdrawal_id,
                kind=EngagementKind.WITHDRAWAL,
                user_id=ended.user_id,
                now=delivery.event.time,
            )
            if isinstance(ended, heard.WithdrawalReturned):
                await crud.standing.add_to_balance(session, ended.user_id, ended.amount_minor)


async def _begin(delivery: Delivery[EventPayload], kind: EngagementKind, engagement_id: UUID, user_id: UUID) -> None:
    async with delivery.begin() as session:
        await crud.standing.begin_engagement(
            session, engagement_id, kind=kind, user_id=user_id, now=delivery.event.time
        )


async def _end(delivery: Delivery[EventPayload], kind: EngagementKind, engagement_id: UUID, user_id: UUID) -> None:
    async with delivery.begin() as session:
        await crud.standing.end_engagement(session, engagement_id, kind=kind, user_id=user_id, now=delivery.event.time)


async def _add(delivery: Delivery[EventPayload], user_id: UUID, amount_minor: int) -> None:
    async with delivery.begin() as session:
        await crud.standing.add_to_balance(session, user_id, amount_minor)
