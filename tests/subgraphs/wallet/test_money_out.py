"""What a thief with a session would do, and what keeps them from it."""

import asyncio
import dataclasses
import time
import uuid
from datetime import timedelta
from typing import Any

import pytest

from subgraphs.shared.messaging.event import Event
from subgraphs.shared.subgraph import GraphQLRequest
from subgraphs.wallet.domain import withdrawals
from subgraphs.wallet.ports.payment_gateway import GatewayUnavailable
from subgraphs.wallet.schemas import events, heard
from tests.builders.deliveries import deliver
from tests.subgraphs.wallet.test_withdrawals import REGISTER, SHOW, WITHDRAW, marina_with_an_account, register, send
from tests.subgraphs.wallet.wallet_world import MARINA, NINE_O_CLOCK, WalletWorld

WITHDRAW_MORE = WITHDRAW.replace(
    "... on Refusal { code }",
    """... on Refusal { code message messageEnglish }
    ... on FreshProofRequired { secondsMax }
    ... on CoolingOff { until left { amount } }
    ... on NightLimitExceeded { until left { amount } limit { amount } }""",
)
SET_LIMIT = """mutation($limit: Decimal!) { setNightLimit(input: {limit: {amount: $limit}}) {
  __typename ... on NightLimit { limit { amount } raisedTo { amount } raisedFrom } ... on Refusal { code } } }"""
PAUSE = "mutation { pauseMoneyOut { __typename ... on MoneyOutPaused { until } } }"


MONEY_OUT = """query($people: [_Any!]!) { _entities(representations: $people) { ... on User { wallet { moneyOut {
  pausedUntil coolingOffUntil left { amount }
  nightLimit { limit { amount } raisedTo { amount } raisedFrom } } } } } }"""


async def money_out(world: WalletWorld) -> Any:
    data = await world.get(MONEY_OUT, MARINA, people=[{"__typename": "User", "id": str(MARINA)}])
    return data["_entities"][0]["wallet"]["moneyOut"]


async def withdraw(world: WalletWorld, amount: str, account: str) -> Any:
    data = await world.get(WITHDRAW_MORE, MARINA, amount=amount, account=account, key=uuid.uuid4().hex)
    return data["requestWithdrawal"]


async def kinds(world: WalletWorld, account: str, *amounts: str) -> list[str]:
    return [(await withdraw(world, amount, account))["__typename"] for amount in amounts]


async def with_proof(world: WalletWorld, document: str, age: float | None, **variables: Any) -> Any:
    claim = None if age is None else int(time.time() - age)
    headers = world.tokens.bearer(MARINA, auth_time=claim)
    answer = await world.subgraph.execute(GraphQLRequest(document, variables, headers=headers))
    (value,) = answer["data"].values()
    return value


@pytest.mark.parametrize("age", [None, 301, 3_600])
async def test_without_a_fresh_proof_no_money_leaves_and_no_account_is_registered(
    world: WalletWorld, age: float | None
) -> None:
    account = await marina_with_an_account(world)
    refused = await with_proof(world, WITHDRAW_MORE, age, amount="10.00", account=account, key="withdrawal-1")
    assert (refused["__typename"], refused["secondsMax"]) == ("FreshProofRequired", 300)
    assert refused["message"] == "Confirme sua senha para continuar."
    assert refused["messageEnglish"] == "Confirm your password to go on."
    registered = await with_proof(world, REGISTER, age, number="99999-9", key="account-99999-9")
    assert registered["__typename"] == "FreshProofRequired"
    assert await world.balances(MARINA) == (500_00, 0, 0)


async def test_a_proof_of_some_minutes_ago_is_fresh(world: WalletWorld) -> None:
    account = await marina_with_an_account(world)
    done = await with_proof(world, WITHDRAW_MORE, 250, amount="10.00", account=account, key="withdrawal-1")
    assert done["__typename"] == "Withdrawal"


@pytest.mark.usefixtures("rules")
async def test_to_a_new_account_only_small_sums_leave_for_a_day(world: WalletWorld) -> None:
    account = await marina_with_an_account(world)
    assert await kinds(world, account, "150.00", "50.00") == ["Withdrawal", "Withdrawal"]
    refused = await withdraw(world, "1.00", account)
    assert (refused["__typename"], refused["left"]["amount"]) == ("CoolingOff", "0.00")
    assert refused["until"] == "2026-11-24T12:00:00.000Z"
    world.clock.advance(hours=24)
    assert await kinds(world, account, "300.00") == ["Withdrawal"]


@pytest.mark.usefixtures("rules")
@pytest.mark.parametrize("kind", sorted(heard.PAUSING))
async def test_after_an_alert_only_small_sums_leave_for_a_day(world: WalletWorld, kind: str) -> None:
    account = await marina_with_an_account(world)
    world.clock.advance(hours=25)
    await world.tell(heard.SecurityAlert(user_id=MARINA, kind=kind))
    assert await kinds(world, account, "200.01", "200.00") == ["CoolingOff", "Withdrawal"]
    world.clock.advance(hours=24)
    assert await kinds(world, account, "200.01") == ["Withdrawal"]


@pytest.mark.usefixtures("rules")
async def test_a_changed_password_alone_pauses_nothing(world: WalletWorld) -> None:
    account = await marina_with_an_account(world)
    world.clock.advance(hours=25)
    await world.tell(heard.SecurityAlert(user_id=MARINA, kind="PASSWORD_CHANGED"))
    assert await kinds(world, account, "500.00") == ["Withdrawal"]


@pytest.mark.usefixtures("rules")
async def test_who_was_told_of_something_that_was_not_them_stops_everything_at_once(world: WalletWorld) -> None:
    account = await marina_with_an_account(world)
    paused = (await world.get(PAUSE, MARINA))["pauseMoneyOut"]
    assert paused == {"__typename": "MoneyOutPaused", "until": "2026-11-24T12:00:00.000Z"}
    assert await kinds(world, account, "1.00") == ["CoolingOff"]


@pytest.mark.usefixtures("rules")
async def test_in_a_night_a_thousand_reais_leave(world: WalletWorld) -> None:
    account = await marina_with_an_account(world, 5_000_00)
    world.clock.instant = NINE_O_CLOCK.replace(day=25, hour=22, minute=59)  # 19:59 in Brasília
    assert await kinds(world, account, "1500.00") == ["Withdrawal"]
    world.clock.advance(minutes=1)
    assert await kinds(world, account, "600.00", "400.01") == ["Withdrawal", "NightLimitExceeded"]
    world.clock.advance(hours=9, minutes=59)
    refused = await withdraw(world, "400.01", account)
    assert (refused["limit"]["amount"], refused["left"]["amount"]) == ("1000.00", "400.00")
    assert refused["until"] == "2026-11-26T09:00:00.000Z"
    assert await kinds(world, account, "400.00") == ["Withdrawal"]
    world.clock.advance(minutes=1)
    assert await kinds(world, account, "1000.01") == ["Withdrawal"]


@pytest.mark.usefixtures("rules")
async def test_a_lower_limit_holds_at_once_and_a_higher_one_after_a_day(world: WalletWorld) -> None:
    account = await marina_with_an_account(world, 5_000_00)
    world.clock.instant = NINE_O_CLOCK.replace(day=26, hour=0)  # 21:00 in Brasília
    chosen = (await world.get(SET_LIMIT, MARINA, limit="100.00"))["setNightLimit"]
    assert chosen == {"__typename": "NightLimit", "limit": {"amount": "100.00"}, "raisedTo": None, "raisedFrom": None}
    assert await kinds(world, account, "100.01") == ["NightLimitExceeded"]
    chosen = (await world.get(SET_LIMIT, MARINA, limit="2000.00"))["setNightLimit"]
    assert (chosen["limit"]["amount"], chosen["raisedTo"]["amount"]) == ("100.00", "2000.00")
    assert chosen["raisedFrom"] == "2026-11-27T00:00:00.000Z"
    assert await kinds(world, account, "100.01") == ["NightLimitExceeded"]
    world.clock.advance(hours=24)
    assert await kinds(world, account, "2000.00", "1.00") == ["Withdrawal", "NightLimitExceeded"]


async def test_a_higher_limit_takes_a_fresh_proof_and_a_lower_one_none(world: WalletWorld) -> None:
    await world.open_wallets(MARINA)
    assert (await with_proof(world, SET_LIMIT, 3_600, limit="50.00"))["__typename"] == "NightLimit"
    assert (await with_proof(world, SET_LIMIT, 3_600, limit="60.00"))["__typename"] == "FreshProofRequired"
    assert (await with_proof(world, SET_LIMIT, 10, limit="50000.01"))["__typename"] == "PaymentAmountOutOfRange"


@pytest.mark.usefixtures("rules")
async def test_what_came_back_does_not_count(world: WalletWorld) -> None:
    account = await marina_with_an_account(world)
    sent = await withdraw(world, "200.00", account)
    async with world.begin() as session:
        await withdrawals.return_withdrawal(session, uuid.UUID(sent["id"]), reason="closed", now=world.clock.now())
    assert await kinds(world, account, "200.00") == ["Withdrawal"]


async def test_a_new_account_is_told(world: WalletWorld) -> None:
    account = await marina_with_an_account(world)
    await register(world)
    (told,) = await world.published(events.BankAccountRegistered)
    assert (str(told.bank_account_id), told.user_id) == (account, MARINA)


async def test_an_older_alert_that_comes_later_shortens_no_pause(world: WalletWorld) -> None:
    alert = heard.SecurityAlert(user_id=MARINA, kind="PASSWORD_RESET")
    newer = Event.of(alert, occurred_at=world.clock.now())
    older = dataclasses.replace(newer, id=uuid.uuid4(), time=newer.time - timedelta(hours=5))
    for event in (newer, older):
        await deliver(world.subgraph, event)
    assert await world.scalar("SELECT since FROM money_out_pauses") == newer.time


@pytest.mark.usefixtures("rules")
async def test_a_weaker_pause_that_comes_later_does_not_end_a_stronger(world: WalletWorld) -> None:
    account = await marina_with_an_account(world)
    world.clock.advance(hours=25)
    await world.get(PAUSE, MARINA)
    world.clock.advance(hours=1)
    await world.tell(heard.SecurityAlert(user_id=MARINA, kind="PASSWORD_RESET"))
    refused = await withdraw(world, "1.00", account)
    assert (refused["until"], refused["left"]["amount"]) == ("2026-11-25T13:00:00.000Z", "0.00")
    world.clock.advance(hours=23)
    assert await kinds(world, account, "200.01", "200.00") == ["CoolingOff", "Withdrawal"]
    world.clock.advance(hours=1)
    assert await kinds(world, account, "200.01") == ["Withdrawal"]


@pytest.mark.usefixtures("rules")
async def test_who_disowned_a_change_stops_everything_for_a_day(world: WalletWorld) -> None:
    account = await marina_with_an_account(world)
    world.clock.advance(hours=25)
    await world.tell(heard.SecurityAlert(user_id=MARINA, kind="CHANGE_DISOWNED"))
    assert (await withdraw(world, "1.00", account))["until"] == "2026-11-25T13:00:00.000Z"
    world.clock.advance(hours=24)
    assert await kinds(world, account, "500.00") == ["Withdrawal"]


@pytest.mark.usefixtures("rules")
@pytest.mark.parametrize("by_link", [True, False])
async def test_what_the_gateway_was_not_asked_to_send_comes_back_and_is_never_sent(
    world: WalletWorld, by_link: bool
) -> None:
    account = await marina_with_an_account(world)
    withdrawal = await withdraw(world, "200.00", account)
    if by_link:
        await world.tell(heard.SecurityAlert(user_id=MARINA, kind="CHANGE_DISOWNED"))
    else:
        await world.get(PAUSE, MARINA)
    shown = (await world.get(SHOW, MARINA, id=withdrawal["id"]))["withdrawal"]
    assert (shown["status"], shown["returnReason"]) == ("RETURNED", "Você parou as saídas da carteira.")
    assert await world.balances(MARINA) == (500_00, 0, 0)
    await send(world)
    assert await world.scalar("SELECT count(*) FROM sandbox_transfers") == 0
    (returned,) = await world.published(events.WithdrawalReturned)
    assert (returned.amount_minor, returned.reason) == (200_00, "Você parou as saídas da carteira.")


@pytest.mark.usefixtures("rules")
async def test_what_the_gateway_was_asked_to_send_is_not_called_back_whatever_it_answered(world: WalletWorld) -> None:
    account = await marina_with_an_account(world)
    await withdraw(world, "200.00", account)
    world.sandbox.unavailable_calls = 1
    with pytest.raises(GatewayUnavailable):
        await send(world)
    await world.get(PAUSE, MARINA)
    assert await world.balances(MARINA) == (300_00, 0, 200_00)
    await send(world)
    assert await world.scalar("SELECT status FROM withdrawals") == "SENT"


@pytest.mark.usefixtures("rules")
async def test_money_on_its_way_to_be_ordered_is_stopped_or_sent_and_never_both(world: WalletWorld) -> None:
    account = await marina_with_an_account(world)
    for place in range(8):
        await world.get(WITHDRAW, MARINA, amount="10.00", account=account, key=f"withdrawal-{place}")
    asked = await world.published(events.WithdrawalRequested)
    async with asyncio.TaskGroup() as tasks:
        for one in asked:
            tasks.create_task(withdrawals.send_withdrawal(world.services, one.withdrawal_id))
        async with world.begin() as session:
            now = world.clock.now()
            await withdrawals.stop_money_out(session, MARINA, reason="OWNER", since=now, now=now)
    returned = await world.scalar("SELECT count(*) FROM withdrawals WHERE status = 'RETURNED'")
    sent = await world.scalar("SELECT count(*) FROM sandbox_transfers")
    assert returned + sent == 8
    assert await world.balances(MARINA) == (500_00 - sent * 10_00, 0, sent * 10_00)


@pytest.mark.usefixtures("rules")
async def test_the_owner_reads_what_bounds_money_that_leaves(world: WalletWorld) -> None:
    account = await marina_with_an_account(world)
    world.clock.advance(hours=25)
    unbounded = {
        "pausedUntil": None,
        "coolingOffUntil": None,
        "left": None,
        "nightLimit": {"limit": {"amount": "1000.00"}, "raisedTo": None, "raisedFrom": None},
    }
    assert await money_out(world) == unbounded
    await world.tell(heard.SecurityAlert(user_id=MARINA, kind="PASSWORD_RESET"))
    await withdraw(world, "50.00", account)
    cooling = {"coolingOffUntil": "2026-11-25T13:00:00.000Z", "left": {"amount": "150.00"}}
    assert await money_out(world) == unbounded | cooling
    await world.get(PAUSE, MARINA)
    stopped = {"pausedUntil": "2026-11-25T13:00:00.000Z", "left": {"amount": "0.00"}}
    assert await money_out(world) == unbounded | cooling | stopped
    world.clock.advance(hours=24)
    assert await money_out(world) == unbounded


@pytest.mark.usefixtures("rules")
async def test_the_owner_reads_their_night_limit_and_what_it_will_be(world: WalletWorld) -> None:
    await world.open_wallets(MARINA)
    await world.get(SET_LIMIT, MARINA, limit="100.00")
    await world.get(SET_LIMIT, MARINA, limit="2000.00")
    assert (await money_out(world))["nightLimit"] == {
        "limit": {"amount": "100.00"},
        "raisedTo": {"amount": "2000.00"},
        "raisedFrom": "2026-11-24T12:00:00.000Z",
    }
    world.clock.advance(hours=24)
    assert (await money_out(world))["nightLimit"] == {
        "limit": {"amount": "2000.00"},
        "raisedTo": None,
        "raisedFrom": None,
    }
