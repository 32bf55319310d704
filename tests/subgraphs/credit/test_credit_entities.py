"""Who sees what of credit's entities: anonymous, a stranger, the owner, staff."""

import pytest

from subgraphs.credit.schemas import heard
from subgraphs.shared.clock import FixedClock
from subgraphs.shared.ids import new_id
from subgraphs.shared.messaging.event import Event
from tests.builders.deliveries import deliver
from tests.builders.statements import counted_statements
from tests.subgraphs.credit.credit_builders import ANA, MARINA, SERGIO, Credit

NOW = FixedClock().now()


async def an_approved_request(credit: Credit) -> str:
    request_id = await credit.scored_request()
    await credit.approve(request_id)
    return request_id


async def test_a_request_is_its_farmers_and_staffs(credit: Credit) -> None:
    request_id = await credit.scored_request()
    seen = [
        (await credit.entities(who, "CreditRequest", "id amount { amount }", request_id))[0]
        for who in (None, MARINA, SERGIO, ANA)
    ]
    shown = {"id": request_id, "amount": {"amount": "30000.00"}}
    assert seen == [None, None, shown, shown]


async def test_the_root_field_hides_what_is_not_ones_own(credit: Credit) -> None:
    request_id = await credit.scored_request()
    query = "query ($id: ID!) { creditRequest(id: $id) { id } }"
    assert await credit.ask(MARINA, query, id=request_id) == {"creditRequest": None}
    assert await credit.ask(SERGIO, query, id="nonsense") == {"creditRequest": None}
    assert await credit.ask(SERGIO, query, id=request_id) == {"creditRequest": {"id": request_id}}


async def test_what_staff_knows_is_not_the_farmers_to_see(credit: Credit) -> None:
    request_id = await an_approved_request(credit)
    selection = "applicant { cprsSettled } bureau { score } decision { analyst { id } }"
    (farmers,) = await credit.entities(SERGIO, "CreditRequest", selection, request_id)
    assert farmers == {"applicant": None, "bureau": None, "decision": {"analyst": None}}
    (staffs,) = await credit.entities(ANA, "CreditRequest", selection, request_id)
    assert staffs["decision"] == {"analyst": {"id": str(ANA)}}
    assert staffs["applicant"] == {"cprsSettled": 0}


async def test_a_score_is_its_farmers_and_staffs(credit: Credit) -> None:
    await credit.scored_request()
    (user,) = await credit.entities(SERGIO, "User", "agroScore { id }", SERGIO)
    score_id = user["agroScore"]["id"]
    seen = [
        (await credit.entities(who, "AgroScore", "score summary occurredAt", score_id))[0]
        for who in (None, MARINA, SERGIO, ANA)
    ]
    shown = {"score": 900, "summary": "Seu AgroScore é 900 (nota A).", "occurredAt": "2026-11-23T12:00:00.000Z"}
    assert seen == [None, None, shown, shown]


async def test_a_persons_credit_is_their_own(credit: Credit) -> None:
    request_id = await credit.scored_request()
    selection = "agroScore { score } creditRequests { nodes { id } pageInfo { hasNextPage } }"
    seen = [(await credit.entities(who, "User", selection, SERGIO))[0] for who in (None, MARINA, SERGIO, ANA)]
    hidden = {"agroScore": None, "creditRequests": None}
    shown = {
        "agroScore": {"score": 900},
        "creditRequests": {"nodes": [{"id": request_id}], "pageInfo": {"hasNextPage": False}},
    }
    assert seen == [None, hidden, shown, shown]


async def test_a_persons_requests_come_in_pages_the_newest_first(credit: Credit) -> None:
    ids = []
    for _ in range(3):
        ids.append(await credit.scored_request())
        await credit.reject(ids[-1])
        credit.clock.advance(days=1)
    query = """
    query ($representations: [_Any!]!, $after: String) {
      _entities(representations: $representations) {
        ... on User { creditRequests(first: 2, after: $after) { nodes { id } pageInfo { hasNextPage endCursor } } }
      }
    }
    """
    person = [{"__typename": "User", "id": str(SERGIO)}]
    first = (await credit.ask(SERGIO, query, representations=person))["_entities"][0]["creditRequests"]
    assert ([node["id"] for node in first["nodes"]], first["pageInfo"]["hasNextPage"]) == ([ids[2], ids[1]], True)
    cursor = first["pageInfo"]["endCursor"]
    rest = (await credit.ask(SERGIO, query, representations=person, after=cursor))["_entities"][0]["creditRequests"]
    assert ([node["id"] for node in rest["nodes"]], rest["pageInfo"]["hasNextPage"]) == ([ids[0]], False)


async def test_a_cprs_grade_is_public_once_registered(credit: Credit) -> None:
    request_id = await an_approved_request(credit)
    cpr_id = new_id()
    await deliver(credit.subgraph, heard.CPRDrafted(cpr_id=cpr_id, credit_request_id=request_id, farmer_id=SERGIO))
    selection = "riskGrade scoreFactors { code }"

    async def seen() -> list[str | None]:
        found = [(await credit.entities(who, "CPR", selection, cpr_id))[0] for who in (None, MARINA, SERGIO, ANA)]
        return [cpr and cpr["riskGrade"] for cpr in found]

    assert await seen() == [None, None, "A", "A"]
    registered = heard.CPRRegistered(cpr_id=cpr_id, credit_request_id=request_id, farmer_id=SERGIO, registered_at=NOW)
    await deliver(credit.subgraph, registered)
    assert await seen() == [None, "A", "A", "A"]


async def test_investors_see_the_reasons_of_a_grade_but_not_what_they_weigh(credit: Credit) -> None:
    request_id = await an_approved_request(credit)
    cpr_id = new_id()
    drafted = heard.CPRDrafted(cpr_id=cpr_id, credit_request_id=request_id, farmer_id=SERGIO)
    await deliver(credit.subgraph, drafted)
    await deliver(credit.subgraph, heard.CPRRegistered(**drafted.model_dump(), registered_at=NOW))
    (cpr,) = await credit.entities(MARINA, "CPR", "scoreFactors { __typename code sign text }", cpr_id)
    assert cpr["scoreFactors"][0] == {
        "__typename": "RiskFactor",
        "code": "BUREAU_SCORE",
        "sign": "POSITIVE",
        "text": "Pontuação excelente no birô de crédito.",
    }
    weights = credit.subgraph.schema.get_type_by_name("RiskFactor")
    assert [field.name for field in weights.fields] == ["code", "sign", "text", "text_english"]


@pytest.mark.parametrize("times", [1, 2])
async def test_drafted_heard_after_registered_keeps_the_grade_public(credit: Credit, times: int) -> None:
    request_id = await an_approved_request(credit)
    cpr_id = new_id()
    drafted = heard.CPRDrafted(cpr_id=cpr_id, credit_request_id=request_id, farmer_id=SERGIO)
    registered = heard.CPRRegistered(**drafted.model_dump(), registered_at=NOW)
    for fact in (Event.of(registered), Event.of(drafted)) * times:
        await deliver(credit.subgraph, fact)
    (cpr,) = await credit.entities(MARINA, "CPR", "riskGrade", cpr_id)
    assert cpr == {"riskGrade": "A"}


async def test_a_batch_of_entities_keeps_its_order_and_its_gaps(credit: Credit) -> None:
    request_id = await credit.scored_request()
    found = await credit.entities(SERGIO, "CreditRequest", "id", new_id(), request_id, new_id(), request_id)
    assert found == [None, {"id": request_id}, None, {"id": request_id}]


async def test_the_grades_of_a_marketplace_page_are_one_statement(credit: Credit) -> None:
    cpr_ids = []
    for _ in range(3):
        request_id = await an_approved_request(credit)
        drafted = heard.CPRDrafted(cpr_id=new_id(), credit_request_id=request_id, farmer_id=SERGIO)
        await deliver(credit.subgraph, heard.CPRRegistered(**drafted.model_dump(), registered_at=NOW))
        cpr_ids.append(drafted.cpr_id)
    with counted_statements(credit.subgraph.database) as statements:
        found = await credit.entities(MARINA, "CPR", "riskGrade", *cpr_ids)
    assert found == [{"riskGrade": "A"}] * 3
    assert len(statements) == 1
