"""What the marketplace does when facts of other domains arrive."""

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.marketplace.crud import investors, parameters
from subgraphs.marketplace.domain import investments, offerings, repayments, secondary, trading_stops
from subgraphs.marketplace.domain.rules import CONSENTS
from subgraphs.marketplace.schemas import events, heard
from subgraphs.shared.clock import Clock
from subgraphs.shared.consents.follow import follow_consents
from subgraphs.shared.messaging.reactions import Deliveries, Delivery, Reactions
from subgraphs.shared.standing.follow import follow_standing

INVESTMENT = "investment"
"""The purpose of the holds that are ours."""


def build_reactions(clock: Clock) -> Reactions:
    """The marketplace's reactions; instants that no fact tells are taken from *clock*."""
    reactions = Reactions("marketplace")
    follow_standing(reactions)
    follow_consents(reactions, CONSENTS)
    _follow_people(reactions)
    _follow_cprs(reactions, clock)
    _follow_renegotiations(reactions, clock)
    _follow_money(reactions, clock)

    @reactions.on(heard.DeductionsLaidDown)
    async def keep_deductions(delivery: Delivery[heard.DeductionsLaidDown]) -> None:
        async with delivery.begin() as session:
            await parameters.keep_deductions(session, delivery.payload, delivery.event)

    return reactions


def _follow_people(reactions: Reactions) -> None:
    @reactions.on(heard.IdentityVerified, heard.IdentityVerifiedV1)
    async def admit_investor(delivery: Delivery[heard.IdentityVerified]) -> None:
        async with delivery.begin() as session:
            verified = delivery.payload
            await investors.keep_verified(session, verified.user_id, delivery.event.time, person=verified.person)

    @reactions.on(heard.SecurityAlert)
    async def withdraw_disowned(delivery: Delivery[heard.SecurityAlert]) -> None:
        if delivery.payload.kind == heard.DISOWNED:
            async with delivery.begin() as session:
                await secondary.withdraw_disowned(session, delivery.payload.user_id, at=delivery.event.time)


def _follow_cprs(reactions: Reactions, clock: Clock) -> None:
    @reactions.on(heard.CPRRegistered)
    async def open_offering(delivery: Delivery[heard.CPRRegistered]) -> None:
        async with delivery.begin() as session:
            await offerings.open_offering(session, delivery.payload, now=clock.now())

    @reactions.on(heard.CPRCancelled)
    async def cancel_offering(delivery: Delivery[heard.CPRCancelled]) -> None:
        async with delivery.begin() as session:
            await offerings.cancel_for_cpr(session, delivery.payload.cpr_id, now=clock.now())

    @reactions.on(heard.CPRActivated)
    async def keep_schedule(delivery: Delivery[heard.CPRActivated]) -> None:
        async with delivery.begin() as session:
            await repayments.keep_schedule(session, delivery.payload)

    @reactions.on(heard.InstallmentPaid)
    async def note_payment(delivery: Delivery[heard.InstallmentPaid]) -> None:
        async with delivery.begin() as session:
            await repayments.note_payment(session, delivery.payload)

    @reactions.on(heard.InstallmentPartlyPaid)
    async def note_part(delivery: Delivery[heard.InstallmentPartlyPaid]) -> None:
        async with delivery.begin() as session:
            await repayments.note_part(session, delivery.payload)

    @reactions.on(heard.CPRSettled)
    async def settle_investments(delivery: Delivery[heard.CPRSettled]) -> None:
        async with delivery.begin() as session:
            await secondary.settle(session, delivery.payload.cpr_id, now=clock.now())
            await offerings.settle(session, delivery.payload.cpr_id, now=clock.now())

    @reactions.on(heard.CPRDefaulted)
    async def note_default(delivery: Delivery[heard.CPRDefaulted]) -> None:
        async with delivery.begin() as session:
            await secondary.note_default(
                session, delivery.payload.cpr_id, version=delivery.event.version, at=delivery.event.time
            )

    @reactions.on(heard.CPRRecovered)
    async def note_recovery(delivery: Delivery[heard.CPRRecovered]) -> None:
        async with delivery.begin() as session:
            await secondary.note_recovery(session, delivery.payload.cpr_id, version=delivery.event.version)


def _follow_renegotiations(reactions: Reactions, clock: Clock) -> None:
    @reactions.on(heard.CPRRenegotiated)
    async def replace_schedule(delivery: Delivery[heard.CPRRenegotiated]) -> None:
        # In one transaction: nobody offers what the old schedule was to bring.
        async with delivery.begin() as session:
            await trading_stops.resume_trading(session, delivery.payload.cpr_id, version=delivery.event.version)
            # Told before the one that it follows, this waits: so the rate is the last one's.
            await repayments.replace_schedule(session, delivery.payload, at=delivery.event.time)
            await trading_stops.note_rate(session, delivery.payload)

    @reactions.on(heard.RenegotiationProposed)
    async def stop_trading(delivery: Delivery[heard.RenegotiationProposed]) -> None:
        async with delivery.begin() as session:
            await trading_stops.stop_trading(
                session, delivery.payload, version=delivery.event.version, at=delivery.event.time
            )

    @reactions.on(events.TradingStopped)
    async def tell_roll(delivery: Delivery[events.TradingStopped]) -> None:
        async with delivery.begin() as session:
            await trading_stops.tell_roll(session, delivery.payload, now=clock.now())

    @reactions.on(heard.RenegotiationEnded)
    async def resume_trading(delivery: Delivery[heard.RenegotiationEnded]) -> None:
        async with delivery.begin() as session:
            await trading_stops.resume_trading(session, delivery.payload.cpr_id, version=delivery.event.version)


def _follow_money(reactions: Reactions, clock: Clock) -> None:
    @reactions.on_many(heard.HoldPlaced)
    async def confirm_investment(session: AsyncSession, deliveries: Deliveries[heard.HoldPlaced]) -> None:
        if ours := [each for each in deliveries if each.payload.purpose == INVESTMENT]:
            await investments.confirm(session, ours, now=clock.now())

    @reactions.on(heard.HoldRefused)
    async def refuse_investment(delivery: Delivery[heard.HoldRefused]) -> None:
        refused = delivery.payload
        if refused.purpose == INVESTMENT:
            async with delivery.begin() as session:
                await investments.refuse(session, refused.reference_id, refused.reason, now=clock.now())

    @reactions.on(heard.HoldReleased)
    async def end_expired_investment(delivery: Delivery[heard.HoldReleased]) -> None:
        if delivery.payload.expired:
            async with delivery.begin() as session:
                await investments.end_expired(session, delivery.payload, now=clock.now())

    @reactions.on(heard.QuotasSwapped)
    async def complete_purchase(delivery: Delivery[heard.QuotasSwapped]) -> None:
        async with delivery.begin() as session:
            await secondary.complete(session, delivery.payload, now=clock.now())

    @reactions.on(heard.QuotaSwapRefused)
    async def refuse_purchase(delivery: Delivery[heard.QuotaSwapRefused]) -> None:
        async with delivery.begin() as session:
            await secondary.refuse(session, delivery.payload, now=clock.now())

    @reactions.on(heard.CPRDisbursed)
    async def activate_investments(delivery: Delivery[heard.CPRDisbursed]) -> None:
        async with delivery.begin() as session:
            await offerings.activate(session, delivery.payload)
