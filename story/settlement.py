"""Chapter 8: the farmer pays all that is left before it is due, and the interest that has not accrued is taken off."""

import uuid
from decimal import Decimal
from typing import Any

from story.client import Client
from story.narrator import Narrator
from story.people import Person, available, deposit, expect

OWED = """query Owed { me { cprs(first: 20) { nodes { id number status
  earlySettlement { total { amount } outstanding { amount } reduction { amount } } } } } }"""

SETTLE = """mutation Settle($input: SettleCPRInput!) { settleCPR(input: $input) {
  __typename ... on CPRSettlement { amount { amount } payments { id } } ... on Refusal { code message } } }"""


async def settle(client: Client, narrator: Narrator, farmer: Person, cpr_id: str) -> None:
    """All that is left of the CPR is paid from the wallet, into which what is missing comes before."""

    async def owed() -> dict[str, Any]:
        nodes = (await client.graphql(OWED, token=farmer.token))["me"]["cprs"]["nodes"]
        return next(node for node in nodes if node["id"] == cpr_id)

    cpr = await owed()
    price = cpr["earlySettlement"]
    missing = Decimal(price["total"]["amount"]) - Decimal(await available(client, farmer))
    if missing > 0:
        await deposit(client, narrator, farmer, str(missing))
    form = {"cprId": cpr_id, "idempotencyKey": f"settlement-{uuid.uuid4().hex}"}
    answer = await client.graphql(SETTLE, {"input": form}, token=farmer.token)
    settlement = expect(answer["settleCPR"], "CPRSettlement")

    async def settled() -> bool:
        return bool((await owed())["status"] == "SETTLED")

    await client.until(f"CPR {cpr['number']} being settled", settled)
    narrator.step(
        f"{farmer.name} settles CPR {cpr['number']}: {len(settlement['payments'])} installments at once, "
        f"R$ {settlement['amount']['amount']} instead of R$ {price['outstanding']['amount']}"
    )


async def settle_what_is_left(client: Client, narrator: Narrator, farmer: Person) -> None:
    """What an earlier telling left of the farmer's debts, so that nothing stands against new credit."""
    nodes = (await client.graphql(OWED, token=farmer.token))["me"]["cprs"]["nodes"]
    for cpr in nodes:
        if cpr["status"] in ("ACTIVE", "DEFAULTED"):
            await settle(client, narrator, farmer, cpr["id"])
