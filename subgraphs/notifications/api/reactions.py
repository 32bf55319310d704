"""What we do when facts of other domains arrive: tell people, keep their time line, know who has left."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.notifications.crud import activities, closed_people, holdings
from subgraphs.notifications.domain import notifications
from subgraphs.notifications.domain.catalogue import TELLINGS
from subgraphs.notifications.domain.holder_catalogue import HOLDER_TELLINGS
from subgraphs.notifications.models import ActivityType
from subgraphs.notifications.schemas import events
from subgraphs.shared.clock import Clock
from subgraphs.shared.messaging.event import EventPayload
from subgraphs.shared.messaging.reactions import Deliveries, Delivery, Reactions
from subgraphs.shared.standing.follow import follow_standing

SUBJECTS: dict[type[EventPayload], tuple[ActivityType, str, str]] = {
    events.DepositConfirmed: (ActivityType.DEPOSIT, "deposit_id", "user_id"),
    events.WithdrawalRequested: (ActivityType.WITHDRAWAL, "withdrawal_id", "user_id"),
    events.PaymentReturnRequested: (ActivityType.PAYMENT_RETURN, "return_id", "user_id"),
    events.MoneyClaimOpened: (ActivityType.MONEY_CLAIM, "claim_id", "user_id"),
    events.InvestmentRequested: (ActivityType.INVESTMENT, "investment_id", "investor_id"),
    events.PayoutCredited: (ActivityType.PAYOUT, "payout_id", "user_id"),
    events.QuotasWanted: (ActivityType.QUOTA_PURCHASE, "purchase_id", "buyer_id"),
    events.QuotasSold: (ActivityType.QUOTA_PURCHASE, "purchase_id", "seller_id"),
    events.RequestScored: (ActivityType.AGRO_SCORE, "score_id", "farmer_id"),
    events.InstallmentPaid: (ActivityType.RECEIVED_PAYMENT, "payment_id", "farmer_id"),
    events.InstallmentPartlyPaid: (ActivityType.RECEIVED_PAYMENT, "payment_id", "farmer_id"),
    events.InstallmentLate: (ActivityType.LATE_INSTALLMENT, "installment_id", "farmer_id"),
    events.CPRRenegotiated: (ActivityType.RENEGOTIATION, "renegotiation_id", "farmer_id"),
}
"""What stands in a time line: the entity that a fact speaks of, and the payload's fields with its id and its person."""


def build_reactions(clock: Clock) -> Reactions:
    reactions = Reactions("notifications")
    follow_standing(reactions)

    @reactions.on(*(TELLINGS | HOLDER_TELLINGS))
    async def tell_person(delivery: Delivery[EventPayload]) -> None:
        async with delivery.begin() as session:
            await notifications.tell(session, delivery.event, delivery.payload, now=clock.now())

    @reactions.on_many(*SUBJECTS)
    async def keep_time_line(session: AsyncSession, deliveries: Deliveries[EventPayload]) -> None:
        added: list[tuple[UUID, UUID, ActivityType, datetime]] = []
        for each in deliveries:
            type_, id_, user_id = activity_of(each.payload)
            people = {user_id} if user_id else set()
            if isinstance(each.payload, events.CPRRenegotiated):
                people |= set(await holdings.list_holders(session, each.payload.cpr_id, at=each.event.time))
            added += [(id_, person, type_, each.event.time) for person in people]
        closed = await closed_people.list_closed(session, {person for _, person, _, _ in added})
        if left := [row for row in added if row[1] not in closed]:
            await activities.add_activities(session, left)

    @reactions.on_many(events.InvestmentConfirmed)
    async def begin_holding(session: AsyncSession, deliveries: Deliveries[events.InvestmentConfirmed]) -> None:
        confirmed = [each.payload for each in deliveries]
        await holdings.begin_holdings(session, [(it.investment_id, it.cpr_id, it.investor_id) for it in confirmed])

    @reactions.on(events.InvestmentCancelled, events.InvestmentClosed)
    async def end_holding(delivery: Delivery[events.InvestmentCancelled | events.InvestmentClosed]) -> None:
        investment = delivery.payload
        async with delivery.begin() as session:
            await holdings.end_holding(
                session,
                position_id=investment.investment_id,
                cpr_id=investment.cpr_id,
                investor_id=investment.investor_id,
                ended_at=delivery.event.time,
            )

    @reactions.on(events.QuotasBought)
    async def begin_bought_holding(delivery: Delivery[events.QuotasBought]) -> None:
        bought = delivery.payload
        async with delivery.begin() as session:
            await holdings.begin_holding(
                session, position_id=bought.purchase_id, cpr_id=bought.cpr_id, investor_id=bought.buyer_id
            )

    @reactions.on(events.QuotaPositionClosed)
    async def end_closed_holding(delivery: Delivery[events.QuotaPositionClosed]) -> None:
        closed = delivery.payload
        async with delivery.begin() as session:
            await holdings.end_holding(
                session,
                position_id=closed.position_id,
                cpr_id=closed.cpr_id,
                investor_id=closed.investor_id,
                ended_at=delivery.event.time,
            )

    @reactions.on(events.AccountClosed)
    async def forget_person(delivery: Delivery[events.AccountClosed]) -> None:
        async with delivery.begin() as session:
            await closed_people.close_person(session, delivery.payload.user_id, closed_at=delivery.event.time)

    return reactions


def activity_of(payload: EventPayload) -> tuple[ActivityType, UUID, UUID | None]:
    """The entity that *payload* speaks of: its type, its id, and whose it is, where that is known."""
    type_, id_field, person_field = SUBJECTS[type(payload)]
    return type_, getattr(payload, id_field), getattr(payload, person_field)
