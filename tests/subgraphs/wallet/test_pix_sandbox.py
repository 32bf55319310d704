"""The sandbox of the gateway: how it tells of payments, well or badly, and what becomes of them."""

from typing import Any

import pytest

from subgraphs.wallet.core.services import Services
from subgraphs.wallet.domain import charges, payers, reconciliation
from subgraphs.wallet.ports.payment_gateway import ReportedPayment
from subgraphs.wallet.ports.sandbox_gateway import CannotPay, Misbehaviour
from tests.builders.jobs import failures_of
from tests.subgraphs.wallet.conftest import Served
from tests.subgraphs.wallet.pix_notices import CREATE_DEPOSIT, deposit_txid
from tests.subgraphs.wallet.wallet_world import MARINA, WalletWorld


async def pay(world: WalletWorld, served: Served, txid: str, **wish: Any) -> int:
    async with served.client.post(f"{served.url}/sandbox/pix/pay", json={"txid": txid, **wish}) as response:
        await world.sandbox.delivery.close()
        return response.status


async def test_the_sandbox_tells_twice_when_asked_to(world: WalletWorld, served: Served) -> None:
    await world.open_wallets(MARINA)
    assert await pay(world, served, await deposit_txid(world), misbehave="duplicate") == 200
    assert await world.scalar("SELECT count(*) FROM sandbox_deliveries WHERE delivered_at IS NOT NULL") == 2
    assert await world.balances(MARINA) == (100_00, 0, 0)


async def test_the_sandbox_tells_late_when_asked_to(world: WalletWorld, served: Served) -> None:
    await world.open_wallets(MARINA)
    await pay(world, served, await deposit_txid(world), misbehave="late")
    assert await world.balances(MARINA) == (0, 0, 0)
    world.clock.advance(minutes=2)
    assert await world.sandbox.delivery.deliver_due() == 1
    assert await world.balances(MARINA) == (100_00, 0, 0)


async def test_the_sandbox_lets_a_later_payment_overtake_when_asked_to(world: WalletWorld, served: Served) -> None:
    await world.open_wallets(MARINA)
    first, second = await deposit_txid(world, "100.00"), await deposit_txid(world, "50.00")
    await pay(world, served, first, misbehave="out_of_order")
    world.clock.advance(seconds=1)
    await pay(world, served, second)
    assert await world.balances(MARINA) == (50_00, 0, 0)
    world.clock.advance(seconds=4)
    await world.sandbox.delivery.deliver_due()
    assert await world.balances(MARINA) == (150_00, 0, 0)


async def test_a_webhook_that_is_not_taken_is_tried_again(world: WalletWorld, served: Served) -> None:
    await world.open_wallets(MARINA)
    await pay(world, served, await deposit_txid(world), misbehave="wrong_signature")
    (delivery,) = await world.rows("SELECT attempts, last_error, delivered_at FROM sandbox_deliveries")
    assert tuple(delivery) == (1, "HTTP 401", None)
    world.clock.advance(seconds=1)
    assert await world.sandbox.delivery.deliver_due() == 1
    assert await world.balances(MARINA) == (100_00, 0, 0)


async def test_a_webhook_outlives_the_receiver_s_absence(world: WalletWorld) -> None:
    await world.open_wallets(MARINA)
    txid = await deposit_txid(world)
    world.sandbox.delivery.url = "http://127.0.0.1:9/webhooks/pix"  # nobody listens on the discard port
    await world.sandbox.pay(txid)
    assert await world.sandbox.delivery.deliver_due() == 0
    (delivery,) = await world.rows("SELECT attempts, delivered_at FROM sandbox_deliveries")
    assert tuple(delivery) == (1, None)


async def test_a_claimed_delivery_of_a_dead_process_is_tried_again(world: WalletWorld, served: Served) -> None:
    await world.open_wallets(MARINA)
    await world.sandbox.pay(await deposit_txid(world))
    claimed = await world.sandbox.delivery._claim()  # and the process dies here
    assert len(claimed) == 1
    assert await world.sandbox.delivery.deliver_due() == 0
    world.clock.advance(seconds=30)
    assert await world.sandbox.delivery.deliver_due() == 1
    assert await world.balances(MARINA) == (100_00, 0, 0)


async def test_a_payment_that_nobody_told_us_of_is_found(world: WalletWorld, served: Served) -> None:
    await world.open_wallets(MARINA)
    await pay(world, served, await deposit_txid(world), misbehave="lost")
    await pay(world, served, await deposit_txid(world, "50.00"))
    assert await world.balances(MARINA) == (50_00, 0, 0)
    for found in (1, 0):
        assert await reconciliation.find_lost_payments(world.services) == found
    assert await world.balances(MARINA) == (150_00, 0, 0)


async def test_more_lost_payments_of_one_instant_than_a_page_holds_are_found(
    world: WalletWorld, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.open_wallets(MARINA)
    for _ in range(5):
        await pay(world, served, await deposit_txid(world, "10.00"), misbehave="lost")
    monkeypatch.setattr(reconciliation, "PAGE", 2)
    assert await reconciliation.find_lost_payments(world.services) == 5
    assert await world.balances(MARINA) == (50_00, 0, 0)


async def test_a_lost_payment_that_cannot_be_received_keeps_no_other_from_it(
    world: WalletWorld, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.open_wallets(MARINA)
    refused = await deposit_txid(world)
    await pay(world, served, refused, misbehave="lost")
    world.clock.advance(seconds=1)
    await pay(world, served, await deposit_txid(world, "50.00"), misbehave="lost")

    async def receive_reported(services: Services, reported: ReportedPayment) -> None:
        if reported.txid == refused:
            raise ValueError("not this one")
        await payers.receive_reported(services, reported)

    monkeypatch.setattr(reconciliation, "receive_reported", receive_reported)
    failed = failures_of("find lost payments")
    assert await reconciliation.find_lost_payments(world.services) == 1
    assert failures_of("find lost payments") == failed + 1
    assert await world.balances(MARINA) == (50_00, 0, 0)


async def test_the_sandbox_lets_nobody_pay_what_is_closed(world: WalletWorld, served: Served) -> None:
    await world.open_wallets(MARINA)
    expired = await deposit_txid(world)
    world.clock.advance(hours=2)
    assert await pay(world, served, expired) == 409
    assert await pay(world, served, expired, evenIfClosed=True) == 200
    cancelled = await deposit_txid(world)
    await world.sandbox.cancel_charge(cancelled)
    with pytest.raises(CannotPay, match="cancelled"):
        await world.sandbox.pay(cancelled)
    with pytest.raises(CannotPay, match="no charge"):
        await world.sandbox.pay("0" * 32)


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("[]", '"txid" is missing'),
        ('{"txid": "x", "amount": 5}', '"amount" has to be a string'),
        ('{"txid": "x", "amount": "-5"}', '"amount" has to be more than nothing'),
        ('{"txid": "x", "misbehave": "nicely"}', "'nicely' is not a valid Misbehaviour"),
        ("{", "unexpected end"),
    ],
)
async def test_the_sandbox_says_what_it_wants(served: Served, body: str, problem: str) -> None:
    async with served.client.post(f"{served.url}/sandbox/pix/pay", data=body) as response:
        assert response.status == 400
        assert problem in (await response.json())["error"]


def test_every_misbehaviour_has_a_name_that_people_can_type() -> None:
    assert sorted(Misbehaviour) == ["duplicate", "late", "lost", "out_of_order", "wrong_signature"]


async def test_a_gateway_that_is_away_loses_no_charge(world: WalletWorld) -> None:
    await world.open_wallets(MARINA)
    world.sandbox.unavailable_calls = 1
    refused = await world.get(CREATE_DEPOSIT, MARINA, amount="100.00", key="deposit-0001")
    assert refused["createDeposit"]["__typename"] == "PaymentGatewayUnavailable"
    made = await world.get(CREATE_DEPOSIT, MARINA, amount="100.00", key="deposit-0001")
    assert made["createDeposit"]["pix"]["txid"] == await world.scalar("SELECT txid FROM charges")
    assert await world.scalar("SELECT count(*) FROM charges") == 1


async def test_a_payment_that_arrives_before_the_code_is_noted_counts(world: WalletWorld) -> None:
    await world.open_wallets(MARINA)
    command = charges.CreateDeposit(user_id=MARINA, amount_minor=100_00, idempotency_key="deposit-0001")
    async with world.begin() as session:
        charge = await charges.open_deposit(session, command, settings=world.services.settings, now=world.clock.now())
    await world.arrive(charge.txid, 100_00)
    assert await world.balances(MARINA) == (100_00, 0, 0)


@pytest.mark.parametrize("header", ["x-forwarded-for", "forwarded", "x-real-ip", "via"])
async def test_who_comes_through_a_proxy_finds_no_sandbox(world: WalletWorld, served: Served, header: str) -> None:
    url = f"{served.url}/sandbox/pix/pay"
    async with served.client.post(url, json={"txid": "x" * 30}, headers={header: "203.0.113.7"}) as through:
        assert through.status == 404
    async with served.client.post(url, json={"txid": "x" * 30}) as inside:
        assert inside.status == 409  # there, and knows no such charge
