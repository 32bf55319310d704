"""The gateway's webhook over real HTTP: forged, repeated, late, reordered, wrong or lost, no cent goes astray."""

import json
from datetime import timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from subgraphs.shared.webhooks import sign_webhook
from subgraphs.wallet.domain import payments
from subgraphs.wallet.schemas import events
from tests.subgraphs.wallet.conftest import WEBHOOK_SECRET, Served
from tests.subgraphs.wallet.pix_notices import (
    charge_of_installment,
    deposit_txid,
    notice,
    post,
)
from tests.subgraphs.wallet.wallet_world import MARINA, SERGIO, WalletWorld, number


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


async def test_a_withdrawal_that_we_do_not_know_is_nobody_s_business(world: WalletWorld, served: Served) -> None:
    for reference in (number(5).hex, "no-reference-of-ours"):
        settled = {
            "type": "transfer.settled",
            "reference": reference,
            "occurred_at": world.clock.now().isoformat(),
        }
        assert await post(world, served, settled) == (200, {"status": "recorded"})
