"""Farmers pay what they owe: by Pix, by boleto, from the wallet, one installment or all that is left."""

from decimal import Decimal
from typing import Any

from story.settlement import SETTLE
from tests.chaos.deeds.borrowing import newest_cpr
from tests.chaos.deeds.investing import has_available
from tests.chaos.deeds.money_in import pay
from tests.chaos.deeds.turn import Turn, deed

CHARGE = """mutation Charge($input: CreateChargeInput!) { createCharge(input: $input) {
  __typename ... on Charge { id pix { txid } boleto { barcode } } ... on Refusal { code message } } }"""

PAY = """mutation Pay($input: PayInstallmentInput!) { payInstallment(input: $input) {
  __typename ... on InstallmentPayment { id } ... on Refusal { code message } } }"""

DUE = "query Due($id: ID!) { installment(id: $id) { dueToday { total { amount } } } }"

LEFT = "query Left($id: ID!) { cpr(id: $id) { status earlySettlement { total { amount } } } }"


@deed("pay an installment")
async def pay_installment(turn: Turn) -> None:
    """The first that is owed; some pay it twice, some before it is due for less."""
    owed = await _first_owed(turn)
    if owed is None:
        return
    if turn.term("method") == "WALLET":
        due = (await turn.ask(DUE, {"id": owed["id"]}))["installment"]["dueToday"]
        if due is not None:
            await has_available(turn, Decimal(due["total"]["amount"]))
        await turn.mutate(PAY, more="pay", installmentId=owed["id"])
        return
    charge = await turn.mutate(
        CHARGE, more="charge", installmentId=owed["id"], method=turn.term("method"), early=bool(turn.term("early"))
    )
    if charge["__typename"] != "Charge":
        return
    by_pix = turn.term("method") == "PIX"
    code = charge["pix"]["txid"] if by_pix else charge["boleto"]["barcode"]
    for _ in range(2 if turn.term("twice") else 1):
        await pay(turn, code, "pix" if by_pix else "boleto", misbehave=turn.term("webhook"))


@deed("settle the CPR")
async def settle(turn: Turn) -> None:
    """All that is left, at once and from the wallet."""
    cpr = await newest_cpr(turn)
    if cpr is None:
        return
    left = (await turn.ask(LEFT, {"id": cpr["id"]}))["cpr"]["earlySettlement"]
    if left is not None:
        await has_available(turn, Decimal(left["total"]["amount"]))
        await turn.mutate(SETTLE, more="settle", cprId=cpr["id"])


async def _first_owed(turn: Turn) -> dict[str, Any] | None:
    cpr = await newest_cpr(turn)
    if cpr is None or cpr["status"] not in ("ACTIVE", "DEFAULTED"):
        return None
    owed = [one for one in cpr["installments"] if one["status"] in ("SCHEDULED", "LATE")]
    return min(owed, key=lambda one: int(one["number"])) if owed else None
