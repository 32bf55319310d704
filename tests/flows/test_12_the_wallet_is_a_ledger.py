"""What people and administrators see of the ledger: what its database keeps by itself is tried beside it."""

from decimal import Decimal
from typing import Any

from story.people import Person
from tests.flows.scene import Scene, key, reais

TRANSFERS = """query ($of: LedgerTransferFilter) { ledgerTransfers(filter: $of, first: 100) { nodes { id kind reversesId
  reference entries { side accountKind amount { amount } } } } }"""
STATEMENT = """{ me { wallet { available { amount } held { amount } statement(first: 50) { nodes { kind description
  amount { amount } balanceAfter { amount } } } } } }"""


async def transfers(scene: Scene, **of: Any) -> list[dict[str, Any]]:
    """The newest first."""
    nodes: list[dict[str, Any]] = (await scene.ask(TRANSFERS, scene.admin, of=of))["ledgerTransfers"]["nodes"]
    return nodes


async def farmer_and_investor(scene: Scene) -> tuple[Person, Person]:
    """After a CPR of R$ 1,000.00 was lent and its first installment of R$ 94.56 paid."""
    farmer, investor = await scene.verified("FARMER"), await scene.investor("1200.00")
    cpr = await scene.lent(farmer, [(investor, 10)])
    await scene.pay(await scene.charge(farmer, cpr["installments"][0]["id"]))
    await scene.payouts(investor, 1)
    return farmer, investor


async def test_the_entries_of_a_transfer_sum_to_zero(scene: Scene) -> None:
    farmer, investor = await farmer_and_investor(scene)
    moved = [*await transfers(scene, userId=farmer.id), *await transfers(scene, userId=investor.id)]
    assert {"DEPOSIT", "HOLD", "HOLD_CAPTURE", "DISBURSEMENT", "PAYOUT"} <= {one["kind"] for one in moved}
    for transfer in moved:
        sides = {"DEBIT": Decimal(0), "CREDIT": Decimal(0)}
        for entry in transfer["entries"]:
            sides[entry["side"]] += Decimal(entry["amount"]["amount"])
        assert sides["DEBIT"] == sides["CREDIT"] > 0


async def test_a_statement_is_what_its_balances_sum_to(scene: Scene) -> None:
    _, investor = await farmer_and_investor(scene)
    wallet = (await scene.ask(STATEMENT, investor))["me"]["wallet"]
    lines = [
        (line["kind"], line["amount"]["amount"], line["balanceAfter"]["amount"])
        for line in reversed(wallet["statement"]["nodes"])
    ]
    # Of 94.56 are 20.00 interest, of which the platform has 3.00.
    assert lines == [
        ("DEPOSIT", "1200.00", "1200.00"),
        ("HOLD", "-1000.00", "200.00"),
        ("PAYOUT", "91.56", "291.56"),
    ]
    assert (wallet["available"], wallet["held"]) == (reais("291.56"), reais("0.00"))


async def test_a_reversal_is_a_new_transfer_that_names_the_old_one_once(scene: Scene) -> None:
    investor, deposit_id = await scene.reversible_deposit("70.00")
    (deposit,) = await transfers(scene, userId=investor.id)

    async def propose() -> dict[str, Any]:
        form = {
            "kind": "REVERSE_TRANSFER", "subjectId": deposit_id, "reason": "Creditado por engano.",
            "idempotencyKey": key("reversal"),
        }  # fmt: skip
        select = "... on MoneyProposal { id } ... on TransferNotReversible { obstacle }"
        return await scene.do(scene.admin, "proposeMoneyMove", form, select)

    proposal_id = (await propose())["id"]
    await scene.do(scene.approver, "approveMoneyProposal", {"proposalId": proposal_id})
    reversal, kept = await transfers(scene, userId=investor.id)
    assert (reversal["kind"], reversal["reversesId"]) == ("REVERSAL", deposit_id)
    assert kept == deposit
    again = await propose()
    assert (again["__typename"], again["obstacle"]) == ("TransferNotReversible", "REVERSED_ALREADY")


async def test_the_check_of_the_books_tells_a_digest_of_all_entries(scene: Scene) -> None:
    """That it balances after all that was done here: `test_11_back_office.py`."""
    await farmer_and_investor(scene)
    query = "{ booksCheck { entries digest checkedAt } }"
    first = (await scene.ask(query, scene.admin))["booksCheck"]
    await scene.investor("10.00")
    second = (await scene.ask(query, scene.admin))["booksCheck"]
    assert int(second["entries"]) > int(first["entries"])
    assert first["digest"] != second["digest"]
