"""The payment gateway's side, for tests that pay, tell of payments wrongly, or tell of them at a bad moment."""

import secrets
from datetime import UTC, datetime
from decimal import Decimal

from sqlalchemy import text

from story.people import Person
from subgraphs.shared.webhooks import sign_webhook
from tests.fixtures.parts import Answer, Parts

DEPOSIT = """mutation Deposit($amount: Decimal!, $key: String!) {
  createDeposit(input: {amount: {amount: $amount}, idempotencyKey: $key}) {
    __typename ... on Deposit { id pix { txid } } } }"""
AVAILABLE = "{ me { wallet { available { amount } } } }"


async def rows_of(parts: Parts, domain: str, *tables: str) -> dict[str, int]:
    database = parts.database(domain)
    try:
        async with database.read() as session:
            return {name: await session.scalar(text(f"SELECT count(*) FROM {name}")) for name in tables}  # noqa: S608  # names of ours
    finally:
        await database.close()


async def available(parts: Parts, person: Person) -> Decimal:
    answer = await parts.ask(AVAILABLE, token=person.token)
    return Decimal(answer.data["me"]["wallet"]["available"]["amount"])


async def new_charge(parts: Parts, person: Person) -> tuple[str, str]:
    """The id and the txid of a deposit of 10.00 that waits for its payment."""
    variables = {"amount": "10.00", "key": f"bad-requests-{secrets.token_hex(8)}"}
    made = (await parts.ask(DEPOSIT, variables, token=person.token)).data["createDeposit"]
    return made["id"], made["pix"]["txid"]


def notice_of(txid: str, **changed: str) -> dict[str, str]:
    now = datetime.now(UTC)
    return {
        "type": "payment.received", "end_to_end_id": f"E{secrets.token_hex(14)}", "txid": txid, "method": "PIX",
        "amount": "10.00", "paid_at": now.isoformat(), "settles_on": now.date().isoformat(),
    } | changed  # fmt: skip


async def notify(parts: Parts, body: bytes, *, path: str = "/webhooks/pix", **changed: str) -> Answer:
    """The gateway's webhook, signed as it signs; *changed* headers take the place of the right ones."""
    headers = sign_webhook(parts.environment["WALLET_WEBHOOK_SECRET"], body, now=datetime.now(UTC))
    named = {name.replace("-", "_"): value for name, value in headers.items()}
    return await parts.post(
        f"{parts.bases['wallet']}{path}", data=body, **{**named, "content_type": "application/json", **changed}
    )
