"""What contracts does when facts arrive."""

from subgraphs.contracts.core.services import Services
from subgraphs.contracts.crud import provider_orders
from subgraphs.contracts.domain import (
    activation,
    cancellation,
    consent,
    drafting,
    new_schedule,
    payments,
    registration,
    signing,
)
from subgraphs.contracts.domain.provider_requests import ask_provider, note_asked
from subgraphs.contracts.schemas import events, heard
from subgraphs.shared.messaging.reactions import Delivery, Reactions
from subgraphs.shared.retention import RETAINED, Retention
from subgraphs.shared.standing.follow import follow_standing


def build_reactions(services: Services) -> Reactions:
    reactions = Reactions("contracts")
    follow_standing(reactions)
    clock = services.clock
    _follow_renegotiations(reactions, services)

    @reactions.on(heard.RequestApproved)
    async def draft_cpr(delivery: Delivery[heard.RequestApproved]) -> None:
        async with delivery.begin() as session:
            await drafting.draft_cpr(session, delivery.payload, now=clock.now())

    @reactions.on(events.SignatureRequested)
    async def request_signature(delivery: Delivery[events.SignatureRequested]) -> None:
        order = await signing.prepare_order(services.database, services.people, delivery.payload.order_id)
        if order is None:
            return
        await ask_provider(services, order)
        async with delivery.begin() as session:
            await note_asked(session, order.reference, now=clock.now())

    @reactions.on(events.CPRSigned)
    async def request_registration(delivery: Delivery[events.CPRSigned]) -> None:
        # The order is committed before the registry hears of it: its answer may be faster than we are.
        async with services.database.begin() as session:
            order = await registration.open_order(session, delivery.payload.cpr_id, now=clock.now())
        if order is None:
            return
        await ask_provider(services, order)
        async with delivery.begin() as session:
            await note_asked(session, order.reference, now=clock.now())

    @reactions.on(heard.OfferingFunded)
    async def note_funding(delivery: Delivery[heard.OfferingFunded]) -> None:
        async with delivery.begin() as session:
            await activation.note_funding(session, delivery.payload.cpr_id)

    @reactions.on(heard.CPRDisbursed)
    async def activate_cpr(delivery: Delivery[heard.CPRDisbursed]) -> None:
        payload = delivery.payload
        async with delivery.begin() as session:
            await activation.activate_cpr(
                session,
                payload.cpr_id,
                principal_minor=payload.principal_minor,
                disbursed_at=payload.disbursed_at,
                now=clock.now(),
            )

    @reactions.on(heard.PaymentConfirmed)
    async def record_payment(delivery: Delivery[heard.PaymentConfirmed]) -> None:
        async with delivery.begin() as session:
            await payments.record_payment(session, delivery.payload, now=clock.now())

    @reactions.on(heard.OfferingCancelled)
    async def cancel_cpr(delivery: Delivery[heard.OfferingCancelled]) -> None:
        async with delivery.begin() as session:
            await cancellation.cancel_with_offering(session, delivery.payload.cpr_id, now=clock.now())

    @reactions.on(heard.AccountClosed)
    async def forget_signer(delivery: Delivery[heard.AccountClosed]) -> None:
        kept_for = RETAINED[Retention.SIGNATURES].kept_for
        assert kept_for is not None  # noqa: S101  # the list says so
        async with delivery.begin() as session:
            until = delivery.event.time + kept_for
            await provider_orders.keep_answers_of(session, delivery.payload.user_id, until=until)

    return reactions


def _follow_renegotiations(reactions: Reactions, services: Services) -> None:
    clock = services.clock

    @reactions.on(heard.QuotaRollTold)
    async def take_roll(delivery: Delivery[heard.QuotaRollTold]) -> None:
        related = await consent.find_related(services, delivery.payload)
        async with delivery.begin() as session:
            await consent.take_roll(session, delivery.payload, related=related, now=clock.now())

    @reactions.on(heard.ScheduleReplaced)
    async def put_schedule_in_force(delivery: Delivery[heard.ScheduleReplaced]) -> None:
        async with delivery.begin() as session:
            await new_schedule.put_in_force(session, delivery.payload, now=clock.now())

    @reactions.on(heard.ScheduleKept)
    async def keep_old_schedule(delivery: Delivery[heard.ScheduleKept]) -> None:
        async with delivery.begin() as session:
            await new_schedule.keep_old(session, delivery.payload, now=clock.now())
