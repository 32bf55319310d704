"""What we do when facts of other domains arrive: tell people, keep their time line, know who has left."""

from datetime import datetime
from uuid import UUID

from subgraphs.notifications.crud import activities, closed_people, holdings
from subgraphs.notifications.domain import notifications
from subgraphs.notifications.domain.catalogue import TELLINGS
from subgraphs.notifications.domain.holder_catalogue import HOLDER_TELLINGS
from subgraphs.notifications.models import ActivityType
from subgraphs.notifications.schemas import events
from subgraphs.shared.clock import Clock
from subgraphs.shared.messaging.event import EventPayload
from subgraphs.shared.messaging.reactions import Delivery, Reactions
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

    @reactions.on(*SUBJECTS)
    async def keep_time_line(delivery: Delivery[EventPayload]) -> None:
        type_, id_, user_id = activity_of(delivery.payload)
        occurred_at: datetime = delivery.event.time
        async with delivery.begin() as session:
            people = {user_id} if user_id else set()
            if isinstance(delivery.payload, events.CPRRenegotiated):
                people |= set(await holdings.list_holders(session, delivery.payload.cpr_id, at=occurred_at))
            for person in people - set(await closed_people.list_closed(session, people)):
                await activities.add_activity(session, id=id_, user_id=person, type=type_, occurred_at=occurred_at)

    @reactions.on(events.InvestmentConfirmed)
    async def begin_holding(delivery: Delivery[events.InvestmentConfirmed]) -> None:
        investment = delivery.payload
        async with delivery.begin() as session:
            await holdings.begin_holding(
                session,
                position_id=investment.investment_id,
                cpr_id=investment.cpr_id,
                investor_id=investment.investor_id,
            )

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
