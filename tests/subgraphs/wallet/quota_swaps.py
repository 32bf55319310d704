"""Quotas that can change hands: Marina has lent, and Carlos wants some of hers."""

import uuid
from datetime import date, timedelta
from typing import Any

from subgraphs.wallet.schemas import events, heard
from tests.subgraphs.wallet.wallet_world import CARLOS, CPR, MARINA, NINE_O_CLOCK, SERGIO, WalletWorld, number

INVESTMENT = number(0x101)
PURCHASE = number(0xBA1)
PAY = """mutation($id: ID!, $key: String!) {
  payInstallment(input: {installmentId: $id, idempotencyKey: $key}) { ... on InstallmentPayment { id } } }"""
REGRESSIVE = "INSERT INTO gain_tax_rules VALUES ('2026-01-01', 'REGRESSIVE', 'for tests', 'for tests')"


async def lent(
    world: WalletWorld,
    quotas: int = 10,
    installments: tuple[int, ...] = (600_00, 550_00),
    *,
    issued_on: date | None = None,
) -> list[uuid.UUID]:
    """Marina has lent R$ 100 for each quota to Sérgio, who owes two installments; Carlos has R$ 1,000."""
    await world.person_with(MARINA, quotas * 100_00)
    await world.person_with(CARLOS, 1_000_00)
    await world.open_wallets(SERGIO)
    await world.request_investment(MARINA, quotas * 100_00, investment=INVESTMENT)
    await world.fund(quotas * 100_00, 1, issued_on=issued_on)
    return await world.activate(*installments)


def wanted(**changes: Any) -> heard.QuotasWanted:
    """Carlos wants four of Marina's ten quotas for R$ 420."""
    values: dict[str, Any] = {
        "purchase_id": PURCHASE,
        "cpr_id": CPR,
        "investment_id": INVESTMENT,
        "position_id": INVESTMENT,
        "position_quotas": 10,
        "seller_id": MARINA,
        "buyer_id": CARLOS,
        "quota_count": 4,
        "price_minor": 420_00,
        "paid_installments": 0,
        "principal_minor": 1_000_00,
        "unpaid_principal_minor": 1_000_00,
        "offered_at": NINE_O_CLOCK - timedelta(hours=1),
        "good_until": NINE_O_CLOCK + timedelta(days=900),
    }
    return heard.QuotasWanted(**(values | changes))


async def pay(world: WalletWorld, installment: uuid.UUID) -> uuid.UUID:
    data = await world.get(PAY, SERGIO, "farmer", id=str(installment), key=f"payment-{installment}")
    return uuid.UUID(data["payInstallment"]["id"])


async def refusals(world: WalletWorld) -> list[str]:
    return [refused.reason for refused in await world.published(events.QuotaSwapRefused)]
