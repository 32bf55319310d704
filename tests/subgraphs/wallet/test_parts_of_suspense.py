"""A part of what is in suspense goes back, by staff or by its payer's bank: what is left waits there."""

from typing import Any

import pytest

from subgraphs.wallet import models
from subgraphs.wallet.domain import returns
from subgraphs.wallet.models import PaymentOutcome
from tests.subgraphs.wallet.conftest import Served
from tests.subgraphs.wallet.staff_pairs import approve, move, propose, reverse
from tests.subgraphs.wallet.test_money_claims import claim, open_claim, reject, take_back
from tests.subgraphs.wallet.test_payment_returns import JOAO, clearing, send
from tests.subgraphs.wallet.wallet_world import ANA, CARLOS, MARINA, WalletWorld

SUSPENDED = """{ suspendedPayments { nodes { amount { amount } left { amount }
  returns { amount { amount } status } claims { amount { amount } taken { amount } status } } } }"""


async def arrived(world: WalletWorld) -> models.GatewayPayment:
    await world.open_wallets(CARLOS, MARINA)
    return await world.arrive("x" * 30, 77_00, payer=JOAO)


async def suspended(world: WalletWorld) -> Any:
    return (await world.get(SUSPENDED, ANA, "admin"))["suspendedPayments"]["nodes"]


async def state(world: WalletWorld) -> tuple[str, int]:
    """Of the payment and of suspense; fails where the books do not agree."""
    return await world.scalar("SELECT outcome FROM gateway_payments"), (await clearing(world))["suspense"]


async def fail(world: WalletWorld, place: int = 0) -> None:
    ids = [row[0] for row in await world.rows("SELECT id FROM payment_returns ORDER BY requested_at, id")]
    async with world.begin() as session:
        assert await returns.fail_return(session, ids[place], reason="the account is closed", now=world.clock.now())


async def test_staff_give_a_part_back_and_the_rest_waits_with_its_history(world: WalletWorld, served: Served) -> None:
    payment = await arrived(world)
    proposed = await move(world, "RETURN_PAYMENT", payment.id, amount="30.00")
    assert proposed["amount"] == {"amount": "30.00"}
    await send(world)
    await world.sandbox.delivery.deliver_due()
    assert await suspended(world) == [
        {
            "amount": {"amount": "77.00"},
            "left": {"amount": "47.00"},
            "returns": [{"amount": {"amount": "30.00"}, "status": "SETTLED"}],
            "claims": [],
        }
    ]
    assert await state(world) == (PaymentOutcome.QUARANTINED, 47_00)
    assert (await propose(world, "RETURN_PAYMENT", payment.id, amount="47.01"))["code"] == "PaymentNotReturnable"
    assert (await move(world, "RETURN_PAYMENT", payment.id))["amount"] == {"amount": "47.00"}
    assert await state(world) == (PaymentOutcome.RETURNED, 0)
    assert await suspended(world) == []


async def test_what_is_left_is_given_to_whom_it_is_found_to_be_and_taken_from_there(world: WalletWorld) -> None:
    payment = await arrived(world)
    await move(world, "RETURN_PAYMENT", payment.id, amount="30.00")
    given = await move(world, "RESOLVE_SUSPENSE", payment.id, userId=CARLOS)
    assert [entry["amount"] for entry in given["entries"]] == [{"amount": "47.00"}] * 2
    assert await world.balances(CARLOS) == (47_00, 0, 0)
    assert await state(world) == (PaymentOutcome.RESOLVED, 0)
    transfer = await world.scalar("SELECT id FROM ledger_transfers WHERE kind = 'SUSPENSE_RESOLVED'")
    assert (await reverse(world, transfer))["status"] == "APPROVED"
    assert await state(world) == (PaymentOutcome.QUARANTINED, 47_00)
    await move(world, "RESOLVE_SUSPENSE", payment.id, userId=MARINA)
    assert (await world.balances(CARLOS), await world.balances(MARINA)) == ((0, 0, 0), (47_00, 0, 0))


async def test_a_part_that_does_not_arrive_is_in_suspense_again(world: WalletWorld) -> None:
    payment = await arrived(world)
    await move(world, "RETURN_PAYMENT", payment.id, amount="30.00")
    await fail(world)
    assert await state(world) == (PaymentOutcome.QUARANTINED, 77_00)
    assert (await suspended(world))[0]["returns"] == [{"amount": {"amount": "30.00"}, "status": "FAILED"}]


async def test_a_part_that_does_not_arrive_when_the_rest_is_given_out_waits_alone(world: WalletWorld) -> None:
    payment = await arrived(world)
    await move(world, "RETURN_PAYMENT", payment.id, amount="30.00")
    await move(world, "RESOLVE_SUSPENSE", payment.id, userId=CARLOS)
    await fail(world)
    assert await state(world) == (PaymentOutcome.QUARANTINED, 30_00)
    assert (await suspended(world))[0]["left"] == {"amount": "30.00"}
    await move(world, "RETURN_PAYMENT", payment.id)
    # Some of it is somebody's, of whom a bank may want it back.
    assert await state(world) == (PaymentOutcome.RESOLVED, 0)
    await fail(world, 1)
    await move(world, "RESOLVE_SUSPENSE", payment.id, userId=CARLOS)
    assert await world.balances(CARLOS) == (77_00, 0, 0)
    assert await state(world) == (PaymentOutcome.RESOLVED, 0)


async def test_who_has_a_part_of_it_gets_the_rest_and_nobody_else(world: WalletWorld) -> None:
    """A claim, or a return, would otherwise take of one person what another has."""
    payment = await arrived(world)
    await move(world, "RETURN_PAYMENT", payment.id, amount="30.00")
    await move(world, "RESOLVE_SUSPENSE", payment.id, userId=CARLOS)
    await fail(world)
    assert (await propose(world, "RESOLVE_SUSPENSE", payment.id, userId=MARINA))["why"] == "PART_IS_ANOTHERS"
    transfer = await world.scalar("SELECT id FROM ledger_transfers WHERE kind = 'SUSPENSE_RESOLVED'")
    await reverse(world, transfer)
    given = await move(world, "RESOLVE_SUSPENSE", payment.id, userId=MARINA)
    assert (given["status"], await world.balances(MARINA)) == ("APPROVED", (77_00, 0, 0))
    await take_back(world, payment, 77_00)
    assert (await world.balances(MARINA), await claim(world)) == ((0, 0, 0), ("PAID", 0, 77_00, 0))


async def test_its_payers_bank_takes_a_part_and_the_rest_waits(world: WalletWorld) -> None:
    payment = await arrived(world)
    assert await open_claim(world, payment, 50_00)
    # What the bank may take is not given back by us as well.
    assert (await propose(world, "RETURN_PAYMENT", payment.id, amount="27.01"))["code"] == "PaymentNotReturnable"
    await take_back(world, payment, 20_00)
    assert await claim(world) == ("PAID", 0, 20_00, 0)
    assert await state(world) == (PaymentOutcome.QUARANTINED, 57_00)
    assert (await suspended(world))[0]["claims"] == [
        {"amount": {"amount": "50.00"}, "taken": {"amount": "20.00"}, "status": "PAID"}
    ]
    assert (await move(world, "RETURN_PAYMENT", payment.id, amount="7.00"))["status"] == "APPROVED"
    await take_back(world, payment, 50_00, "C2")
    assert await state(world) == (PaymentOutcome.RETURNED, 0)


async def test_no_more_is_taken_than_is_left_of_it(world: WalletWorld) -> None:
    payment = await arrived(world)
    await move(world, "RETURN_PAYMENT", payment.id, amount="30.00")
    with pytest.raises(ValueError, match="4700 are left"):
        await open_claim(world, payment, 47_01)
    assert await open_claim(world, payment, 47_00)
    await reject(world)
    assert (await suspended(world))[0]["left"] == {"amount": "47.00"}
    assert await state(world) == (PaymentOutcome.QUARANTINED, 47_00)


async def test_what_a_bank_claims_is_given_to_nobody_until_that_is_decided(world: WalletWorld) -> None:
    payment = await arrived(world)
    proposed = await propose(world, "RESOLVE_SUSPENSE", payment.id, userId=CARLOS)
    assert await open_claim(world, payment, 50_00)
    assert (await approve(world, proposed))["code"] == "PaymentClaimed"
    refused = await propose(world, "RESOLVE_SUSPENSE", payment.id, userId=MARINA)
    assert refused == {
        "__typename": "PaymentClaimed",
        "code": "PaymentClaimed",
        "message": "O banco de quem pagou pede R$ 50,00 de volta: aguarde a decisão.",
    }
    assert (await world.balances(CARLOS), await state(world)) == ((0, 0, 0), (PaymentOutcome.QUARANTINED, 77_00))
    await reject(world)
    assert (await approve(world, proposed))["status"] == "APPROVED"
    assert await world.balances(CARLOS) == (77_00, 0, 0)
