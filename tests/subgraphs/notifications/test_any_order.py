"""What people are told, and where they are reached, does not depend on the order in which facts arrive."""

from uuid import uuid4

from hypothesis import given

from subgraphs.notifications.schemas import events
from tests.builders.any_order import History, Kind, at_noon, check_order, orders_of, queues_reached, tries
from tests.builders.deliveries import in_order
from tests.subgraphs.notifications.conftest import Inboxes

KINDS = {
    "notifications.keep_standing": Kind.VERSIONED,
    "notifications.tell_person": Kind.FACT,
    "notifications.keep_time_line": Kind.FACT,
    "notifications.begin_holding": Kind.FACT,
    "notifications.end_holding": Kind.FACT,
    "notifications.know_recipient": Kind.VERSIONED,
    "notifications.follow_recipient": Kind.VERSIONED,
    "notifications.forget_recipient": Kind.VERSIONED,
}
EVENTS = 11


async def history() -> History:
    marina, carlos, cpr, investment, ended = (uuid4() for _ in range(5))
    moved = {"user_id": marina, "display_name": "Marina"}
    told = in_order(
        events.UserRegistered(**moved, email="first@example.com"),
        events.ProfileUpdated(**moved, email="second@example.com", phone="+5565999990000"),
        events.ProfileUpdated(**moved, email="third@example.com"),
        events.SecurityAlert(user_id=marina, kind="PASSWORD_CHANGED"),
        events.DepositConfirmed(deposit_id=uuid4(), user_id=marina, amount_minor=100),
        events.InvestmentRequested(investment_id=investment, investor_id=marina),
        events.InvestmentConfirmed(
            investment_id=investment, cpr_id=cpr, investor_id=marina, quota_count=1, amount_minor=100
        ),
        events.InvestmentCancelled(investment_id=ended, cpr_id=cpr, investor_id=carlos, amount_minor=100),
        events.InvestmentConfirmed(
            investment_id=ended, cpr_id=cpr, investor_id=carlos, quota_count=1, amount_minor=100
        ),
        events.UserRegistered(user_id=carlos, display_name="Carlos", email="carlos@example.com"),
        events.AccountClosed(user_id=carlos),
    )
    names = {marina: "marina", carlos: "carlos", cpr: "cpr", investment: "investment", ended: "ended"}
    return History(at_noon(told), names)


@given(order=orders_of(EVENTS))
@tries
async def test_any_order_ends_the_same(inboxes: Inboxes, order: list[int]) -> None:
    await check_order(inboxes.subgraph, history, order)


async def test_the_history_reaches_every_reaction(inboxes: Inboxes) -> None:
    told = await history()
    assert len(told.events) == EVENTS
    assert queues_reached(inboxes.subgraph, told) == KINDS.keys()
