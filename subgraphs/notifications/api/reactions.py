"""What we do when facts of other domains arrive: tell people, keep their time line, know who has left."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.notifications.crud import activities, closed_people, holdings, push_devices
from subgraphs.notifications.domain import notifications
from subgraphs.notifications.domain.catalogue import TELLINGS
from subgraphs.notifications.domain.holder_catalogue import HOLDER_TELLINGS
from subgraphs.notifications.models import ActivityType
from subgraphs.notifications.schemas import heard
from subgraphs.shared.clock import Clock
from subgraphs.shared.messaging.event import EventPayload
from subgraphs.shared.messaging.reactions import Deliveries, Delivery, Reactions
from subgraphs.shared.standing.follow import follow_standing

SUBJECTS: dict[type[EventPayload], tuple[ActivityType, str, str]] = {
    heard.DepositConfirmed: (ActivityType.DEPOSIT, "deposit_id", "user_id"),
    heard.WithdrawalRequested: (ActivityType.WITHDRAWAL, "withdrawal_id", "user_id"),
    heard.PaymentReturnRequested: (ActivityType.PAYMENT_RETURN, "return_id", "user_id"),
    heard.MoneyClaimOpened: (ActivityType.MONEY_CLAIM, "claim_id", "user_id"),
    heard.InvestmentRequested: (ActivityType.INVESTMENT, "investment_id", "investor_id"),
    heard.PayoutCredited: (ActivityType.PAYOUT, "payout_id", "user_id"),
    heard.QuotasWanted: (ActivityType.QUOTA_PURCHASE, "purchase_id", "buyer_id"),
    heard.QuotasSold: (ActivityType.QUOTA_PURCHASE, "purchase_id", "seller_id"),
    heard.RequestScored: (ActivityType.AGRO_SCORE, "score_id", "farmer_id"),
    heard.InstallmentPaid: (ActivityType.RECEIVED_PAYMENT, "payment_id", "farmer_id"),
    heard.InstallmentPartlyPaid: (ActivityType.RECEIVED_PAYMENT, "payment_id", "farmer_id"),
    heard.InstallmentLate: (ActivityType.LATE_INSTALLMENT, "installment_id", "farmer_id"),
    heard.CPRRenegotiated: (ActivityType.RENEGOTIATION, "renegotiation_id", "farmer_id"),
}
"""What stands in a time line: the entity that a fact speaks of, and the payload's fields with its id and its person."""


def build_reactions(clock: Clock) -> Reactions:
    reactions = Reactions("notifications")
    follow_standing(reactions)
    _follow_people(reactions)

    # What holders are told is told to thousands.
    @reactions.on_many(*(TELLINGS | HOLDER_TELLINGS), singly=HOLDER_TELLINGS)
    async def tell_person(session: AsyncSession, deliveries: Deliveries[EventPayload]) -> None:
        await notifications.tell(session, [(each.event, each.payload) for each in deliveries], now=clock.now())

    @reactions.on_many(*SUBJECTS)
    async def keep_time_line(session: AsyncSession, deliveries: Deliveries[EventPayload]) -> None:
        added: list[tuple[UUID, UUID, ActivityType, datetime]] = []
        for each in deliveries:
            type_, id_, user_id = activity_of(each.payload)
            people = {user_id} if user_id else set()
            if isinstance(each.payload, heard.CPRRenegotiated):
                people |= set(await holdings.list_holders(session, each.payload.cpr_id, at=each.event.time))
            added += [(id_, person, type_, each.event.time) for person in people]
        await closed_people.keep_people(session)
        closed = await closed_people.list_closed(session, {person for _, person, _, _ in added})
        if left := [row for row in added if row[1] not in closed]:
            await activities.add_activities(session, left)

    @reactions.on_many(heard.InvestmentConfirmed)
    async def begin_holding(session: AsyncSession, deliveries: Deliveries[heard.InvestmentConfirmed]) -> None:
        confirmed = [each.payload for each in deliveries]
        await holdings.begin_holdings(session, [(it.investment_id, it.cpr_id, it.investor_id) for it in confirmed])

    @reactions.on(heard.InvestmentCancelled, heard.InvestmentClosed)
    async def end_holding(delivery: Delivery[heard.InvestmentCancelled | heard.InvestmentClosed]) -> None:
        investment = delivery.payload
        async with delivery.begin() as session:
            await holdings.end_holding(
                session,
                position_id=investment.investment_id,
                cpr_id=investment.cpr_id,
                investor_id=investment.investor_id,
                ended_at=delivery.event.time,
            )

    @reactions.on(heard.QuotasBought)
    async def begin_bought_holding(delivery: Delivery[heard.QuotasBought]) -> None:
        bought = delivery.payload
        async with delivery.begin() as session:
            await holdings.begin_holding(
                session, position_id=bought.purchase_id, cpr_id=bought.cpr_id, investor_id=bought.buyer_id
            )

    @reactions.on(heard.QuotaPositionClosed)
    async def end_closed_holding(delivery: Delivery[heard.QuotaPositionClosed]) -> None:
        closed = delivery.payload
        async with delivery.begin() as session:
            await holdings.end_holding(
                session,
                position_id=closed.position_id,
                cpr_id=closed.cpr_id,
                investor_id=closed.investor_id,
                ended_at=delivery.event.time,
            )

    return reactions


def _follow_people(reactions: Reactions) -> None:
    @reactions.on(heard.SecurityAlert)
    async def forget_devices(delivery: Delivery[heard.SecurityAlert]) -> None:
        if delivery.payload.kind == heard.DISOWNED:
            async with delivery.begin() as session:
                await push_devices.remove_devices(session, delivery.payload.user_id, registered_by=delivery.event.time)

    @reactions.on(heard.AccountClosed)
    async def forget_person(delivery: Delivery[heard.AccountClosed]) -> None:
        async with delivery.begin() as session:
            await closed_people.close_person(session, delivery.payload.user_id, closed_at=delivery.event.time)


def activity_of(payload: EventPayload) -> tuple[ActivityType, UUID, UUID | None]:
    """The entity that *payload* speaks of: its type, its id, and whose it is, where that is known."""
    type_, id_field, person_field = SUBJECTS[type(payload)]
    return type_, getattr(payload, id_field), getattr(payload, person_field)
