"""Flow 7: an installment that nobody paid, from its due date to the CPR's default."""

from datetime import date, timedelta
from typing import Any

from story.people import Person
from tests.flows.scene import Scene, reais, request_form


async def late(scene: Scene, days: int) -> tuple[Person, Person, dict[str, Any]]:
    """A farmer whose first installment of R$ 945.60 is so many days late, who lent it, and the CPR."""
    farmer, investor = await scene.verified("FARMER"), await scene.investor("10000.00")
    cpr = await scene.lent(farmer, [(investor, 100)])
    due_on = date.fromisoformat(cpr["installments"][0]["dueOn"])
    await scene.pass_to(due_on + timedelta(days=days), farmer, investor)
    await scene.installment_in(farmer, cpr["id"], 1, "LATE")
    return farmer, investor, cpr


async def test_17_days_late_945_60_cost_a_fine_of_18_91_and_interest_of_5_36(scene: Scene) -> None:
    farmer, _, cpr = await late(scene, 17)
    first = (await scene.installments(farmer, cpr["id"]))[0]
    assert first["lateCharges"] == {
        "daysLate": 17, "fine": reais("18.91"), "interest": reais("5.36"), "total": reais("969.87"),
    }  # fmt: skip
    assert first["dueToday"]["total"] == reais("969.87")


async def test_fine_and_interest_are_charged_and_their_holders_get_them(scene: Scene) -> None:
    farmer, investor, cpr = await late(scene, 17)
    charge = await scene.charge(farmer, cpr["installments"][0]["id"])
    assert charge["amount"] == reais("969.87")
    await scene.pay(charge)
    await scene.installment_in(farmer, cpr["id"], 1, "PAID")
    (payout,) = await scene.payouts(investor, 1)
    assert (payout["gross"], payout["principal"]) == (reais("969.87"), reais("745.60"))


async def test_on_its_due_date_an_installment_is_not_late(scene: Scene) -> None:
    farmer, investor = await scene.verified("FARMER"), await scene.investor("10000.00")
    cpr = await scene.lent(farmer, [(investor, 100)])
    await scene.pass_to(date.fromisoformat(cpr["installments"][0]["dueOn"]), farmer, investor)
    first = (await scene.installments(farmer, cpr["id"]))[0]
    assert (first["status"], first["lateCharges"]) == ("SCHEDULED", None)


async def test_farmer_and_holders_are_told_that_it_is_late(scene: Scene) -> None:
    farmer, investor, _ = await late(scene, 2)
    await scene.told(farmer, "Parcela em atraso")
    await scene.told(investor, "Parcela em atraso na sua carteira")


async def test_more_than_30_days_late_is_default_and_no_new_credit(scene: Scene) -> None:
    farmer, investor, cpr = await late(scene, 30)
    assert (await status_of(scene, farmer, cpr)) == "ACTIVE"
    await scene.pass_days(1, farmer, investor)

    async def defaulted() -> bool:
        return await status_of(scene, farmer, cpr) == "DEFAULTED"

    await scene.until("the CPR being in default", defaulted)
    await scene.told(farmer, "CPR inadimplente")
    await scene.told(investor, "CPR inadimplente na sua carteira")

    async def refused() -> dict[str, Any] | None:
        answer = await scene.do(farmer, "requestCredit", request_form(), "... on FarmerInArrears { cprId }")
        return answer if answer["__typename"] == "FarmerInArrears" else None

    assert (await scene.until("credit knowing of the default", refused))["cprId"] == cpr["id"]


async def status_of(scene: Scene, farmer: Person, cpr: dict[str, Any]) -> str:
    seen = await scene.ask("query ($id: ID!) { cpr(id: $id) { status } }", farmer, id=cpr["id"])
    status: str = seen["cpr"]["status"]
    return status
