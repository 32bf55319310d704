"""What distribution does when facts of other domains arrive."""

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.distribution.domain import distributions, holdings
from subgraphs.distribution.domain.sagas import ANSWERS
from subgraphs.distribution.schemas import heard
from subgraphs.shared import sagas
from subgraphs.shared.clock import Clock
from subgraphs.shared.messaging.reactions import Deliveries, Delivery, Reactions
from subgraphs.shared.standing.follow import follow_standing


def build_reactions(clock: Clock) -> Reactions:
    """Distribution's reactions; instants that no fact tells are taken from *clock*."""
    reactions = Reactions("distribution")
    follow_standing(reactions)

    @reactions.on_many(heard.InvestmentConfirmed)
    async def open_position(session: AsyncSession, deliveries: Deliveries[heard.InvestmentConfirmed]) -> None:
        await holdings.open_positions(session, [each.payload for each in deliveries])

    @reactions.on(heard.InvestmentCancelled)
    async def close_position(delivery: Delivery[heard.InvestmentCancelled]) -> None:
        async with delivery.begin() as session:
            await holdings.close_position(session, delivery.payload.investment_id, at=delivery.event.time)

    @reactions.on(heard.QuotasSwapped)
    async def note_swap(delivery: Delivery[heard.QuotasSwapped]) -> None:
        async with delivery.begin() as session:
            await holdings.note_swap(session, delivery.payload)

    @reactions.on(heard.OfferingFunded)
    async def keep_funding(delivery: Delivery[heard.OfferingFunded]) -> None:
        async with delivery.begin() as session:
            await holdings.keep_funding(session, delivery.payload, told_at=delivery.event.time)

    @reactions.on(heard.CPRActivated, heard.CPRRenegotiated)
    async def keep_schedule(delivery: Delivery[heard.CPRActivated | heard.CPRRenegotiated]) -> None:
        async with delivery.begin() as session:
            await holdings.keep_schedule(session, delivery.payload)

    @reactions.on(heard.PaymentConfirmed)
    async def distribute_payment(delivery: Delivery[heard.PaymentConfirmed]) -> None:
        async with delivery.begin() as session:
            await distributions.distribute_payment(session, delivery.payload, now=clock.now())

    @reactions.on(heard.PayoutCredited)
    async def note_credit(delivery: Delivery[heard.PayoutCredited]) -> None:
        async with delivery.begin() as session:
            await distributions.note_credit(session, delivery.payload, at=delivery.event.time)

    @reactions.on(heard.AnswerAwaited)
    async def answer_again(delivery: Delivery[heard.AnswerAwaited]) -> None:
        async with delivery.begin() as session:
            await sagas.answer_again(
                session, ANSWERS, what=delivery.payload.what, subject_id=delivery.payload.subject_id
            )

    return reactions
