"""Investors put money into offerings: too much of it at once, and at last what is left."""

from decimal import Decimal
from typing import Any

from story.funding import INVEST, INVESTMENTS, PHRASE
from story.people import BALANCE
from tests.chaos.deeds.borrowing import newest_cpr
from tests.chaos.deeds.money_in import bring
from tests.chaos.deeds.turn import Turn, deed

OFFERING = "query Offering($id: ID!) { offering(id: $id) { status availableQuotas reservedQuotas fundedQuotas } }"


@deed("invest")
async def invest(turn: Turn) -> None:
    """What the wallet says to it, and whether there are so many quotas, the people learn later."""
    await _invest(turn, await offering_of(turn, turn.term("farmer")), turn.term("quotas"))


@deed("fund the rest")
async def fund_rest(turn: Turn) -> None:
    """As often as needed somebody brings the money for what is left, and invests it."""
    offering_id = await offering_of(turn, turn.term("farmer"))
    for attempt in range(10):
        offering = (await turn.ask(OFFERING, {"id": offering_id}))["offering"]
        if offering["status"] != "OPEN" or not offering["availableQuotas"]:
            return
        quotas = offering["availableQuotas"]
        await has_available(turn, Decimal(100 * quotas), more=str(attempt))
        made = await _invest(turn, offering_id, quotas, more=str(attempt))
        if made["__typename"] == "Investment":
            await _answered(turn, made["id"])


async def _invest(turn: Turn, offering_id: str, quotas: int, *, more: str = "") -> dict[str, Any]:
    return await turn.mutate(INVEST, more=more, offeringId=offering_id, quotaCount=quotas, confirmationPhrase=PHRASE)


async def offering_of(turn: Turn, farmer: str) -> str:
    """The offering of the *farmer* of the plan, by the farmer's own list of CPRs."""
    cpr = await newest_cpr(Turn(turn.world, turn.world.cast[farmer], turn.deed, turn.key))
    assert cpr is not None, farmer
    return str(cpr["offering"]["id"])


async def has_available(turn: Turn, amount: Decimal, *, more: str = "") -> None:
    """Bring what is missing of *amount*, and wait for it."""

    async def available() -> Decimal:
        return Decimal((await turn.ask(BALANCE))["me"]["wallet"]["available"]["amount"])

    missing = amount - await available()
    if missing <= 0:
        return
    await bring(turn, f"{max(missing, Decimal(1)):.2f}", more=more)

    async def is_there() -> bool:
        return await available() >= amount

    await turn.client.until(f"the money of {turn.player.part}", is_there)


async def _answered(turn: Turn, investment_id: str) -> None:
    async def answered() -> bool:
        nodes = (await turn.ask(INVESTMENTS))["me"]["investments"]["nodes"]
        return any(node["id"] == investment_id and node["status"] != "PENDING" for node in nodes)

    await turn.client.until(f"the investment of {turn.player.part} being answered", answered)
