"""Asking for credit: what is taken, what is refused."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from subgraphs.credit import models
from subgraphs.credit.crud import read_models
from subgraphs.credit.schemas import heard
from subgraphs.shared.ids import new_id
from subgraphs.shared.messaging.event import Event
from tests.builders.deliveries import deliver, recorded
from tests.subgraphs.credit.credit_builders import CAR, MARINA, REQUEST_CREDIT, SERGIO, Credit, a_request


async def count_requests(credit: Credit) -> int:
    async with credit.subgraph.database.read() as session:
        return await session.scalar(select(func.count()).select_from(models.CreditRequest)) or 0


async def test_a_request_is_submitted_and_told(credit: Credit) -> None:
    request = await credit.request()
    assert request == {
        "__typename": "CreditRequest",
        "id": request["id"],
        "status": "SUBMITTED",
        "amount": {"amount": "30000.00", "currency": "BRL"},
        "farmer": {"id": str(SERGIO)},
        "steps": [
            {"status": "SUBMITTED", "reachedAt": "2026-11-23T12:00:00.000Z"},
            {"status": "SCORING", "reachedAt": None},
            {"status": "IN_ANALYSIS", "reachedAt": None},
        ],
    }
    assert await recorded(credit.subgraph) == [
        {
            "credit_request_id": request["id"],
            "farmer_id": str(SERGIO),
            "amount_minor": 3_000_000,
            "term_months": 12,
        }
    ]


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"amount": {"amount": "499.99"}}, "CreditBelowMinimum"),
        ({"amount": {"amount": "500000.01"}}, "AmountAboveLimit"),
        ({"amount": {"amount": "30050.00"}}, "InvalidInput amount"),
        ({"amount": {"amount": "30000.001"}}, "InvalidInput amount"),
        ({"lastCycleRevenue": {"amount": "1.001"}}, "InvalidInput lastCycleRevenue"),
        ({"lastCycleRevenue": {"amount": "-1.00"}}, "InvalidInput lastCycleRevenue"),
        ({"termMonths": 0}, "TermOutOfRange"),
        ({"termMonths": 61}, "TermOutOfRange"),
        ({"hectares": "0"}, "InvalidInput hectares"),
        ({"hectares": "1.001"}, "InvalidInput hectares"),
        ({"municipality": "510792"}, "InvalidInput municipality"),
        ({"municipality": "3550308"}, "InvalidInput municipality"),
        ({"carNumber": CAR[:-1]}, "InvalidInput carNumber"),
        ({"carNumber": CAR.replace("MT", "SP")}, "InvalidInput carNumber"),
        ({"carNumber": CAR.replace("5107925", "3550308")}, "InvalidInput carNumber"),
        ({"familiesBenefited": -1}, "InvalidInput familiesBenefited"),
        ({"purposeNote": "x" * 1001}, "InvalidInput purposeNote"),
    ],
)
async def test_what_breaks_a_limit_is_refused_and_nothing_is_written(
    credit: Credit, changes: dict[str, object], refusal: str
) -> None:
    answer = await credit.request(**changes)
    assert " ".join(filter(None, [answer["code"], answer.get("field")])) == refusal
    assert answer["message"]
    assert await count_requests(credit) == 0
    assert await recorded(credit.subgraph) == []


async def test_limits_are_said_with_the_refusal(credit: Credit) -> None:
    above = await credit.request(amount={"amount": "600000.00"})
    assert (above["limit"], above["requested"]) == ({"amount": "500000.00"}, {"amount": "600000.00"})
    assert above["message"] == "O valor de R$ 600.000,00 passa do limite de R$ 500.000,00."
    below = await credit.request(amount={"amount": "100.00"})
    assert (below["minimum"], below["requested"]) == ({"amount": "500.00"}, {"amount": "100.00"})
    term = await credit.request(termMonths=61)
    assert (term["monthsMin"], term["monthsMax"]) == (1, 60)


async def test_a_car_number_may_be_typed_with_dots_and_small_letters(credit: Credit) -> None:
    typed = CAR[:11] + ".".join(CAR[11:][i : i + 4] for i in range(0, 32, 4)).lower()
    request = await credit.request(carNumber=typed)
    found = await credit.ask(SERGIO, "query ($id: ID!) { creditRequest(id: $id) { carNumber } }", id=request["id"])
    assert found == {"creditRequest": {"carNumber": CAR}}


async def test_a_second_request_is_refused_while_one_is_open(credit: Credit) -> None:
    first = await credit.request()
    second = await credit.request()
    assert (second["code"], second["creditRequestId"]) == ("OpenRequestExists", first["id"])
    assert await count_requests(credit) == 1


async def test_of_two_requests_at_once_one_is_taken(credit: Credit) -> None:
    answers = await asyncio.gather(credit.request(), credit.request())
    assert sorted(answer["__typename"] for answer in answers) == ["CreditRequest", "OpenRequestExists"]
    assert await count_requests(credit) == 1


async def test_a_new_request_may_follow_a_refused_one(credit: Credit) -> None:
    request_id = await credit.scored_request()
    await credit.reject(request_id)
    assert (await credit.request())["__typename"] == "CreditRequest"


async def test_a_farmer_in_default_may_not_ask_until_the_cpr_is_settled(credit: Credit) -> None:
    cpr_id = new_id()
    await deliver(credit.subgraph, heard.CPRDefaulted(cpr_id=cpr_id, farmer_id=SERGIO))
    refused = await credit.request()
    assert (refused["code"], refused["cprId"]) == ("FarmerInArrears", str(cpr_id))
    await deliver(credit.subgraph, heard.CPRSettled(cpr_id=cpr_id, farmer_id=SERGIO))
    assert (await credit.request())["__typename"] == "CreditRequest"


async def test_a_farmer_who_is_paid_up_again_may_ask(credit: Credit) -> None:
    fell, rose, fell_again = (
        Event.of(fact(cpr_id=SERGIO, farmer_id=SERGIO), occurred_at=credit.clock.now() + timedelta(days=day))
        for day, fact in enumerate((heard.CPRDefaulted, heard.CPRRecovered, heard.CPRDefaulted))
    )
    await deliver(credit.subgraph, rose)
    await deliver(credit.subgraph, fell)
    assert (await credit.request())["__typename"] == "CreditRequest"
    request_id = (await credit.request())["creditRequestId"]
    await credit.work_off()
    await credit.reject(request_id)
    await deliver(credit.subgraph, fell_again)
    assert (await credit.request())["code"] == "FarmerInArrears"


async def test_a_settlement_heard_before_the_default_still_ends_it(credit: Credit) -> None:
    cpr_id = new_id()
    await deliver(credit.subgraph, heard.CPRSettled(cpr_id=cpr_id, farmer_id=SERGIO))
    await deliver(credit.subgraph, heard.CPRDefaulted(cpr_id=cpr_id, farmer_id=SERGIO))
    assert (await credit.request())["__typename"] == "CreditRequest"


@pytest.mark.parametrize("is_renegotiated", [False, True])
async def test_only_what_was_repaid_as_it_was_signed_speaks_for_a_farmer(
    credit: Credit, *, is_renegotiated: bool
) -> None:
    cpr_id = new_id()
    await deliver(credit.subgraph, heard.CPRSettled(cpr_id=cpr_id, farmer_id=SERGIO))
    if is_renegotiated:
        await deliver(credit.subgraph, heard.CPRRenegotiated(cpr_id=cpr_id, farmer_id=SERGIO))
    async with credit.subgraph.database.begin() as session:
        assert await read_models.count_settled(session, SERGIO) == (0 if is_renegotiated else 1)


async def test_only_farmers_ask_for_credit(credit: Credit) -> None:
    stranger = await credit.execute(MARINA, REQUEST_CREDIT, input=a_request())
    anonymous = await credit.execute(None, REQUEST_CREDIT, input=a_request())
    codes = [response["errors"][0]["extensions"]["code"] for response in (stranger, anonymous)]
    assert codes == ["FORBIDDEN", "UNAUTHENTICATED"]
    assert await count_requests(credit) == 0


async def test_the_same_request_sent_again_gets_the_first_answer(credit: Credit) -> None:
    first = await credit.request(idempotencyKey="request-0001")
    assert await credit.request(idempotencyKey="request-0001") == first
    other = await credit.request(idempotencyKey="request-0001", termMonths=13)
    assert (other["__typename"], other["idempotencyKey"]) == ("IdempotencyKeyReused", "request-0001")
    assert (await credit.request(idempotencyKey="request-0002"))["code"] == "OpenRequestExists"
    assert (await credit.request(idempotencyKey="short"))["field"] == "idempotencyKey"
    assert await count_requests(credit) == 1
    assert len(await recorded(credit.subgraph)) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"hectares": "0"},
        {"municipality": "3550308"},
        {"carNumber": CAR[:-1]},
        {"amount": {"amount": "30050.00"}},
        {"lastCycleRevenue": {"amount": "-1.00"}},
        {"purposeNote": "x" * 1001},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
async def test_a_form_that_is_corrected_keeps_its_key(credit: Credit, wrong: dict[str, object]) -> None:
    for _ in range(2):
        assert (await credit.request(idempotencyKey="request-0001", **wrong))["code"] == "InvalidInput"
    first = await credit.request(idempotencyKey="request-0001")
    assert first["__typename"] == "CreditRequest"
    assert (await credit.request(idempotencyKey="request-0001", **wrong))["code"] == "IdempotencyKeyReused"
    assert await count_requests(credit) == 1


async def test_the_same_request_is_refused_again_though_nothing_is_open_any_more(credit: Credit) -> None:
    await credit.request(idempotencyKey="request-0001")
    refused = await credit.request(idempotencyKey="request-0002")
    assert refused["code"] == "OpenRequestExists"
    await credit.work_off()
    await credit.reject(refused["creditRequestId"])
    assert await credit.request(idempotencyKey="request-0002") == refused
    assert (await credit.request(idempotencyKey="request-0003"))["__typename"] == "CreditRequest"


async def test_one_request_sent_twice_at_once_is_one(credit: Credit) -> None:
    answers = await asyncio.gather(*(credit.request(idempotencyKey="request-0001") for _ in range(4)))
    assert {answer["__typename"] for answer in answers} == {"CreditRequest"}
    assert len({answer["id"] for answer in answers}) == 1


async def test_a_key_is_each_persons_own(credit: Credit) -> None:
    credit.scopes[MARINA] = ("farmer",)
    await credit.request(idempotencyKey="request-0001")
    other = await credit.request(MARINA, idempotencyKey="request-0001", termMonths=13)
    assert other["__typename"] == "CreditRequest"
