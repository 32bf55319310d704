"""Flow 3: from the approval to the registered CPR and its offering."""

import uuid
from decimal import Decimal
from typing import Any

import pytest

from story import credit
from story.people import Person, expect
from subgraphs.shared.business_days import add_business_days
from tests.flows.scene import ORIGINATION, TWO_PERCENT_A_MONTH, Scene, reais

DRAFT = """query ($id: ID!) { cpr(id: $id) { number status principal { amount } annualRate termMonths amortisation
  documentDigest document riskGrade issuedOn registrationDueOn registry registrationNumber
  installments { number principal { amount } interest { amount } amount { amount } } offering { id } } }"""


async def drafted(scene: Scene, farmer: Person, **changes: Any) -> dict[str, Any]:
    """The CPR that the approval of a request drafts, as its farmer sees it."""
    await scene.approved(farmer, **changes)
    cpr_id = (await credit.cpr_in(scene.client, farmer, "DRAFTED"))["id"]
    cpr: dict[str, Any] = (await scene.ask(DRAFT, farmer, id=cpr_id))["cpr"]
    return {**cpr, "id": cpr_id}


def amounts(cpr: dict[str, Any], what: str = "amount") -> list[str]:
    return [installment[what]["amount"] for installment in cpr["installments"]]


def total(cpr: dict[str, Any], what: str) -> Decimal:
    return sum((Decimal(amount) for amount in amounts(cpr, what)), Decimal(0))


async def test_an_approval_drafts_a_cpr_at_the_rate_of_its_grade(scene: Scene) -> None:
    cpr = await drafted(scene, await scene.verified("FARMER"))
    assert (cpr["status"], cpr["principal"], cpr["termMonths"]) == ("DRAFTED", reais("10000.00"), 12)
    assert cpr["annualRate"] == TWO_PERCENT_A_MONTH
    assert cpr["riskGrade"] in ORIGINATION


async def test_price_of_10000_at_2_percent_is_945_60_and_the_last_installment_absorbs_the_rest(scene: Scene) -> None:
    cpr = await drafted(scene, await scene.verified("FARMER"), amortisation="PRICE")
    assert amounts(cpr) == ["945.60"] * 11 + ["945.55"]
    assert total(cpr, "interest") == Decimal("1347.15")
    assert total(cpr, "principal") == Decimal("10000.00")


async def test_sac_of_10000_at_2_percent_falls_from_1033_33_to_850_04(scene: Scene) -> None:
    cpr = await drafted(scene, await scene.verified("FARMER"), amortisation="SAC")
    assert amounts(cpr)[:2] == ["1033.33", "1016.66"]
    assert amounts(cpr)[-1] == "850.04"
    assert total(cpr, "interest") == Decimal("1300.00")
    assert total(cpr, "principal") == Decimal("10000.00")


async def test_one_bullet_pays_all_at_harvest(scene: Scene) -> None:
    cpr = await drafted(scene, await scene.verified("FARMER"), amortisation="BULLET", termMonths=12)
    assert amounts(cpr) == ["12682.42"]  # 10,000 x 1.02^12
    assert amounts(cpr, "principal") == ["10000.00"]


async def test_it_is_signed_registered_within_30_business_days_and_offered(scene: Scene) -> None:
    farmer, investor = await scene.verified("FARMER"), await scene.newcomer("INVESTOR")
    draft = await drafted(scene, farmer)
    assert (await scene.ask(DRAFT, investor, id=draft["id"]))["cpr"] is None  # nobody else's business yet
    offered = await credit.sign_and_register(scene.client, scene.narrator, farmer)
    cpr = (await scene.ask(DRAFT, investor, id=draft["id"]))["cpr"]
    assert (cpr["status"], cpr["registry"], cpr["offering"]) == ("REGISTERED", "B3", {"id": offered["offering"]["id"]})
    assert cpr["registrationNumber"].startswith("B3-")
    issued = scene.today
    assert cpr["issuedOn"] == issued.isoformat()
    assert cpr["registrationDueOn"] == add_business_days(issued, 30).isoformat()


async def sandbox(scene: Scene, which: str, **order: Any) -> None:
    answer = await scene.http("POST", f"{scene.client.addresses.contracts}/sandbox/{which}", json=order)
    assert answer.status == 204, answer.body


async def sign(scene: Scene, farmer: Person, draft: dict[str, Any]) -> None:
    form = {"cprId": draft["id"], "documentDigest": draft["documentDigest"], "idempotencyKey": str(uuid.uuid4())}
    expect(await scene.do(farmer, "signCPR", form), "CPR")


@pytest.mark.parametrize("provider", ["signature", "registry"])
async def test_a_party_outside_that_fails_and_answers_twice_registers_it_once(scene: Scene, provider: str) -> None:
    farmer = await scene.verified("FARMER")
    draft = await drafted(scene, farmer)
    await sandbox(scene, provider, misbehave="unavailable", times=1)
    await sandbox(scene, provider, misbehave="duplicate", times=1)
    await sign(scene, farmer, draft)
    cpr = await credit.cpr_in(scene.client, farmer, "REGISTERED")
    assert cpr["id"] == draft["id"]


@pytest.mark.parametrize("path", ["/webhooks/signature", "/webhooks/registry"])
async def test_an_answer_that_is_not_signed_by_its_party_is_refused(scene: Scene, path: str) -> None:
    answer = await scene.http("POST", f"{scene.client.addresses.contracts}{path}", json={"type": "signed"})
    assert answer.status == 401
