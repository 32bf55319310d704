"""What has not come as planned: an offering past its deadline, a CPR whose farmer cannot pay as agreed."""

from tests.builders.renegotiation import ANSWER, PROPOSE, VOTE
from tests.chaos.deeds.borrowing import newest_cpr
from tests.chaos.deeds.turn import Turn, deed

DECIDE = {
    "take": """mutation Take($input: TakePartialFundingInput!) { takePartialFunding(input: $input) {
  __typename ... on Offering { id } ... on Refusal { code message } } }""",
    "extend": """mutation Extend($input: ExtendOfferingInput!) { extendOffering(input: $input) {
  __typename ... on Offering { id } ... on Refusal { code message } } }""",
    "cancel": """mutation Cancel($input: CancelOfferingInput!) { cancelOffering(input: $input) {
  __typename ... on Offering { id } ... on Refusal { code message } } }""",
}

STATUS = "query RenegotiationStatus($id: ID!) { renegotiation(id: $id) { status } }"


@deed("decide about the offering")
async def decide(turn: Turn) -> None:
    """The farmer takes what there is, waits on, or gives it up."""
    cpr = await newest_cpr(turn)
    assert cpr is not None
    await turn.mutate(DECIDE[turn.term("how")], offeringId=cpr["offering"]["id"])


@deed("renegotiate")
async def renegotiate(turn: Turn) -> None:
    """Staff propose, the farmer agrees, the holders vote; who is not late enough is refused."""
    cpr = await newest_cpr(turn)
    if cpr is None:
        return
    world, client, times = turn.world, turn.client, turn.deed.times
    terms = {
        "cprId": cpr["id"], "annualRate": "0.12", "termMonths": turn.term("months"), "amortisation": "PRICE",
        "lateDiscount": "0", "reason": "Seca no município.", "idempotencyKey": f"{turn.key}propose",
    }  # fmt: skip
    proposed = await client.mutate(world.analyst, PROPOSE, terms, times=times)
    if proposed["__typename"] != "Renegotiation":
        return
    renegotiation_id = proposed["id"]
    await turn.mutate(ANSWER, more="answer", renegotiationId=renegotiation_id, agrees=turn.term("agrees"))

    async def is_voted_on() -> bool:
        """Or has ended before: a payment overtakes it."""
        answer = await turn.ask(STATUS, {"id": renegotiation_id})
        return answer["renegotiation"]["status"] not in ("PROPOSED", "VOTING") or await _vote(turn, renegotiation_id)

    await client.until(f"the renegotiation of {turn.player.part} being decided", is_voted_on)


async def _vote(turn: Turn, renegotiation_id: str) -> bool:
    """Every investor consents, as soon as it is known who holds quotas; False while it is not decided."""
    for player in turn.world.cast.values():
        if player.part.startswith("investor"):
            form = {
                "renegotiationId": renegotiation_id, "consents": True,
                "idempotencyKey": f"{turn.key}vote{turn.client.request_count}",
            }  # fmt: skip
            await turn.client.graphql(VOTE, {"input": form}, token=player.token)
    return False
