"""Flow 2: from a request for credit to the analyst's decision, and a score that explains itself."""

import asyncio
import io
from typing import Any

import aiohttp
import pytest

from story import credit
from story.people import Person, expect
from tests.flows.scene import Scene, reais, request_form
from tests.subgraphs.credit.credit_builders import JPEG, PDF, PNG

REQUESTED = """... on CreditRequest { id status amount { amount } termMonths purpose crop hectares landTenure region
  municipality carNumber certifications lastCycleRevenue { amount } }"""
HEX = "0123456789ABCDEF0123456789ABCDEF"
SCORED = """query ($id: ID!) { creditRequest(id: $id) { status score { id score grade basePoints
  factors { code points sign text improvement { points text } } }
  documents { kind mediaType } steps { status reachedAt } decision { verdict reason } } }"""


async def requested(scene: Scene, farmer: Person, **changes: Any) -> str:
    """Its id. What the farmer agreed to at sign-up may still be on its way to credit, which then says so."""

    async def taken() -> dict[str, Any] | None:
        answer = await scene.do(farmer, "requestCredit", request_form(**changes), REQUESTED)
        return None if answer["__typename"] == "ConsentRequired" else answer

    request_id: str = expect(await scene.until("what credit heard of the farmer", taken), "CreditRequest")["id"]
    return request_id


async def scored(scene: Scene, farmer: Person, request_id: str, *, but: str = "") -> dict[str, Any]:
    """The request once it has a score that is not *but* an earlier one."""

    async def reached() -> dict[str, Any] | None:
        request: dict[str, Any] = (await scene.ask(SCORED, farmer, id=request_id))["creditRequest"]
        return request if request["score"] and request["score"]["id"] != but else None

    return await scene.until("the AgroScore", reached)


async def bureau(scene: Scene, **order: Any) -> None:
    answer = await scene.http("POST", f"{scene.client.addresses.credit}/sandbox/bureau", json=order)
    assert answer.status == 204


async def upload(scene: Scene, farmer: Person, request_id: str, content: bytes, name: str = "documento") -> int:
    form = aiohttp.FormData()
    form.add_field("creditRequestId", request_id)
    form.add_field("kind", "LAND_TITLE")
    form.add_field("file", io.BytesIO(content), filename=name, content_type="application/octet-stream")
    url = f"{scene.client.addresses.credit}/credit/documents"
    return (await scene.http("POST", url, by=farmer, data=form)).status


async def test_a_request_has_amount_term_purpose_crop_land_and_revenue(scene: Scene) -> None:
    farmer = await scene.verified("FARMER")
    form = request_form(carNumber=f"MT-5107925-{HEX}")
    answer = await scene.do(farmer, "requestCredit", form, REQUESTED)
    assert answer | {"id": "…"} == {
        "__typename": "CreditRequest", "id": "…", "status": "SUBMITTED", "amount": reais("10000.00"), "termMonths": 12,
        "purpose": "INPUTS", "crop": "SOY", "hectares": "32", "landTenure": "OWNED", "region": "MT",
        "municipality": "5107925", "carNumber": f"MT-5107925-{HEX}", "certifications": ["RESPONSIBLE_SOY"],
        "lastCycleRevenue": reais("420000.00"),
    }  # fmt: skip


@pytest.mark.parametrize(
    "car_number",
    [f"SP-5107925-{HEX}", f"MT-3550308-{HEX}", f"MT-5107925-{HEX[:-1]}", f"MT-5107925-{'G' * 32}", "MT-5107925"],
)
async def test_a_car_number_is_state_municipality_and_32_hex_digits_which_agree(scene: Scene, car_number: str) -> None:
    farmer = await scene.newcomer("FARMER")
    form = request_form(carNumber=car_number)
    answer = await scene.do(farmer, "requestCredit", form, "... on InvalidInput { field }")
    assert (answer["__typename"], answer["field"]) == ("InvalidInput", "carNumber")


GRADES = (("A", 800), ("B", 700), ("C", 600), ("D", 500), ("E", 0))
"""Which score a grade begins with."""
BYTES_MAX = 10 * 1024 * 1024


def pdf_of(size: int) -> bytes:
    return PDF[:9] + b" " * (size - len(PDF)) + PDF[9:]


async def test_documents_are_pdf_jpg_or_png_by_their_content_not_by_their_name(scene: Scene) -> None:
    farmer = await scene.newcomer("FARMER")
    request_id = await requested(scene, farmer)
    await scored(scene, farmer, request_id)
    assert await upload(scene, farmer, request_id, b"MZ a program", "matricula.pdf") == 400
    assert [await upload(scene, farmer, request_id, content, "foto.exe") for content in (PDF, PNG, JPEG)] == [201] * 3
    kept = (await scene.ask(SCORED, farmer, id=request_id))["creditRequest"]["documents"]
    assert sorted(one["mediaType"] for one in kept) == ["application/pdf", "image/jpeg", "image/png"]


async def test_a_document_has_10_mb_at_most(scene: Scene) -> None:
    farmer = await scene.newcomer("FARMER")
    request_id = await requested(scene, farmer)
    assert await upload(scene, farmer, request_id, pdf_of(BYTES_MAX)) == 201
    assert await upload(scene, farmer, request_id, pdf_of(BYTES_MAX + 1)) == 413


async def test_a_request_is_scored_by_itself_from_0_to_1000_and_the_grade_is_the_scores(scene: Scene) -> None:
    grades = set()
    for profile in ("excellent", "indebted", "poor"):
        farmer = await scene.newcomer("FARMER")
        await bureau(scene, subject=farmer.id, profile=profile)
        request = await scored(scene, farmer, await requested(scene, farmer))
        points, grade = request["score"]["score"], request["score"]["grade"]
        assert 0 <= points <= 1000
        assert grade == next(
            name for name, least in (("A", 800), ("B", 700), ("C", 600), ("D", 500), ("E", 0)) if points >= least
        )
        assert request["status"] == "IN_ANALYSIS"
        grades.add(grade)
    assert {"A", "E"} <= grades


async def test_a_score_is_made_when_the_bureau_answers_again(scene: Scene) -> None:
    farmer = await scene.newcomer("FARMER")
    await bureau(scene, misbehave="unavailable", times=2)
    request = await scored(scene, farmer, await requested(scene, farmer))
    reached = {step["status"]: step["reachedAt"] for step in request["steps"]}
    assert reached["SUBMITTED"] <= reached["SCORING"] <= reached["IN_ANALYSIS"]


async def test_limits_are_platform_parameters(scene: Scene) -> None:
    farmer = await scene.newcomer("FARMER")
    book = '{ creditParameters(rule: "credit_policies") { rows { table isInForce values { name value } } } }'
    rows = (await scene.ask(book, scene.admin))["creditParameters"]["rows"]
    (row,) = [row["values"] for row in rows if row["isInForce"] and row["table"] == "credit_policies"]
    policy = {one["name"]: one["value"] for one in row}
    limits = "... on AmountAboveLimit { limit { amount } } ... on CreditBelowMinimum { minimum { amount } }"
    most = int(policy["amount_max_minor"]) // 100
    answer = await scene.do(farmer, "requestCredit", request_form(amount=reais(f"{most + 100}.00")), limits)
    assert (answer["__typename"], answer["limit"]) == ("AmountAboveLimit", reais(f"{most}.00"))
    least = int(policy["amount_min_minor"]) // 100
    answer = await scene.do(farmer, "requestCredit", request_form(amount=reais(f"{least - 100}.00")), limits)
    assert (answer["__typename"], answer["minimum"]) == ("CreditBelowMinimum", reais(f"{least}.00"))
    months = int(policy["term_months_max"])
    term = "... on TermOutOfRange { monthsMax }"
    answer = await scene.do(farmer, "requestCredit", request_form(termMonths=months + 1), term)
    assert (answer["__typename"], answer["monthsMax"]) == ("TermOutOfRange", months)


async def test_a_score_explains_itself_by_factors_and_says_what_would_raise_it(scene: Scene) -> None:
    farmer = await scene.newcomer("FARMER")
    score = (await scored(scene, farmer, await requested(scene, farmer)))["score"]
    assert score["basePoints"] + sum(factor["points"] for factor in score["factors"]) == score["score"]
    for factor in score["factors"]:
        assert factor["text"]
        sign = (factor["points"] > 0) - (factor["points"] < 0)
        assert factor["sign"] == {1: "POSITIVE", 0: "NEUTRAL", -1: "NEGATIVE"}[sign]
    (documents,) = [factor for factor in score["factors"] if factor["code"] == "DOCUMENTS"]
    assert documents["points"] == -20
    assert documents["improvement"]["points"] > 0
    assert documents["improvement"]["text"]


async def test_fifty_requests_in_flight_are_scored(scene: Scene) -> None:
    """Each within the minute that is waited for it."""
    farmers = await asyncio.gather(*(scene.newcomer("FARMER") for _ in range(50)))
    requests = await asyncio.gather(*(requested(scene, farmer) for farmer in farmers))
    found = await asyncio.gather(*(scored(scene, *pair) for pair in zip(farmers, requests, strict=True)))
    assert [request["status"] for request in found] == ["IN_ANALYSIS"] * 50


async def test_then_the_analyst_approves(scene: Scene) -> None:
    farmer = await scene.verified("FARMER")
    request_id = await scene.approved(farmer)
    request = await scored(scene, farmer, request_id)
    assert (request["status"], request["decision"]["verdict"]) == ("APPROVED", "APPROVED")
    await credit.cpr_in(scene.client, farmer, "DRAFTED")


async def test_or_rejects_with_a_reason(scene: Scene) -> None:
    farmer = await scene.verified("FARMER")
    request_id = await requested(scene, farmer)
    await scored(scene, farmer, request_id)
    form = {"creditRequestId": request_id, "reason": "A área não comporta o pedido."}
    expect(await scene.do(scene.analyst, "rejectCreditRequest", form), "CreditRequest")
    request = await scored(scene, farmer, request_id)
    assert (request["status"], request["decision"]) == ("REJECTED", {"verdict": "REJECTED", "reason": form["reason"]})
    assert await credit.newest_cpr(scene.client, farmer) is None


async def test_new_documents_score_anew(scene: Scene) -> None:
    farmer = await scene.newcomer("FARMER")
    request_id = await requested(scene, farmer)
    first = (await scored(scene, farmer, request_id))["score"]
    assert await upload(scene, farmer, request_id, PDF) == 201
    second = (await scored(scene, farmer, request_id, but=first["id"]))["score"]
    assert second["score"] > first["score"]


async def test_nobody_asks_for_credit_without_letting_the_bureau_be_asked(scene: Scene) -> None:
    farmer = await scene.verified("FARMER", without=("CREDIT_BUREAU",))
    form = request_form()
    refused = await scene.do(farmer, "requestCredit", form, "... on ConsentRequired { purpose }")
    assert (refused["__typename"], refused["purpose"]) == ("ConsentRequired", "CREDIT_BUREAU")
    await scene.agree(farmer, "CREDIT_BUREAU")

    async def taken() -> bool:
        return bool((await scene.do(farmer, "requestCredit", form))["__typename"] == "CreditRequest")

    await scene.until("the same request being taken", taken)
