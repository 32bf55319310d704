"""Money that comes by Pix, rightly, wrongly, from others, and is wanted back."""

from typing import Any

from story.client import StoryFailed
from story.people import DEPOSIT
from tests.chaos.deeds.turn import Turn, deed

STRANGER = {"name": "João Prado", "tax_id": "52998224725", "bank": "Banco Verde"}
DEPOSIT_STATUS = "query DepositStatus($id: ID!) { deposit(id: $id) { status } }"


@deed("deposit")
async def deposit(turn: Turn) -> None:
    await bring(turn, turn.term("amount"), misbehave=turn.term("webhook"))


@deed("deposit for another")
async def deposit_for_another(turn: Turn) -> None:
    """Somebody else pays, and gets it back by the rule."""
    await bring(turn, turn.term("amount"), payer=STRANGER, ifReturned=turn.term("returned"))


@deed("lose a claim")
async def lose_claim(turn: Turn) -> None:
    """The payer's bank wants a deposit back, and gets it or not."""
    made, paid = await bring(turn, "20.00")
    await arrived(turn, made["id"])
    told = turn.term("told")
    claim = await claim_step(turn, {"step": "open", "endToEndId": paid["endToEndId"], "amount": "15.00", "told": told})
    if claim is not None:
        await claim_step(turn, {"step": turn.term("ends"), "claim": claim, "told": told})


async def claim_step(turn: Turn, step: dict[str, Any]) -> str | None:
    """The claim's name; None where an earlier try has done it already, of which the answer was lost."""
    try:
        told = await turn.client.post(f"{turn.client.addresses.wallet}/sandbox/pix/claim", step)
    except StoryFailed as failure:
        if "HTTP 409" in failure.codes:
            return None
        raise
    return str(told["claim"])


async def bring(turn: Turn, amount: str, *, more: str = "", **payment: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """A deposit is asked for and paid at the payer's bank: the deposit, and the payment."""
    made = await turn.mutate(DEPOSIT, more=f"deposit{more}", amount={"amount": amount})
    return made, await pay(turn, made["pix"]["txid"], "pix", **payment)


async def pay(turn: Turn, txid: str, method: str, **payment: Any) -> dict[str, Any]:
    """What the payer's bank does; a lost answer makes them pay twice, as people do."""
    order = {"txid": txid, **{name: value for name, value in payment.items() if value is not None}}
    paid: dict[str, Any] = await turn.client.post(f"{turn.client.addresses.wallet}/sandbox/{method}/pay", order)
    return paid


async def arrived(turn: Turn, deposit_id: str) -> None:
    async def confirmed() -> bool:
        return bool((await turn.ask(DEPOSIT_STATUS, {"id": deposit_id}))["deposit"]["status"] == "CONFIRMED")

    await turn.client.until(f"the deposit of {turn.player.part}", confirmed)
