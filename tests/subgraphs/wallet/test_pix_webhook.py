"""The gateway's webhook over real HTTP: forged, repeated, late, reordered, wrong or lost, no cent goes astray."""

import json
import uuid
from datetime import timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from subgraphs.shared.webhooks import sign_webhook
from subgraphs.wallet.domain import charges, payments, reconciliation
from subgraphs.wallet.ports.sandbox_gateway import CannotPay, Misbehaviour
from subgraphs.wallet.schemas import events
from tests.subgraphs.wallet.conftest import WEBHOOK_SECRET, Served
from tests.subgraphs.wallet.wallet_world import MARINA, SERGIO, WalletWorld, number

CREATE_DEPOSIT = """mutation($amount: Decimal!, $key: String!) {
  createDeposit(input: {amount: {amount: $amount}, idempotencyKey: $key}) {
    __typename ... on Deposit { id status pix { txid } }
  }
}"""
CREATE_CHARGE = """mutation($id: ID!, $key: String!, $method: ChargeMethod!) {
  createCharge(input: {installmentId: $id, method: $method, idempotencyKey: $key}) {
    __typename ... on Charge { id pix { txid } boleto { txid line } }
  }
}"""


async def deposit_txid(world: WalletWorld, amount: str = "100.00", *, user_id: uuid.UUID = MARINA) -> str:
    data = await world.get(CREATE_DEPOSIT, user_id, amount=amount, key=str(uuid.uuid4()))
    txid: str = data["createDeposit"]["pix"]["txid"]
    return txid


async def charge_of_installment(world: WalletWorld, method: str = "PIX") -> dict[str, Any]:
    """Sérgio owes 300.00 and has asked for a charge."""
    await world.open_wallets(SERGIO)
    (installment,) = await world.activate(300_00)
    data = await world.get(CREATE_CHARGE, SERGIO, "farmer", id=str(installment), key=str(uuid.uuid4()), method=method)
    charge: dict[str, Any] = data["createCharge"]
    return charge


def notice(world: WalletWorld, txid: str, amount: str = "100.00", **changed: Any) -> dict[str, Any]:
    return {
        "type": "payment.received",
        "end_to_end_id": "E9999999920261123120000000000001",
        "txid": txid,
        "method": "PIX",
        "amount": amount,
        "paid_at": world.clock.now().isoformat(),
        "settles_on": world.clock.now().date().isoformat(),
    } | changed


async def post(
    world: WalletWorld, served: Served, body: Any, *, secret: str = WEBHOOK_SECRET, age: timedelta = timedelta(0)
) -> tuple[int, dict[str, Any]]:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = sign_webhook(secret, data, now=world.clock.now() - age)
    async with served.client.post(f"{served.url}/webhooks/pix", data=data, headers=headers) as response:
        return response.status, await response.json()


async def test_a_genuine_notice_credits_the_wallet(world: WalletWorld, served: Served) -> None:
    await world.open_wallets(MARINA)
    txid = await deposit_txid(world)
    assert await post(world, served, notice(world, txid)) == (200, {"status": "recorded"})
    assert await world.balances(MARINA) == (100_00, 0, 0)


async def test_a_forged_notice_changes_nothing(world: WalletWorld, served: Served) -> None:
    await world.open_wallets(MARINA)
    txid = await deposit_txid(world)
    status, answer = await post(world, served, notice(world, txid), secret="a-guess-of-the-gateway-s-secret")
    assert (status, answer["error"]) == (401, "x-webhook-signature is not the signature of this body")
    async with served.client.post(f"{served.url}/webhooks/pix", json=notice(world, txid)) as unsigned:
        assert unsigned.status == 401
    assert await world.balances(MARINA) == (0, 0, 0)
    assert await world.scalar("SELECT count(*) FROM gateway_payments") == 0


async def test_a_changed_body_is_not_the_one_that_was_signed(world: WalletWorld, served: Served) -> None:
    await world.open_wallets(MARINA)
    txid = await deposit_txid(world)
    body = json.dumps(notice(world, txid)).encode()
    headers = sign_webhook(WEBHOOK_SECRET, body, now=world.clock.now())
    changed = body.replace(b"100.00", b"900.00")
    async with served.client.post(f"{served.url}/webhooks/pix", data=changed, headers=headers) as response:
        assert response.status == 401


async def test_a_recording_is_worth_nothing_after_five_minutes(world: WalletWorld, served: Served) -> None:
    await world.open_wallets(MARINA)
    txid = await deposit_txid(world)
    status, answer = await post(world, served, notice(world, txid), age=timedelta(seconds=301))
    assert (status, answer["error"]) == (401, "x-webhook-timestamp is more than 300 seconds from now")
    status, _ = await post(world, served, notice(world, txid), age=timedelta(seconds=300))
    assert status == 200


async def test_the_previous_secret_is_accepted_while_it_is_changed(world: WalletWorld, served: Served) -> None:
    await world.open_wallets(MARINA)
    txid = await deposit_txid(world)
    old = "the-secret-of-the-months-before"
    status, _ = await post(world, served, notice(world, txid), secret=old)
    assert status == 401
    world.services.settings.webhook_secret_previous = SecretStr(old)
    status, _ = await post(world, served, notice(world, txid), secret=old)
    assert status == 200


async def test_a_notice_told_again_and_again_counts_once(world: WalletWorld, served: Served) -> None:
    await world.open_wallets(MARINA)
    txid = await deposit_txid(world)
    for _ in range(3):
        assert await post(world, served, notice(world, txid)) == (200, {"status": "recorded"})
    assert await world.balances(MARINA) == (100_00, 0, 0)
    assert len(await world.published(events.DepositConfirmed)) == 1


async def test_a_body_over_the_limit_is_not_read(world: WalletWorld, served: Served) -> None:
    status, answer = await post(world, served, b"x" * 64_001)
    assert (status, answer["error"]) == (413, "The body is larger than 64000 bytes.")


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"{", "Invalid JSON"),
        (b'{"type": "payment.imagined"}', "does not match any of the expected tags"),
        ({"amount": 100.0}, 'a decimal is a string of ASCII digits like "1234.56"'),
        ({"amount": "1e9"}, "a decimal is a string of ASCII digits"),
        ({"amount": "1_000"}, "a decimal is a string of ASCII digits"),
        ({"amount": "१००"}, "a decimal is a string of ASCII digits"),
        ({"amount": "99999999999999999999999.99"}, "is out of range"),
        ({"amount": "100.001"}, "has more than two decimal places"),
        ({"amount": "0.00"}, "an amount is of more than nothing"),
        ({"amount": "-5.00"}, "an amount is of more than nothing"),
        ({"paid_at": "2026-11-23T09:00:00"}, "an instant is a string like"),
        ({"paid_at": 1_790_000_000}, "an instant is a string like"),
        ({"paid_at": "1790000000"}, "an instant is a string like"),
        ({"settles_on": "20261123"}, "a day is a string like"),
        ({"settles_on": "2026-W48-1"}, "a day is a string like"),
        ({"settles_on": 1_790_000_000}, "a day is a string like"),
        ({"end_to_end_id": "x" * 65}, "String should have at most 64 characters"),
    ],
)
async def test_a_notice_that_cannot_be_read_says_why(
    world: WalletWorld, served: Served, body: Any, problem: str
) -> None:
    if isinstance(body, dict):
        body = notice(world, "t" * 26, **body)
    status, answer = await post(world, served, body)
    assert status == 400
    assert problem in answer["problems"][0]["msg"]
    assert await world.scalar("SELECT count(*) FROM gateway_payments") == 0


async def test_money_for_no_charge_that_we_know_waits_in_suspense(world: WalletWorld, served: Served) -> None:
    assert await post(world, served, notice(world, "t" * 32, "77.70")) == (200, {"status": "recorded"})
    (payment,) = await world.rows("SELECT outcome, note, amount_minor, charge_id FROM gateway_payments")
    assert tuple(payment) == ("QUARANTINED", f"no charge has the txid {'t' * 32}", 77_70, None)
    assert (await world.trial_balance()).splitlines()[1:] == [
        "bank                77.70",
        "gateway              0.00",
        "suspense                             77.70",
        "                    77.70            77.70",
    ]


@pytest.mark.parametrize("amount", ["99.99", "100.01"])
async def test_another_amount_than_asked_for_waits_in_suspense(world: WalletWorld, served: Served, amount: str) -> None:
    await world.open_wallets(MARINA)
    txid = await deposit_txid(world)
    await post(world, served, notice(world, txid, amount))
    (payment,) = await world.rows("SELECT outcome, note FROM gateway_payments")
    came = amount.replace(".", ",")
    assert tuple(payment) == ("QUARANTINED", f"R$ {came} came for a charge of R$ 100,00")
    assert await world.balances(MARINA) == (0, 0, 0)
    # The charge can still be paid as it should be.
    await post(world, served, notice(world, txid, end_to_end_id="E2"))
    assert await world.balances(MARINA) == (100_00, 0, 0)


async def test_a_deposit_paid_twice_is_credited_twice(world: WalletWorld, served: Served) -> None:
    await world.open_wallets(MARINA)
    txid = await deposit_txid(world)
    await post(world, served, notice(world, txid, end_to_end_id="E1"))
    await post(world, served, notice(world, txid, end_to_end_id="E2"))
    assert await world.balances(MARINA) == (200_00, 0, 0)
    (surplus,) = await world.published(events.SurplusCredited)
    assert (surplus.user_id, surplus.amount_minor, surplus.reason) == (MARINA, 100_00, "PAID_BEFORE")
    assert len(await world.published(events.DepositConfirmed)) == 1


async def test_a_deposit_paid_after_its_code_has_expired_is_still_the_person_s(
    world: WalletWorld, served: Served
) -> None:
    await world.open_wallets(MARINA)
    txid = await deposit_txid(world)
    world.clock.advance(hours=2)
    await post(world, served, notice(world, txid))
    assert await world.balances(MARINA) == (100_00, 0, 0)


async def test_an_installment_paid_twice_keeps_the_second_for_the_farmer(world: WalletWorld, served: Served) -> None:
    charge = await charge_of_installment(world)
    txid = charge["pix"]["txid"]
    await post(world, served, notice(world, txid, "300.00", end_to_end_id="E1"))
    await post(world, served, notice(world, txid, "300.00", end_to_end_id="E2"))
    assert len(await world.published(events.PaymentConfirmed)) == 1
    assert await world.balances(SERGIO) == (300_00, 0, 0)


async def test_a_code_paid_after_its_time_pays_what_is_owed_that_day(world: WalletWorld, served: Served) -> None:
    charge = await charge_of_installment(world)
    world.clock.advance(hours=25)
    await post(world, served, notice(world, charge["pix"]["txid"], "300.00"))
    (confirmed,) = await world.published(events.PaymentConfirmed)
    assert (confirmed.amount_minor, confirmed.late_minor) == (300_00, 0)
    assert await world.published(events.SurplusCredited) == []


async def test_a_late_report_of_a_payment_in_time_pays_the_installment(world: WalletWorld, served: Served) -> None:
    charge = await charge_of_installment(world)
    paid_at = world.clock.now().isoformat()
    world.clock.advance(days=3)
    await post(world, served, notice(world, charge["pix"]["txid"], "300.00", paid_at=paid_at))
    (confirmed,) = await world.published(events.PaymentConfirmed)
    assert (confirmed.farmer_id, confirmed.amount_minor, confirmed.method) == (SERGIO, 300_00, "PIX")


async def test_a_replaced_charge_that_is_paid_after_all_pays_the_installment(
    world: WalletWorld, served: Served
) -> None:
    pix = await charge_of_installment(world)
    boleto = await charge_of_installment(world, method="BOLETO")
    await post(world, served, notice(world, pix["pix"]["txid"], "300.00", end_to_end_id="E1"))
    await post(world, served, notice(world, boleto["boleto"]["txid"], "300.00", end_to_end_id="E2", method="BOLETO"))
    (confirmed,) = await world.published(events.PaymentConfirmed)
    assert confirmed.method == "PIX"
    assert await world.balances(SERGIO) == (300_00, 0, 0)


async def test_a_boleto_is_settled_on_the_next_business_day(world: WalletWorld, served: Served) -> None:
    charge = await charge_of_installment(world, method="BOLETO")
    paid = await served.client.post(f"{served.url}/sandbox/boleto/pay", json={"txid": charge["boleto"]["line"]})
    assert paid.status == 200
    await world.sandbox.delivery.close()
    assert [event.method for event in await world.published(events.PaymentConfirmed)] == ["BOLETO"]
    gateway = "SELECT balance_minor FROM ledger_balances JOIN ledger_accounts ON id = account_id WHERE code = 'gateway'"
    assert await world.scalar(gateway) == 300_00
    for settled in (0, 1, 0):
        async with world.begin() as session:
            assert await payments.settle_payments(session, now=world.clock.now()) == settled
        world.clock.advance(days=1)
    assert await world.scalar(gateway) == 0


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
        answer = await reconciliation.find_lost_payments(
            world.subgraph.database, world.services.gateway, now=world.clock.now()
        )
        assert answer == found
    assert await world.balances(MARINA) == (150_00, 0, 0)


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


async def test_a_withdrawal_that_we_do_not_know_is_nobody_s_business(world: WalletWorld, served: Served) -> None:
    for reference in (number(5).hex, "no-reference-of-ours"):
        settled = {
            "type": "transfer.settled",
            "reference": reference,
            "occurred_at": world.clock.now().isoformat(),
        }
        assert await post(world, served, settled) == (200, {"status": "recorded"})


@pytest.mark.parametrize("header", ["x-forwarded-for", "forwarded", "x-real-ip", "via"])
async def test_who_comes_through_a_proxy_finds_no_sandbox(world: WalletWorld, served: Served, header: str) -> None:
    url = f"{served.url}/sandbox/pix/pay"
    async with served.client.post(url, json={"txid": "x" * 30}, headers={header: "203.0.113.7"}) as through:
        assert through.status == 404
    async with served.client.post(url, json={"txid": "x" * 30}) as inside:
        assert inside.status == 409  # there, and knows no such charge
