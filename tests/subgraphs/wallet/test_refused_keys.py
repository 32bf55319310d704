"""What was refused under a key is refused again, although by then nothing stands in its way."""

from typing import Any

import pytest

from subgraphs.wallet.ports.payment_gateway import AccountHolder
from tests.subgraphs.wallet.books_story import PAY
from tests.subgraphs.wallet.staff_pairs import BRUNO, propose
from tests.subgraphs.wallet.test_charges import create_charge, pay_installment
from tests.subgraphs.wallet.test_early_payments import SETTLE
from tests.subgraphs.wallet.test_staff_pairs import reject
from tests.subgraphs.wallet.test_withdrawals import marina_with_an_account, register, withdraw
from tests.subgraphs.wallet.wallet_world import CARLOS, CPR, MARINA, SERGIO, WalletWorld, number


async def test_a_withdrawal(world: WalletWorld) -> None:
    account = await marina_with_an_account(world, 20_00)
    refused = await withdraw(world, "30.00", account)
    assert refused["available"] == {"amount": "20.00"}
    await world.deposit(MARINA, 100_00)
    assert await withdraw(world, "30.00", account) == refused
    assert await world.balances(MARINA) == (120_00, 0, 0)
    assert (await withdraw(world, "30.00", account, key="withdrawal-2"))["__typename"] == "Withdrawal"


async def test_a_withdrawal_that_was_done_whatever_has_become_of_the_limits(world: WalletWorld) -> None:
    account = await marina_with_an_account(world, 100_00)
    done = await withdraw(world, "30.00", account)
    world.services.settings.withdrawal_minor_max = 10_00
    assert await withdraw(world, "30.00", account) == done


async def test_an_installment_paid_from_the_wallet(world: WalletWorld) -> None:
    await world.open_wallets(SERGIO)
    (installment,) = await world.activate(300_00)
    pay = PAY.replace("{ id }", "{ id } ... on Refusal { code }")
    refused = await world.get(pay, SERGIO, "farmer", id=str(installment))
    assert refused == {"payInstallment": {"code": "InsufficientFunds"}}
    await world.deposit(SERGIO, 300_00)
    assert await world.get(pay, SERGIO, "farmer", id=str(installment)) == refused
    assert await world.balances(SERGIO) == (300_00, 0, 0)


async def test_what_staff_were_refused(world: WalletWorld) -> None:
    await world.open_wallets(CARLOS, MARINA)
    wanted = ("RESOLVE_SUSPENSE", (await world.arrive("x" * 30, 77_00)).id)
    other = await propose(world, *wanted, userId=MARINA)
    refused = await propose(world, *wanted, userId=CARLOS, idempotencyKey="decision-0001")
    assert refused["code"] == "ProposalPending"
    await reject(world, other, BRUNO)
    assert await propose(world, *wanted, userId=CARLOS, idempotencyKey="decision-0001") == refused
    proposed = await propose(world, *wanted, userId=CARLOS, idempotencyKey="decision-0002")
    assert proposed["status"] == "OPEN"
    assert await propose(world, *wanted, userId=CARLOS, idempotencyKey="decision-0002") == proposed


async def test_a_bank_account(world: WalletWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    await world.open_wallets(MARINA)
    await world.verify_identity(MARINA, "11144477735", "Marina Costa")

    async def of_nobody(**_: Any) -> None:
        return None

    with monkeypatch.context() as bank:
        bank.setattr(world.sandbox, "find_holder", of_nobody)
        refused = await register(world)
    assert refused["code"] == "BankAccountNotYours"
    assert await register(world) == refused
    account = await register(world, key="another-key")
    assert account["__typename"] == "BankAccount"

    async def of_somebody_else(**asked: Any) -> AccountHolder:
        raise AssertionError(f"the bank is asked once: {asked}")

    monkeypatch.setattr(world.sandbox, "find_holder", of_somebody_else)
    assert await register(world, key="another-key") == account


async def test_what_is_refused_for_want_of_news_uses_up_no_key(world: WalletWorld) -> None:
    """The schedule of a loan, and who is verified, are told by others: perhaps a moment later."""
    await world.open_wallets(MARINA)
    await world.person_with(SERGIO, 900_00)
    first, second, third = number(0x1A0), number(0x1A1), number(0x1A2)
    assert (await create_charge(world, first, key="charge-0001"))["__typename"] == "InstallmentNotOwed"
    assert (await pay_installment(world, second, key="payment-0001"))["__typename"] == "InstallmentNotOwed"
    assert (await settle(world))["__typename"] == "NothingOwed"
    assert (await register(world))["code"] == "HolderNotVerified"
    assert await world.scalar("SELECT count(*) FROM idempotency_keys WHERE refusal IS NOT NULL") == 0
    assert await world.activate(300_00, 200_00, 100_00) == [first, second, third]
    await world.verify_identity(MARINA, "11144477735", "Marina Costa")
    assert (await create_charge(world, first, key="charge-0001"))["amount"] == {"amount": "300.00"}
    assert (await pay_installment(world, second, key="payment-0001"))["amount"] == {"amount": "200.00"}
    assert (await settle(world))["amount"] == {"amount": "400.00"}
    assert (await register(world))["__typename"] == "BankAccount"


async def settle(world: WalletWorld) -> Any:
    return (await world.get(SETTLE, SERGIO, "farmer", id=str(CPR), key="settle-0001"))["settleCPR"]


async def test_a_gateway_that_was_away_uses_up_no_key(world: WalletWorld) -> None:
    await world.open_wallets(MARINA)
    await world.verify_identity(MARINA, "11144477735", "Marina Costa")
    world.sandbox.unavailable_calls = 1
    assert (await register(world))["code"] == "PaymentGatewayUnavailable"
    assert (await register(world))["__typename"] == "BankAccount"
