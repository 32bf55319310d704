"""What each setting of the wallet changes."""

from datetime import timedelta
from typing import Any

import pytest

from subgraphs.wallet.domain import holds
from subgraphs.wallet.ports.open_gateway import open_gateway
from subgraphs.wallet.ports.sandbox_gateway import SandboxGateway
from tests.subgraphs.wallet.conftest import Served
from tests.subgraphs.wallet.test_withdrawals import marina_with_an_account, register, withdraw
from tests.subgraphs.wallet.wallet_world import MARINA, SERGIO, WalletWorld, number

DEPOSIT = """mutation($amount: Decimal!) {
  createDeposit(input: {amount: {amount: $amount}, idempotencyKey: "deposit-0001"}) {
    __typename ... on Deposit { id } ... on Refusal { code }
  }
}"""


async def deposit(world: WalletWorld, amount: str) -> Any:
    await world.open_wallets(MARINA)
    return (await world.get(DEPOSIT, MARINA, amount=amount))["createDeposit"]


@pytest.mark.parametrize(
    ("setting", "value", "amount"), [("deposit_minor_min", 50_00, "49.99"), ("deposit_minor_max", 50_00, "50.01")]
)
async def test_a_deposit_is_within_its_settings(world: WalletWorld, setting: str, value: int, amount: str) -> None:
    assert (await deposit(world, amount))["__typename"] == "Deposit"
    setattr(world.subgraph.services.settings, setting, value)
    refused = (await world.get(DEPOSIT.replace("0001", "0002"), MARINA, amount=amount))["createDeposit"]
    assert refused["code"] == "PaymentAmountOutOfRange"


async def test_a_deposits_code_can_be_paid_for_deposit_minutes(world: WalletWorld) -> None:
    world.subgraph.services.settings.deposit_minutes = 7
    assert (await deposit(world, "10.00"))["__typename"] == "Deposit"
    minutes = "SELECT extract(epoch FROM expires_at - created_at) / 60 FROM charges"
    assert await world.scalar(minutes) == 7


async def test_a_webhook_is_read_up_to_webhook_bytes_max(world: WalletWorld, served: Served) -> None:
    world.subgraph.services.settings.webhook_bytes_max = 10
    async with served.client.post(f"{served.url}/webhooks/pix", data=b"x" * 11) as answer:
        assert answer.status == 413
    async with served.client.post(f"{served.url}/webhooks/pix", data=b"x" * 10) as answer:
        assert answer.status == 401


@pytest.mark.parametrize(("setting", "value"), [("withdrawal_minor_min", 50_00), ("withdrawal_minor_max", 49_99)])
async def test_a_withdrawal_is_within_its_settings(world: WalletWorld, setting: str, value: int) -> None:
    account = await marina_with_an_account(world)
    setattr(world.services.settings, setting, value)
    taken, refused = ("50.00", "49.99") if setting.endswith("_min") else ("49.99", "50.00")
    assert (await withdraw(world, refused, account))["__typename"] == "PaymentAmountOutOfRange"
    assert (await withdraw(world, taken, account, key="withdrawal-2"))["__typename"] == "Withdrawal"


async def test_a_person_has_as_many_bank_accounts_as_set(world: WalletWorld) -> None:
    world.services.settings.bank_accounts_max = 2
    await marina_with_an_account(world)
    assert (await register(world, "22222"))["__typename"] == "BankAccount"
    assert (await register(world, "33333"))["maximum"] == 2


async def test_a_hold_expires_after_as_many_days_as_set(world: WalletWorld) -> None:
    world.services.settings.hold_days_max = 2
    await world.person_with(MARINA, 500_00)
    await world.request_investment(MARINA, 200_00, investment=number(0x101))
    expired = []
    for wait in (timedelta(days=2, seconds=-1), timedelta(seconds=1)):
        world.clock.instant += wait
        async with world.begin() as session:
            expired.append(await holds.expire_holds(session, now=world.clock.now()))
    assert expired == [0, 1]


CHARGE = """mutation($id: ID!, $method: ChargeMethod!) {
  createCharge(input: {installmentId: $id, method: $method, idempotencyKey: "charge-0001"}) {
    ... on Charge { expiresAt } } }"""


@pytest.mark.parametrize(
    ("setting", "method", "value", "until"),
    [
        ("installment_pix_hours", "PIX", 5, "2026-11-23T17:00:00.000Z"),
        ("installment_pix_hours", "PIX", 6, "2026-11-23T18:00:00.000Z"),
        ("boleto_days_after_due", "BOLETO", 1, "2026-12-25T02:59:59.999Z"),
        ("boleto_days_after_due", "BOLETO", 2, "2026-12-26T02:59:59.999Z"),
    ],
)
async def test_an_installments_code_can_be_paid_as_long_as_set(
    world: WalletWorld, setting: str, method: str, value: int, until: str
) -> None:
    setattr(world.services.settings, setting, value)
    await world.open_wallets(SERGIO)
    (installment,) = await world.activate(300_00)
    made = await world.get(CHARGE, SERGIO, "farmer", id=str(installment), method=method)
    assert made["createCharge"]["expiresAt"] == until


@pytest.mark.parametrize("url", ["http://one.example/pix", "http://other.example/pix"])
def test_the_sandbox_gateway_tells_the_address_set(world: WalletWorld, url: str) -> None:
    settings = world.services.settings.model_copy(update={"webhook_url": url})
    gateway = open_gateway(settings, world.subgraph.database, clock=world.clock)
    assert isinstance(gateway, SandboxGateway)
    assert gateway.delivery.url == url
