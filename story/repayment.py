"""Chapter 4: an installment is paid by Pix and split among the investors, who are told."""

import uuid
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from story.client import Client, StoryFailed
from story.narrator import Narrator
from story.people import Person, expect, pay_pix

CHARGE = """mutation Charge($input: CreateChargeInput!) { createCharge(input: $input) {
  __typename ... on Charge { id amount { amount } pix { txid brCode } } ... on Refusal { code message } } }"""

INSTALLMENT = "query Installment($id: ID!) { installment(id: $id) { number status paidAt } }"

PAYOUTS = """query Payouts { me { payouts(first: 5) { nodes {
  id status gross { amount } principal { amount } interest { amount } fee { amount } tax { amount } net { amount }
  creditedAt distribution { installment { id } } } } } }"""

INBOX = """query Inbox { me { unreadCount notifications(first: 50) { nodes { category title body } } } }"""


async def charge(client: Client, farmer: Person, installment_id: str, method: str = "PIX") -> dict[str, Any]:
    """What an installment can be paid with."""
    request = {"installmentId": installment_id, "method": method, "idempotencyKey": f"charge-{uuid.uuid4().hex}"}

    async def charged() -> dict[str, Any] | None:
        answer = await client.graphql(CHARGE, {"input": request}, token=farmer.token)
        # The wallet learns of the schedule by event; until then it owes nothing that could be charged.
        return answer["createCharge"] if answer["createCharge"]["__typename"] != "InstallmentNotOwed" else None

    return expect(await client.until("the wallet knowing the installment", charged), "Charge")


async def pay_installment(client: Client, narrator: Narrator, farmer: Person, installment: dict[str, Any]) -> Decimal:
    """What was paid."""
    made = await charge(client, farmer, installment["id"])
    amount = made["amount"]["amount"]
    narrator.step(
        f"{farmer.name} asks for a Pix code for installment {installment['number']}: R$ {amount}, "
        f"due {installment['dueOn']}"
    )
    narrator.aside(made["pix"]["brCode"])
    await pay_pix(client, made["pix"]["txid"], amount)

    async def paid() -> bool:
        answer = await client.graphql(INSTALLMENT, {"id": installment["id"]}, token=farmer.token)
        return bool(answer["installment"]["status"] == "PAID")

    await client.until("the installment being paid", paid)
    narrator.step("the gateway's webhook confirms; PaymentConfirmed goes out, the installment is paid")
    return Decimal(amount)


async def payouts_credited(
    client: Client, narrator: Narrator, investors: Sequence[Person], installment: dict[str, Any], paid: Decimal
) -> None:
    """Every investor's part of what was *paid* of an installment, which together are all of it to the cent."""
    gross = Decimal(0)
    for investor in investors:

        async def credited(investor: Person = investor) -> dict[str, Any] | None:
            nodes = (await client.graphql(PAYOUTS, token=investor.token))["me"]["payouts"]["nodes"]
            of_it = [node for node in nodes if node["distribution"]["installment"]["id"] == installment["id"]]
            return of_it[0] if of_it and of_it[0]["status"] == "CREDITED" else None

        payout = await client.until(f"the payout of {investor.name}", credited)
        gross += Decimal(payout["gross"]["amount"])
        narrator.step(
            f"{investor.name} receives R$ {payout['net']['amount']} "
            f"(principal {payout['principal']['amount']}, interest {payout['interest']['amount']}, "
            f"fee {payout['fee']['amount']}, tax {payout['tax']['amount']})"
        )
    if gross != paid:
        raise StoryFailed(f"the parts sum to {gross}, but {paid} was paid")


async def everybody_was_told(client: Client, narrator: Narrator, expected: list[tuple[Person, set[str]]]) -> None:
    """Every inbox holds what its owner should have been told."""
    for person, titles in expected:

        async def told(person: Person = person, titles: set[str] = titles) -> list[str] | None:
            nodes = (await client.graphql(INBOX, token=person.token))["me"]["notifications"]["nodes"]
            seen = [node["title"] for node in nodes]
            return seen if titles <= set(seen) else None

        seen = await client.until(f"the inbox of {person.name} holding {sorted(titles)}", told)
        narrator.step(f"{person.name}'s inbox: {', '.join(reversed(seen))}")
