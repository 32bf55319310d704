"""The analyst decides, once, on a score."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from subgraphs.credit.ports.sandbox_bureau import Profile
from subgraphs.credit.schemas import heard
from subgraphs.shared.ids import new_id
from tests.builders.deliveries import deliver, recorded
from tests.builders.statements import counted_statements
from tests.subgraphs.credit.credit_builders import ANA, APPROVE, MARINA, SERGIO, Credit

QUEUE = """
query ($status: CreditRequestStatus, $first: Int, $after: String) {
  creditRequests(status: $status, first: $first, after: $after) {
    nodes {
      id status amount { amount } farmer { id }
      score { score grade factors { code points } }
      applicant { identityVerifiedAt requestsApproved requestsRejected cprsSettled cprsInDefault }
      bureau { score negativeRecords openDebt { amount } yearsActive }
      documents { kind fileName }
    }
    pageInfo { hasNextPage endCursor }
  }
}
"""


async def test_an_approval_tells_contracts_all_that_a_cpr_needs(credit: Credit) -> None:
    request_id = await credit.scored_request()
    answer = await credit.approve(request_id, note="Produtor conhecido da cooperativa.")
    assert answer == {
        "__typename": "CreditRequest",
        "id": request_id,
        "status": "APPROVED",
        "decision": {
            "verdict": "APPROVED",
            "reason": "Produtor conhecido da cooperativa.",
            "approvedAmount": {"amount": "30000.00"},
            "analyst": {"id": str(ANA)},
        },
    }
    assert await recorded(credit.subgraph, "request_approved") == [
        {
            "credit_request_id": request_id,
            "farmer_id": str(SERGIO),
            "amount_minor": 3_000_000,
            "term_months": 12,
            "amortisation": "PRICE",
            "purpose": "INPUTS",
            "crop": "MAIZE",
            "hectares": "32.00",
            "region": "MT",
            "municipality": "5107925",
            "families_benefited": 3,
            "grade": "A",
            "score": 900,
        }
    ]


async def test_less_than_asked_for_may_be_approved(credit: Credit) -> None:
    request_id = await credit.scored_request()
    answer = await credit.approve(request_id, approvedAmount={"amount": "20000.00"})
    assert answer["decision"]["approvedAmount"] == {"amount": "20000.00"}
    assert (await recorded(credit.subgraph, "request_approved"))[0]["amount_minor"] == 2_000_000


@pytest.mark.parametrize(
    ("amount", "code"),
    [("30100.00", "AmountAboveLimit"), ("400.00", "CreditBelowMinimum"), ("20050.00", "InvalidInput")],
)
async def test_an_approved_amount_keeps_the_limits(credit: Credit, amount: str, code: str) -> None:
    request_id = await credit.scored_request()
    assert (await credit.approve(request_id, approvedAmount={"amount": amount}))["code"] == code
    assert await recorded(credit.subgraph, "request_approved") == []


async def test_a_rejection_gives_the_farmer_its_reason(credit: Credit) -> None:
    request_id = await credit.scored_request()
    answer = await credit.reject(request_id, reason="  A área não confere com o CAR. ")
    assert answer["decision"] == {
        "verdict": "REJECTED",
        "reason": "A área não confere com o CAR.",
        "approvedAmount": None,
    }
    assert await recorded(credit.subgraph, "request_rejected") == [
        {"credit_request_id": request_id, "farmer_id": str(SERGIO)}
    ]


async def test_a_rejection_needs_a_reason(credit: Credit) -> None:
    request_id = await credit.scored_request()
    answer = await credit.reject(request_id, reason="não")
    assert (answer["code"], answer["field"]) == ("InvalidInput", "reason")
    assert (await credit.approve(request_id))["__typename"] == "CreditRequest"


async def test_an_unscored_request_cannot_be_decided(credit: Credit) -> None:
    request = await credit.request()
    data = await credit.ask(ANA, APPROVE, input={"creditRequestId": request["id"]})
    assert (data["approveCreditRequest"]["code"], data["approveCreditRequest"]["status"]) == (
        "NotInAnalysis",
        "SUBMITTED",
    )


async def test_a_request_is_decided_once(credit: Credit) -> None:
    request_id = await credit.scored_request()
    await credit.approve(request_id)
    assert (await credit.approve(request_id))["code"] == "NotInAnalysis"
    assert (await credit.reject(request_id))["code"] == "NotInAnalysis"
    assert len(await recorded(credit.subgraph, "request_approved", "request_rejected")) == 1


async def test_nothing_is_lent_on_grade_e(credit: Credit) -> None:
    credit.bureau.set_profile(str(SERGIO), Profile.POOR)
    request_id = await credit.scored_request()
    answer = await credit.approve(request_id)
    assert (answer["code"], answer["grade"], answer["score"]) == ("GradeTooLow", "E", 320)


async def test_a_grade_has_its_limit(credit: Credit) -> None:
    credit.bureau.set_profile(str(SERGIO), Profile.INDEBTED)
    request_id = await credit.scored_request(amount={"amount": "60000.00"}, lastCycleRevenue={"amount": "900000.00"})
    answer = await credit.approve(request_id)
    assert (answer["code"], answer["limit"]) == ("AmountAboveLimit", {"amount": "50000.00"})
    assert (await credit.approve(request_id, approvedAmount={"amount": "50000.00"}))["status"] == "APPROVED"


async def test_without_a_verified_identity_nothing_is_approved(credit: Credit) -> None:
    request = await credit.request()
    await credit.work_off()
    assert (await credit.approve(request["id"]))["code"] == "FarmerIdentityNotVerified"
    await credit.verify_identity()
    assert (await credit.approve(request["id"]))["status"] == "APPROVED"


async def test_a_default_since_the_request_stops_the_approval(credit: Credit) -> None:
    request_id = await credit.scored_request()
    await deliver(credit.subgraph, heard.CPRDefaulted(cpr_id=new_id(), farmer_id=SERGIO))
    assert (await credit.approve(request_id))["code"] == "FarmerInArrears"


async def test_nobody_decides_about_their_own_request(credit: Credit) -> None:
    credit.scopes[ANA] = ("analyst", "farmer")
    request_id = await credit.scored_request(ANA)
    assert (await credit.approve(request_id))["code"] == "OwnCreditRequest"
    assert (await credit.reject(request_id))["code"] == "OwnCreditRequest"


async def test_an_unknown_request_is_not_found(credit: Credit) -> None:
    for unknown in (str(new_id()), "nonsense"):
        assert (await credit.approve(unknown))["code"] == "CreditRequestNotFound"


async def test_only_analysts_decide(credit: Credit) -> None:
    request_id = await credit.scored_request()
    for who, code in ((SERGIO, "FORBIDDEN"), (MARINA, "FORBIDDEN"), (None, "UNAUTHENTICATED")):
        response = await credit.execute(who, APPROVE, input={"creditRequestId": request_id})
        assert response["errors"][0]["extensions"]["code"] == code


async def test_the_queue_shows_the_analyst_everything_the_longest_waiting_first(credit: Credit) -> None:
    first = await credit.scored_request()
    credit.clock.advance(minutes=5)
    credit.scopes[MARINA] = ("farmer",)
    second = await credit.request(MARINA)
    queue = (await credit.ask(ANA, QUEUE))["creditRequests"]
    assert [node["id"] for node in queue["nodes"]] == [first, second["id"]]
    shown = queue["nodes"][0]
    assert shown["applicant"] == {
        "identityVerifiedAt": shown["applicant"]["identityVerifiedAt"],
        "requestsApproved": 0,
        "requestsRejected": 0,
        "cprsSettled": 0,
        "cprsInDefault": 0,
    }
    assert shown["applicant"]["identityVerifiedAt"] is not None
    assert shown["bureau"]["negativeRecords"] == 0
    assert shown["score"]["score"] == 900
    in_analysis = (await credit.ask(ANA, QUEUE, status="IN_ANALYSIS"))["creditRequests"]
    assert [node["id"] for node in in_analysis["nodes"]] == [first]


async def test_the_queue_takes_as_many_statements_for_three_as_for_one(credit: Credit) -> None:
    counts = []
    for farmer in (SERGIO, MARINA, ANA):
        credit.scopes[farmer] = (*credit.scopes[farmer], "farmer")
        await credit.scored_request(farmer)
        with counted_statements(credit.subgraph.database) as statements:
            queue = (await credit.ask(ANA, QUEUE))["creditRequests"]
        counts.append((len(queue["nodes"]), len(statements)))
    # One of them notes that Ana has looked.
    assert counts == [(1, 8), (2, 8), (3, 8)]


async def test_the_queue_comes_in_pages(credit: Credit) -> None:
    first = await credit.scored_request()
    credit.clock.advance(minutes=5)
    credit.scopes[MARINA] = ("farmer",)
    second = (await credit.request(MARINA))["id"]
    page = (await credit.ask(ANA, QUEUE, first=1))["creditRequests"]
    assert ([node["id"] for node in page["nodes"]], page["pageInfo"]["hasNextPage"]) == ([first], True)
    rest = (await credit.ask(ANA, QUEUE, first=1, after=page["pageInfo"]["endCursor"]))["creditRequests"]
    assert ([node["id"] for node in rest["nodes"]], rest["pageInfo"]["hasNextPage"]) == ([second], False)


async def test_only_staff_sees_the_queue(credit: Credit) -> None:
    for who, code in ((SERGIO, "FORBIDDEN"), (None, "UNAUTHENTICATED")):
        response = await credit.execute(who, QUEUE)
        assert response["errors"][0]["extensions"]["code"] == code


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE credit_requests SET status = 'APPROVED', decided_at = now() WHERE status = 'SUBMITTED'",
        "UPDATE credit_requests SET amount_minor = 1",
        "UPDATE decisions SET reason = 'other'",
        "DELETE FROM decisions",
        "UPDATE agro_scores SET score = 1000",
        "DELETE FROM score_factors",
        "UPDATE request_steps SET reached_at = now()",
    ],
)
async def test_the_database_keeps_the_rules_itself(credit: Credit, statement: str) -> None:
    await credit.approve(await credit.scored_request())
    await credit.request()
    with pytest.raises(DBAPIError):
        async with credit.subgraph.database.begin() as session:
            await session.execute(text(statement))
