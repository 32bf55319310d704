"""Chapter 3: investors fund the CPR, within their money and their limits; the farmer is paid."""

import uuid
from typing import Any

from story.client import Client
from story.credit import cpr_in
from story.narrator import Narrator
from story.people import Person, available, expect

INVEST = """mutation Invest($input: InvestInput!) { invest(input: $input) {
  __typename
  ... on Investment { id status amount { amount } }
  ... on BorrowerLimitExceeded { limit { amount } requested { amount } }
  ... on ConcentrationNotConfirmed { phrase }
  ... on Refusal { code message } } }"""

INVESTMENTS = """query Investments { me { investments(first: 20) { nodes {
  id status refusalReason amount { amount } } } } }"""

PHRASE = "EU ENTENDO O RISCO"


async def invest(client: Client, investor: Person, offering_id: str, quotas: int, **more: Any) -> dict[str, Any]:
    request = {
        "offeringId": offering_id,
        "quotaCount": quotas,
        "idempotencyKey": f"invest-{uuid.uuid4().hex}",
        **more,
    }
    answer: dict[str, Any] = (await client.graphql(INVEST, {"input": request}, token=investor.token))["invest"]
    return answer


async def investment_in(client: Client, investor: Person, investment_id: str, status: str) -> dict[str, Any]:
    """The investment once it has *status*."""

    async def reached() -> dict[str, Any] | None:
        nodes = (await client.graphql(INVESTMENTS, token=investor.token))["me"]["investments"]["nodes"]
        return next((node for node in nodes if node["id"] == investment_id and node["status"] == status), None)

    return await client.until(f"the investment of {investor.name} being {status}", reached)


async def refused_over_limit(client: Client, narrator: Narrator, investor: Person, offering_id: str) -> None:
    answer = expect(
        await invest(client, investor, offering_id, 151, confirmationPhrase=PHRASE), "BorrowerLimitExceeded"
    )
    narrator.step(f"{investor.name} tries R$ 15100.00 and is refused: “{answer['message']}”")


async def refused_for_lack_of_money(client: Client, narrator: Narrator, investor: Person, offering_id: str) -> None:
    answer = expect(await invest(client, investor, offering_id, 100, confirmationPhrase=PHRASE), "Investment")
    await investment_in(client, investor, answer["id"], "REFUSED")
    narrator.step(
        f"{investor.name} tries R$ 10000.00 with R$ {await available(client, investor)} in the wallet: "
        "the wallet refuses the hold, the quotas are free again"
    )


async def fund(
    client: Client, narrator: Narrator, offering_id: str, parts: list[tuple[Person, int]], *, asks_first: bool = True
) -> dict[str, str]:
    """
    Everybody's investment by name; the last one completes the offering.

    The first investor is told of the concentration first, where it is so large that the platform *asks_first*.
    """
    made = {}
    for number, (investor, quotas) in enumerate(parts):
        if number == 0 and asks_first:
            unconfirmed = await invest(client, investor, offering_id, quotas)
            phrase = expect(unconfirmed, "ConcentrationNotConfirmed")["phrase"]
            narrator.step(f"{investor.name} is asked to confirm the concentration: “{phrase}”")
        answer = expect(await invest(client, investor, offering_id, quotas, confirmationPhrase=PHRASE), "Investment")
        await investment_in_any(client, investor, answer["id"])
        made[investor.name] = answer["id"]
        narrator.step(f"{investor.name} invests R$ {answer['amount']['amount']}; the wallet holds the money")
    return made


async def investment_in_any(client: Client, investor: Person, investment_id: str) -> None:
    """Wait until the wallet has answered: the last investor's is active as soon as the farmer is paid."""

    async def answered() -> bool:
        nodes = (await client.graphql(INVESTMENTS, token=investor.token))["me"]["investments"]["nodes"]
        return any(node["id"] == investment_id and node["status"] in ("CONFIRMED", "ACTIVE") for node in nodes)

    await client.until(f"the investment of {investor.name} being confirmed", answered)


async def disbursed(client: Client, narrator: Narrator, farmer: Person) -> dict[str, Any]:
    """The active CPR with its final schedule."""
    cpr = await cpr_in(client, farmer, "ACTIVE")
    narrator.step(
        f"the offering is funded: holds are captured, fee and tax taken, "
        f"R$ {await available(client, farmer)} disbursed to {farmer.name}"
    )
    return cpr
