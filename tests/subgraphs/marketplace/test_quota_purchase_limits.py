"""The limits of investing hold for who buys quotas, whatever they pay for them."""

import uuid

from subgraphs.marketplace.schemas import heard
from tests.subgraphs.marketplace.market import CARLOS, MARINA, Market
from tests.subgraphs.marketplace.secondary_market import OTHER, buy, lent_by, offer, swapped, traded


async def test_what_was_refused_or_sold_counts_no_more_in_the_limits(market: Market) -> None:
    """Marina has lent R$ 10,000 to the farmer; once half is sold she may have R$ 10,000 with them again."""
    _, position = await traded(market)
    made = await offer(market, position, 50)
    asked = await buy(market, made["id"], 50)
    await market.deliver(await swapped(market, asked["id"]))
    dear = await offer(market, uuid.UUID(asked["id"]), 50, "300.00", who=CARLOS)
    assert (await buy(market, dear["id"], 34, who=MARINA))["remaining"] == {"amount": "10000.00"}
    again = await buy(market, dear["id"], 33, who=MARINA)
    await market.deliver(heard.QuotaSwapRefused(purchase_id=uuid.UUID(again["id"]), reason="INSUFFICIENT_FUNDS"))
    assert (await buy(market, dear["id"], 33, who=MARINA))["status"] == "PENDING"


async def test_the_limits_of_investing_hold_for_the_buyer(market: Market) -> None:
    """What Carlos has asked for counts at once: with a second purchase he would pass R$ 15,000 with one farmer."""
    _, position = await traded(market)
    made = await offer(market, position, 100, "200.00")
    await market.verify(CARLOS)
    assert (await buy(market, made["id"], 60, phrase=None))["share"] == "1.0000"
    assert (await buy(market, made["id"], 60))["status"] == "PENDING"
    assert (await buy(market, made["id"], 16))["remaining"] == {"amount": "3000.00"}
    assert (await buy(market, made["id"], 15))["status"] == "PENDING"


async def test_selling_each_other_quotas_for_a_cent_gives_no_limit_back(market: Market) -> None:
    """Marina has lent R$ 10,000 and buys of Carlos for a cent each what she sold him: it counts as what was lent."""
    _, position = await traded(market)
    made = await offer(market, position, 100, "0.01")
    await market.verify(CARLOS)
    sold = await buy(market, made["id"], 100)
    await market.deliver(await swapped(market, sold["id"]))
    back = await offer(market, uuid.UUID(sold["id"]), 100, "0.01", who=CARLOS)
    returned = await buy(market, back["id"], 100, who=MARINA)
    assert (returned["status"], returned["amount"]) == ("PENDING", {"amount": "1.00"})
    await market.verify(OTHER)
    _, other = await lent_by(market, OTHER)
    dear = await offer(market, other, 51, "100.00", who=OTHER)
    assert (await buy(market, dear["id"], 51, who=MARINA))["remaining"] == {"amount": "5000.00"}
    await market.deliver(await swapped(market, returned["id"]))
    assert (await buy(market, dear["id"], 51, who=MARINA))["remaining"] == {"amount": "5000.00"}
    assert (await buy(market, dear["id"], 50, who=MARINA))["status"] == "PENDING"


async def test_quotas_below_their_value_count_as_what_was_lent_for_them(market: Market) -> None:
    """Of two CPRs of one farmer Carlos could otherwise have R$ 20,000 for two reais."""
    await market.verify(CARLOS, OTHER)
    for seller, quotas, answer in ((MARINA, 100, "QuotaPurchase"), (OTHER, 51, "BorrowerLimitExceeded")):
        _, position = await lent_by(market, seller)
        made = await offer(market, position, quotas, "0.01", who=seller)
        assert (await buy(market, made["id"], quotas))["__typename"] == answer
