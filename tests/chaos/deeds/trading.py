"""Quotas change hands between investors."""

import asyncio

from story.funding import PHRASE
from story.market import BUY, OFFER
from tests.chaos.deeds.turn import Turn, deed

POSITIONS = "query Positions { me { positions(isOpen: true, first: 20) { nodes { id quotaCount } } } }"

OFFERS = """query Offers { secondaryOffers(first: 50) { nodes {
  id isMine availableQuotas remainingInstallments } } }"""

WITHDRAW = """mutation Withdraw($input: WithdrawQuotaOfferInput!) { withdrawQuotaOffer(input: $input) {
  __typename ... on QuotaOffer { id } ... on Refusal { code message } } }"""

LOOKS_MAX = 10
"""How often somebody looks for an offer before they give up."""
LOOK_AGAIN_SECONDS = 0.3


@deed("sell quotas")
async def sell(turn: Turn) -> None:
    nodes = (await turn.ask(POSITIONS))["me"]["positions"]["nodes"]
    if not nodes:
        return
    position = nodes[0]
    offer = await turn.mutate(
        OFFER, positionId=position["id"], quotaCount=min(turn.term("quotas"), position["quotaCount"]),
        pricePerQuota={"amount": turn.term("price")},
    )  # fmt: skip
    if offer["__typename"] == "QuotaOffer":
        turn.player.kept["offer"] = offer["id"]


@deed("buy quotas")
async def buy(turn: Turn) -> None:
    """Of the cheapest offer of somebody else; part of it, if it has more."""
    for _ in range(LOOKS_MAX):
        offers = (await turn.ask(OFFERS))["secondaryOffers"]["nodes"]
        if others := [one for one in offers if not one["isMine"] and one["availableQuotas"]]:
            await turn.mutate(
                BUY, offerId=others[0]["id"], quotaCount=min(turn.term("quotas"), others[0]["availableQuotas"]),
                remainingInstallments=others[0]["remainingInstallments"], confirmationPhrase=PHRASE,
            )  # fmt: skip
            return
        await asyncio.sleep(LOOK_AGAIN_SECONDS)


@deed("withdraw the offer")
async def withdraw(turn: Turn) -> None:
    """The seller's last; it may be sold by then."""
    for _ in range(LOOKS_MAX):
        if offer_id := turn.player.kept.get("offer"):
            # It has no key of its own: the same again finds it done.
            await turn.client.mutate(turn.player, WITHDRAW, {"offerId": offer_id}, times=turn.deed.times)
            return
        await asyncio.sleep(LOOK_AGAIN_SECONDS)
