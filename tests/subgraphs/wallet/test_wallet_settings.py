"""What each setting of the wallet changes."""

from typing import Any

import pytest

from tests.subgraphs.wallet.conftest import Served
from tests.subgraphs.wallet.wallet_world import MARINA, WalletWorld

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
