"""From a submitted request to an AgroScore that explains itself."""

import pytest

from subgraphs.credit.ports.bureau import BureauUnavailable
from subgraphs.credit.ports.sandbox_bureau import Misbehaviour, Profile
from subgraphs.credit.schemas import events
from subgraphs.shared.people import Person
from tests.builders.deliveries import deliver, recorded, recorded_types
from tests.builders.jobs import run_job
from tests.fixtures.databases import sql_of_the_owner
from tests.subgraphs.credit.credit_builders import SERGIO, Credit
from tests.subgraphs.credit.test_credit_jobs import JOB

SCORE = """
query ($id: ID!) {
  creditRequest(id: $id) {
    status
    steps { status reachedAt }
    score {
      score grade basePoints modelVersion summary occurredAt
      factors { code points sign text textEnglish improvement { points text textEnglish } }
    }
  }
}
"""


async def test_a_request_is_scored_and_handed_to_the_analyst(credit: Credit) -> None:
    request_id = await credit.scored_request()
    request = (await credit.ask(SERGIO, SCORE, id=request_id))["creditRequest"]
    score = request["score"]
    points = {factor["code"]: factor["points"] for factor in score["factors"]}
    assert points == {
        "BUREAU_SCORE": 130,
        "NEGATIVE_RECORDS": 40,
        "AMOUNT_TO_REVENUE": 90,
        "DEBT_TO_REVENUE": 50,
        "AREA_USE": 40,
        "LAND_TENURE": 40,
        "CERTIFICATIONS": 10,
        "DOCUMENTS": -20,
        "YEARS_ACTIVE": 20,
        "PLATFORM_HISTORY": 0,
    }
    assert (score["score"], score["grade"], score["basePoints"]) == (900, "A", 500)
    assert score["score"] == score["basePoints"] + sum(points.values())
    assert score["modelVersion"] == "agroscore-1.0"
    assert score["summary"] == "Seu AgroScore é 900 (nota A)."
    assert request["status"] == "IN_ANALYSIS"
    assert [step["status"] for step in request["steps"]] == ["SUBMITTED", "SCORING", "IN_ANALYSIS"]
    assert all(step["reachedAt"] for step in request["steps"])
    assert await recorded(credit.subgraph, "request_scored") == [
        {
            "credit_request_id": request_id,
            "farmer_id": str(SERGIO),
            "score_id": (await recorded(credit.subgraph, "request_scored"))[0]["score_id"],
            "score": 900,
            "grade": "A",
        }
    ]


async def test_a_factor_says_its_sign_and_what_would_raise_it(credit: Credit) -> None:
    request_id = await credit.scored_request()
    score = (await credit.ask(SERGIO, SCORE, id=request_id))["creditRequest"]["score"]
    factors = {factor["code"]: factor for factor in score["factors"]}
    assert factors["DOCUMENTS"] == {
        "code": "DOCUMENTS",
        "points": -20,
        "sign": "NEGATIVE",
        "text": "Nenhum documento enviado.",
        "textEnglish": "No documents sent.",
        "improvement": {
            "points": 60,
            "text": "Envie quatro tipos de documento, por exemplo matrícula, recibo do CAR, laudo de colheita e "
            "notas fiscais.",
            "textEnglish": "Send four kinds of document, for example title, CAR receipt, harvest report and invoices.",
        },
    }
    assert (factors["PLATFORM_HISTORY"]["sign"], factors["NEGATIVE_RECORDS"]["sign"]) == ("NEUTRAL", "POSITIVE")
    assert factors["NEGATIVE_RECORDS"]["improvement"] is None


async def test_the_same_person_gets_the_same_score(credit: Credit) -> None:
    first = await credit.scored_request()
    await credit.reject(first)
    second = await credit.scored_request()
    scores = [(await credit.ask(SERGIO, SCORE, id=each))["creditRequest"]["score"]["score"] for each in (first, second)]
    assert scores == [900, 900]


async def test_the_bureau_is_asked_again_when_it_fails(credit: Credit) -> None:
    credit.bureau.misbehave(Misbehaviour.UNAVAILABLE)
    credit.bureau.misbehave(Misbehaviour.SILENT)
    request_id = await credit.scored_request()
    assert credit.bureau.asked == 3
    assert (await credit.ask(SERGIO, SCORE, id=request_id))["creditRequest"]["status"] == "IN_ANALYSIS"


async def test_while_the_bureau_is_away_the_request_stays_in_scoring_and_is_scored_later(credit: Credit) -> None:
    request = await credit.request()
    submitted = events.RequestSubmitted(
        credit_request_id=request["id"], farmer_id=SERGIO, amount_minor=3_000_000, term_months=12
    )
    credit.bureau.misbehave(Misbehaviour.UNAVAILABLE, times=3)
    with pytest.raises(BureauUnavailable):
        await deliver(credit.subgraph, submitted)
    waiting = (await credit.ask(SERGIO, SCORE, id=request["id"]))["creditRequest"]
    assert (waiting["status"], waiting["score"]) == ("SCORING", None)
    await deliver(credit.subgraph, submitted)
    scored = (await credit.ask(SERGIO, SCORE, id=request["id"]))["creditRequest"]
    assert scored["status"] == "IN_ANALYSIS"
    assert [step["status"] for step in scored["steps"]] == ["SUBMITTED", "SCORING", "IN_ANALYSIS"]


async def test_a_poor_report_gives_a_low_grade(credit: Credit) -> None:
    credit.bureau.set_profile(str(SERGIO), Profile.POOR)
    request_id = await credit.scored_request()
    score = (await credit.ask(SERGIO, SCORE, id=request_id))["creditRequest"]["score"]
    assert (score["score"], score["grade"]) == (320, "E")


async def test_a_company_is_asked_about_by_its_cnpj(credit: Credit) -> None:
    credit.bureau.set_profile("12ABC34501DE35", Profile.POOR)
    credit.people.people[SERGIO] = Person(cnpj="12ABC34501DE35")
    request = await credit.request()
    await credit.work_off()
    score = (await credit.ask(SERGIO, SCORE, id=request["id"]))["creditRequest"]["score"]
    assert (score["score"], score["grade"]) == (320, "E")


async def test_a_score_that_never_came_is_asked_for_again(credit: Credit) -> None:
    request = await credit.request()  # and its message is lost
    credit.clock.advance(seconds=900)
    await run_job(credit.subgraph, JOB)
    assert await recorded(credit.subgraph, "scoring_overdue") == []
    credit.clock.advance(seconds=1)
    for _ in range(2):
        await run_job(credit.subgraph, JOB)
    overdue = await recorded(credit.subgraph, "scoring_overdue")
    assert overdue == [{"credit_request_id": request["id"], "farmer_id": str(SERGIO)}]
    await deliver(credit.subgraph, events.ScoringOverdue(**overdue[0]))
    assert (await credit.ask(SERGIO, SCORE, id=request["id"]))["creditRequest"]["status"] == "IN_ANALYSIS"


async def test_a_score_that_came_meanwhile_is_not_made_again(credit: Credit) -> None:
    request_id = await credit.scored_request()
    overdue = events.ScoringOverdue(credit_request_id=request_id, farmer_id=SERGIO)
    await deliver(credit.subgraph, overdue)
    credit.clock.advance(days=1)
    await run_job(credit.subgraph, JOB)
    assert len(await recorded(credit.subgraph, "request_scored")) == 1
    assert await recorded(credit.subgraph, "scoring_overdue") == []


async def a_new_document(credit: Credit, request_id: str) -> None:
    document = events.DocumentAdded(credit_request_id=request_id, farmer_id=SERGIO, document_id=SERGIO, kind="INVOICE")
    await deliver(credit.subgraph, document)


async def test_a_fresh_report_serves_the_next_score(credit: Credit) -> None:
    request_id = await credit.scored_request()
    credit.clock.advance(hours=23)
    await a_new_document(credit, request_id)
    assert (credit.bureau.asked, len(await recorded(credit.subgraph, "request_scored"))) == (1, 2)
    credit.clock.advance(hours=1)
    await a_new_document(credit, request_id)
    assert (credit.bureau.asked, len(await recorded(credit.subgraph, "request_scored"))) == (2, 3)


async def test_a_report_without_cpf_is_asked_for_again_once_the_identity_is_verified(credit: Credit) -> None:
    request = await credit.request()
    await credit.work_off()
    await credit.verify_identity()
    await a_new_document(credit, request["id"])
    assert credit.bureau.asked == 2


async def test_a_decided_request_is_not_scored_again(credit: Credit) -> None:
    request_id = await credit.scored_request()
    await credit.approve(request_id)
    before = await recorded_types(credit.subgraph)
    late = events.DocumentAdded(credit_request_id=request_id, farmer_id=SERGIO, document_id=SERGIO, kind="INVOICE")
    await deliver(credit.subgraph, late)
    assert await recorded_types(credit.subgraph) == before


async def test_a_version_is_in_force_from_its_day_on_and_earlier_scores_keep_theirs(credit: Credit) -> None:
    await sql_of_the_owner(credit.subgraph.database, "INSERT INTO score_models VALUES ('2026-11-24', 'agroscore-2.0')")
    request_id = await credit.scored_request()
    first = (await credit.ask(SERGIO, SCORE, id=request_id))["creditRequest"]["score"]
    credit.clock.advance(hours=15)
    await a_new_document(credit, request_id)
    second = (await credit.ask(SERGIO, SCORE, id=request_id))["creditRequest"]["score"]
    assert [(score["modelVersion"], score["score"]) for score in (first, second)] == [
        ("agroscore-1.0", 900),
        ("agroscore-2.0", 812),
    ]
    rows = "SELECT model_version, score FROM agro_scores ORDER BY scored_at"
    assert await sql_of_the_owner(credit.subgraph.database, rows) == [
        {"model_version": "agroscore-1.0", "score": 900},
        {"model_version": "agroscore-2.0", "score": 812},
    ]
