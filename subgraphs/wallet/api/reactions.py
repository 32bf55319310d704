"""What the wallet does when facts arrive."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.shared import sagas
from subgraphs.shared.messaging.reactions import Deliveries, Delivery, Reactions
from subgraphs.shared.standing.follow import follow_standing
from subgraphs.wallet.core.services import Services
from subgraphs.wallet.domain import (
    holds,
    installments,
    money_out,
    offerings,
    payouts,
    returns,
    schedules,
    swaps,
    wallets,
    withdrawals,
)
from subgraphs.wallet.domain.sagas import ANSWERS
from subgraphs.wallet.models import INVESTMENT
from subgraphs.wallet.schemas import events, heard


def build_reactions(services: Services) -> Reactions:
    """The wallet's handlers, each on a queue of its own."""
    reactions = Reactions("wallet")
    follow_standing(reactions)
    _follow_people(reactions, services)
    _follow_offerings(reactions, services)
    _follow_installments(reactions, services)
    _follow_own_orders(reactions, services)

    @reactions.on(heard.MarketplaceAnswerAwaited, heard.DistributionAnswerAwaited, heard.ContractsAnswerAwaited)
    async def answer_again(delivery: Delivery[Any]) -> None:
        async with delivery.begin() as session:
            await sagas.answer_again(
                session, ANSWERS, what=delivery.payload.what, subject_id=delivery.payload.subject_id
            )

    return reactions


def _follow_people(reactions: Reactions, services: Services) -> None:
    @reactions.on(heard.UserRegistered, heard.UserRegisteredV1)
    async def open_wallet(delivery: Delivery[heard.UserRegistered]) -> None:
        async with delivery.begin() as session:
            await wallets.open_wallet(session, delivery.payload.user_id, now=services.clock.now())

    @reactions.on(heard.IdentityVerified, heard.IdentityVerifiedV1)
    async def remember_identity(delivery: Delivery[heard.IdentityVerified]) -> None:
        async with delivery.begin() as session:
            await wallets.remember_identity(session, delivery.payload.user_id, event=delivery.event)

    @reactions.on(heard.AccountClosed)
    async def leave_wallet(delivery: Delivery[heard.AccountClosed]) -> None:
        async with delivery.begin() as session:
            await wallets.leave_wallet(
                session, delivery.payload.user_id, event=delivery.event, now=services.clock.now()
            )

    @reactions.on(heard.AccountClosed)
    async def forget_person(delivery: Delivery[heard.AccountClosed]) -> None:
        async with delivery.begin() as session:
            await wallets.forget_person(
                session, delivery.payload.user_id, event=delivery.event, now=services.clock.now()
            )

    @reactions.on(heard.SecurityAlert)
    async def pause_money_out(delivery: Delivery[heard.SecurityAlert]) -> None:
        fact = delivery.payload
        async with delivery.begin() as session:
            if fact.kind in money_out.STOPPING:
                await withdrawals.stop_money_out(
                    session, fact.user_id, reason=fact.kind, since=delivery.event.time, now=services.clock.now()
                )
            elif fact.kind in heard.PAUSING:
                await money_out.pause(session, fact.user_id, reason=fact.kind, now=delivery.event.time)


def _follow_offerings(reactions: Reactions, services: Services) -> None:
    @reactions.on_many(heard.InvestmentRequested)
    async def place_hold(session: AsyncSession, deliveries: Deliveries[heard.InvestmentRequested]) -> None:
        requests = [
            holds.PlaceHold(
                cause=each.event,
                purpose=INVESTMENT,
                reference_id=each.payload.investment_id,
                offering_id=each.payload.offering_id,
                user_id=each.payload.investor_id,
                quota_count=each.payload.quota_count,
                amount_minor=each.payload.amount_minor,
            )
            for each in deliveries
        ]
        await holds.place_holds(session, requests, now=services.clock.now(), days_max=services.settings.hold_days_max)

    @reactions.on(heard.QuotasWanted)
    async def swap_quotas(delivery: Delivery[heard.QuotasWanted]) -> None:
        async with delivery.begin() as session:
            await swaps.swap_quotas(session, delivery.payload, now=services.clock.now())

    @reactions.on(heard.InvestmentCancelled)
    async def cancel_hold(delivery: Delivery[heard.InvestmentCancelled]) -> None:
        investment_id = delivery.payload.investment_id
        async with delivery.begin() as session:
            await holds.cancel_request(
                session, purpose=INVESTMENT, reference_id=investment_id, now=services.clock.now()
            )

    @reactions.on(heard.OfferingCancelled)
    async def release_holds(delivery: Delivery[heard.OfferingCancelled]) -> None:
        async with delivery.begin() as session:
            await holds.release_holds_of(session, delivery.payload.offering_id, now=services.clock.now())

    @reactions.on(heard.OfferingFunded)
    async def disburse_offering(delivery: Delivery[heard.OfferingFunded]) -> None:
        async with delivery.begin() as session:
            await offerings.disburse_offering(session, delivery.payload, now=services.clock.now())


def _follow_installments(reactions: Reactions, services: Services) -> None:
    @reactions.on(heard.CPRRegistered)
    async def remember_cpr(delivery: Delivery[heard.CPRRegistered]) -> None:
        async with delivery.begin() as session:
            await installments.remember_cpr(session, delivery.payload)

    @reactions.on(heard.CPRActivated)
    async def remember_schedule(delivery: Delivery[heard.CPRActivated]) -> None:
        async with delivery.begin() as session:
            await installments.remember_schedule(session, delivery.payload)

    @reactions.on(heard.InstallmentLate)
    async def note_lateness(delivery: Delivery[heard.InstallmentLate]) -> None:
        async with delivery.begin() as session:
            await installments.note_lateness(session, delivery.payload)

    @reactions.on(heard.ScheduleAgreed)
    async def replace_schedule(delivery: Delivery[heard.ScheduleAgreed]) -> None:
        async with delivery.begin() as session:
            await schedules.replace_schedule(session, delivery.payload, now=services.clock.now())

    @reactions.on(heard.InstallmentDistributed)
    async def credit_payouts(delivery: Delivery[heard.InstallmentDistributed]) -> None:
        async with delivery.begin() as session:
            await payouts.credit_payouts(session, delivery.payload, now=services.clock.now())


def _follow_own_orders(reactions: Reactions, services: Services) -> None:
    """Orders to the gateway: our own facts lead to them, so that none is lost and none waits inside a transaction."""

    @reactions.on(events.WithdrawalRequested)
    async def send_withdrawal(delivery: Delivery[events.WithdrawalRequested]) -> None:
        await withdrawals.send_withdrawal(services, delivery.payload.withdrawal_id)

    @reactions.on(events.PaymentReturnRequested)
    async def send_return(delivery: Delivery[events.PaymentReturnRequested]) -> None:
        await returns.send_return(services, delivery.payload.return_id)

    @reactions.on(events.ChargeCancelled)
    async def cancel_at_gateway(delivery: Delivery[events.ChargeCancelled]) -> None:
        await services.gateway.cancel_charge(delivery.payload.txid)
