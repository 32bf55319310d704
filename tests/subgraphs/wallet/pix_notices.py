"""Charges to be paid by Pix, and what the gateway says of them."""

import json
import uuid
from datetime import timedelta
from typing import Any

from subgraphs.shared.webhooks import sign_webhook
from tests.subgraphs.wallet.conftest import WEBHOOK_SECRET, Served
from tests.subgraphs.wallet.wallet_world import MARINA, SERGIO, WalletWorld

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
