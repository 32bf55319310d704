"""Two of the staff move money together: back to a payer, or as if something had not happened."""

from typing import Any

from story.open_things import PROPOSE
from story.people import DEPOSIT
from tests.chaos.deeds.money_in import arrived, bring, pay
from tests.chaos.deeds.turn import Turn, deed

APPROVE = """mutation ApproveMove($input: ApproveMoneyProposalInput!) { approveMoneyProposal(input: $input) {
  __typename ... on MoneyProposal { id } ... on Refusal { code message } } }"""

SUSPENDED = "query Suspended { suspendedPayments(first: 100) { nodes { id endToEndId } } }"
TRANSFERS = "query Transfers($of: ID!) { ledgerTransfers(filter: { reference: $of }, first: 5) { nodes { id kind } } }"


@deed("pay too much")
async def pay_too_much(turn: Turn) -> None:
    """What comes with another amount waits for staff, who give it back."""
    made = await turn.mutate(DEPOSIT, more="deposit", amount={"amount": turn.term("amount")})
    paid = await pay(turn, made["pix"]["txid"], "pix", amount=f"1{turn.term('amount')}")
    admin = turn.world.admin

    async def suspended() -> str | None:
        nodes = (await turn.client.graphql(SUSPENDED, token=admin.token))["suspendedPayments"]["nodes"]
        return next((node["id"] for node in nodes if node["endToEndId"] == paid["endToEndId"]), None)

    payment_id = await turn.client.until("the payment of another amount being in suspense", suspended)
    await _by_two(turn, kind="RETURN_PAYMENT", subjectId=payment_id)


@deed("have a deposit reversed")
async def reverse_deposit(turn: Turn) -> None:
    made, _ = await bring(turn, turn.term("amount"))
    await arrived(turn, made["id"])
    answer = await turn.client.graphql(TRANSFERS, {"of": made["id"]}, token=turn.world.admin.token)
    transfers = [node["id"] for node in answer["ledgerTransfers"]["nodes"] if node["kind"] == "DEPOSIT"]
    await _by_two(turn, kind="REVERSE_TRANSFER", subjectId=transfers[0])


async def _by_two(turn: Turn, **move: Any) -> None:
    """One proposes, another approves; what cannot be done is refused."""
    form = {**move, "reason": "Pedido do pagador, conferido.", "idempotencyKey": f"{turn.key}propose"}
    client, admin, approver = turn.client, turn.world.admin, turn.world.approver
    proposal = await client.mutate(admin, PROPOSE, form, times=turn.deed.times)
    if proposal["__typename"] == "MoneyProposal":
        # Approving has no key of its own: the same again finds it done.
        await client.mutate(approver, APPROVE, {"proposalId": proposal["id"]}, times=turn.deed.times)
