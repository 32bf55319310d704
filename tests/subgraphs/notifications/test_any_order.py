"""What people are told does not depend on the order in which facts arrive."""

from datetime import date
from uuid import uuid4

from hypothesis import given

from subgraphs.notifications.schemas import heard
from tests.builders.any_order import History, Kind, at_noon, check_order, orders_of, queues_reached, tries
from tests.builders.deliveries import in_order
from tests.subgraphs.notifications.conftest import Inboxes

KINDS = {
    "notifications.tell_person": Kind.FACT,
    "notifications.keep_time_line": Kind.FACT,
    "notifications.begin_holding": Kind.FACT,
    "notifications.end_holding": Kind.FACT,
    "notifications.begin_bought_holding": Kind.FACT,
    "notifications.end_closed_holding": Kind.FACT,
    "notifications.forget_person": Kind.FACT,
    "notifications.forget_devices": Kind.VERSIONED,  # by the alert's instant
    "notifications.keep_standing": Kind.VERSIONED,
}
EVENTS = 15


async def history() -> History:
    marina, carlos, cpr, investment, ended, bought = (uuid4() for _ in range(6))
    told = in_order(
        heard.UserRegistered(user_id=marina),
        heard.SecurityAlert(user_id=marina, kind="PASSWORD_CHANGED"),
        heard.DepositConfirmed(deposit_id=uuid4(), user_id=marina, amount_minor=100),
        heard.InvestmentRequested(investment_id=investment, investor_id=marina),
        heard.InvestmentConfirmed(
            investment_id=investment, cpr_id=cpr, investor_id=marina, quota_count=1, amount_minor=100
        ),
        heard.InvestmentCancelled(investment_id=ended, cpr_id=cpr, investor_id=carlos, amount_minor=100),
        heard.InvestmentConfirmed(investment_id=ended, cpr_id=cpr, investor_id=carlos, quota_count=1, amount_minor=100),
        heard.QuotasWanted(purchase_id=bought, buyer_id=marina),
        heard.QuotasBought(purchase_id=bought, cpr_id=cpr, buyer_id=marina, quota_count=2, amount_minor=100),
        heard.QuotasSold(purchase_id=bought, seller_id=carlos, quota_count=2, net_minor=99),
        heard.QuotaPositionClosed(position_id=bought, cpr_id=cpr, investor_id=marina),
        heard.InstallmentPaid(installment_id=uuid4(), farmer_id=marina, number=1, payment_id=uuid4(), amount_minor=100),
        heard.CPRRenegotiated(
            renegotiation_id=uuid4(),
            cpr_id=uuid4(),
            farmer_id=marina,
            installment_count=3,
            first_due_on=date(2027, 1, 11),
        ),
        heard.UserRegistered(user_id=carlos),
        heard.AccountClosed(user_id=carlos),
    )
    names = {marina: "marina", carlos: "carlos", cpr: "cpr", investment: "investment", ended: "ended"}
    names[bought] = "bought"
    return History(at_noon(told), names)


@given(order=orders_of(EVENTS))
@tries
async def test_any_order_ends_the_same(inboxes: Inboxes, order: list[int]) -> None:
    await check_order(inboxes.subgraph, history, order)


async def test_the_history_reaches_every_reaction(inboxes: Inboxes) -> None:
    told = await history()
    assert len(told.events) == EVENTS
    assert queues_reached(inboxes.subgraph, told) == KINDS.keys()
