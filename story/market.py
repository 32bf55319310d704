"""Chapter 6: an investor who needs money sells quotas to another."""

import uuid
from typing import Any

from story.client import Client
from story.funding import PHRASE
from story.narrator import Narrator
from story.people import Person, expect

POSITIONS = """query Positions { me { positions(isOpen: true, first: 20) { nodes {
  id quotaCount cpr { id } fairPrice { pricePerQuota { amount } } } } } }"""

OFFER = """mutation Offer($input: OfferQuotasInput!) { offerQuotas(input: $input) {
  __typename ... on QuotaOffer { id remainingInstallments } ... on Refusal { code message } } }"""

BUY = """mutation Buy($input: BuyQuotasInput!) { buyQuotas(input: $input) {
  __typename ... on QuotaPurchase { id amount { amount } } ... on Refusal { code message } } }"""

PURCHASES = "query Purchases { me { quotaPurchases(first: 5) { nodes { id status refusalReason } } } }"


async def offer_quotas(
    client: Client, narrator: Narrator, seller: Person, cpr_id: str, *, quotas: int, price: str
) -> dict[str, Any]:
    """The open offer of a part of what *seller* holds of the CPR."""
    nodes = (await client.graphql(POSITIONS, token=seller.token))["me"]["positions"]["nodes"]
    position = next(node for node in nodes if node["cpr"]["id"] == cpr_id)
    form = {
        "positionId": position["id"],
        "quotaCount": quotas,
        "pricePerQuota": {"amount": price},
        "idempotencyKey": f"offer-{uuid.uuid4().hex}",
    }
    answer = await client.graphql(OFFER, {"input": form}, token=seller.token)
    offer = expect(answer["offerQuotas"], "QuotaOffer")
    narrator.step(
        f"{seller.name} offers {quotas} of {position['quotaCount']} quotas at R$ {price} each; "
        f"R$ {position['fairPrice']['pricePerQuota']['amount']} would be fair"
    )
    return offer


async def buy_quotas(client: Client, narrator: Narrator, buyer: Person, offer: dict[str, Any], quotas: int) -> None:
    """Quotas and money change hands together."""
    form = {
        "offerId": offer["id"],
        "quotaCount": quotas,
        "remainingInstallments": offer["remainingInstallments"],
        "confirmationPhrase": PHRASE,
        "idempotencyKey": f"purchase-{uuid.uuid4().hex}",
    }
    purchase = expect((await client.graphql(BUY, {"input": form}, token=buyer.token))["buyQuotas"], "QuotaPurchase")

    async def completed() -> bool:
        nodes = (await client.graphql(PURCHASES, token=buyer.token))["me"]["quotaPurchases"]["nodes"]
        return any(node["id"] == purchase["id"] and node["status"] == "COMPLETED" for node in nodes)

    await client.until(f"{buyer.name} having the quotas", completed)
    narrator.step(f"{buyer.name} buys {quotas} of them for R$ {purchase['amount']['amount']}")
