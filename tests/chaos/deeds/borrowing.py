"""A farmer asks for credit, is scored and approved, signs, and is offered to investors; and decides when it ends."""

import secrets
from typing import Any

from story.client import StoryFailed
from story.credit import APPROVE, MY_CPRS, QUEUE, REQUEST, SIGN
from tests.chaos.deeds.turn import Turn, deed


@deed("borrow")
async def borrow(turn: Turn) -> None:
    addresses = turn.client.addresses
    await _misbehave(turn, f"{addresses.credit}/sandbox/bureau", turn.term("bureau"))
    await _misbehave(turn, f"{addresses.contracts}/sandbox/signature", turn.term("signature"))
    await _misbehave(turn, f"{addresses.contracts}/sandbox/registry", turn.term("registry"))
    request = await turn.mutate(
        REQUEST,
        amount={"amount": f"{turn.term('quotas') * 100}.00"},
        termMonths=turn.term("months"),
        purpose="INPUTS",
        crop="SOY",
        hectares="32",
        landTenure="OWNED",
        region="MT",
        municipality="5107925",
        carNumber=f"MT-5107925-{secrets.token_hex(16).upper()}",
        certifications=["RESPONSIBLE_SOY"],
        lastCycleRevenue={"amount": "420000.00"},
        familiesBenefited=3,
        amortisation=turn.term("amortisation"),
    )
    await _approved(turn, request["id"])
    drafted = await cpr_of(turn, lambda cpr: cpr["status"] == "DRAFTED" or cpr["registrationNumber"])
    await turn.mutate(SIGN, more="sign", cprId=drafted["id"], documentDigest=drafted["documentDigest"])
    await cpr_of(turn, lambda cpr: bool(cpr["offering"]))


async def _misbehave(turn: Turn, url: str, how: str | None) -> None:
    if how is not None:
        await turn.client.post(url, {"misbehave": how})


async def _approved(turn: Turn, request_id: str) -> None:
    analyst = turn.world.analyst

    async def decided() -> bool:
        nodes = (await turn.client.graphql(QUEUE, token=analyst.token))["creditRequests"]["nodes"]
        if any(node["id"] == request_id for node in nodes):
            await turn.client.graphql(APPROVE, {"input": {"creditRequestId": request_id}}, token=analyst.token)
        return await newest_cpr(turn) is not None

    await turn.client.until(f"the CPR of {turn.player.part} being drafted", decided)


async def newest_cpr(turn: Turn) -> dict[str, Any] | None:
    """The farmer's own."""
    nodes = (await turn.ask(MY_CPRS))["me"]["cprs"]["nodes"]
    return nodes[0] if nodes else None


async def cpr_of(turn: Turn, has_come_so_far: Any) -> dict[str, Any]:
    """The farmer's CPR, once it is as wanted."""

    async def reached() -> dict[str, Any] | None:
        cpr = await newest_cpr(turn)
        return cpr if cpr and has_come_so_far(cpr) else None

    try:
        return await turn.client.until(f"the CPR of {turn.player.part}", reached)
    except StoryFailed as failure:
        raise StoryFailed(f"{failure}; it is {await newest_cpr(turn)}") from None
