"""What was refused under a key is refused again, although by then nothing stands in its way."""

from typing import Any

import pytest

from subgraphs.wallet.ports.payment_gateway import AccountHolder
from subgraphs.wallet.schemas import heard
from tests.subgraphs.wallet.books_story import PAY
from tests.subgraphs.wallet.staff_pairs import propose
from tests.subgraphs.wallet.test_withdrawals import marina_with_an_account, register, withdraw
from tests.subgraphs.wallet.wallet_world import CARLOS, MARINA, SERGIO, WalletWorld


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
    await world.person_with(MARINA, 77_00)
    await world.open_wallets(CARLOS)
    await world.tell(heard.AccountClosed(user_id=MARINA))
    wanted = ("RELEASE_UNCLAIMED", await world.scalar("SELECT id FROM unclaimed_credits"))
    refused = await propose(world, *wanted, userId=CARLOS, idempotencyKey="decision-0001")
    assert refused["code"] == "PersonCannotReceive"
    await world.verify_identity(CARLOS, "98765432100", "Carlos Souza")
    assert await propose(world, *wanted, userId=CARLOS, idempotencyKey="decision-0001") == refused
    proposed = await propose(world, *wanted, userId=CARLOS, idempotencyKey="decision-0002")
    assert proposed["status"] == "OPEN"
    assert await propose(world, *wanted, userId=CARLOS, idempotencyKey="decision-0002") == proposed


async def test_a_bank_account(world: WalletWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    await world.open_wallets(MARINA)
    refused = await register(world)
    assert refused["code"] == "HolderNotVerified"
    await world.verify_identity(MARINA, "11144477735", "Marina Costa")
    assert await register(world) == refused
    account = await register(world, key="another-key")
    assert account["__typename"] == "BankAccount"

    async def of_somebody_else(**asked: Any) -> AccountHolder:
        raise AssertionError(f"the bank is asked once: {asked}")

    monkeypatch.setattr(world.sandbox, "find_holder", of_somebody_else)
    assert await register(world, key="another-key") == account


async def test_a_gateway_that_was_away_uses_up_no_key(world: WalletWorld) -> None:
    await world.open_wallets(MARINA)
    await world.verify_identity(MARINA, "11144477735", "Marina Costa")
    world.sandbox.unavailable_calls = 1
    assert (await register(world))["code"] == "PaymentGatewayUnavailable"
    assert (await register(world))["__typename"] == "BankAccount"
