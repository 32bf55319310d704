"""What waits too long for the wallet is listed, and set going again by an administrator."""

import uuid
from typing import Any

import pytest

from subgraphs.marketplace.schemas import heard
from subgraphs.shared.subgraph import GraphQLRequest
from tests.subgraphs.marketplace.market import CARLOS, FARMER, MARINA, Market

ANA = uuid.UUID(int=0xB1)
LIST = "{ marketplaceStuckSagas(first: 2) { nodes { id what waitsFor since } hasMore } }"
RESUME = """mutation($input: ResumeSagaInput!) { resumeMarketplaceSaga(input: $input) {
  __typename ... on StuckSaga { id what } ... on Refusal { code } ... on InvalidInput { field }
  ... on NotStuck { sagaId } } }"""
LOG = "{ marketplaceAuditLog { nodes { action actorId subjectId reason } } }"
HOLD = ["wallet.hold_placed.v1", "wallet.hold_refused.v1"]


async def stuck(market: Market) -> Any:
    return (await market.ask_as(ANA, LIST, "admin"))["marketplaceStuckSagas"]


async def resume(market: Market, saga: uuid.UUID, what: str = "INVESTMENT", reason: str = "the queue was lost") -> Any:
    wanted = {"id": str(saga), "what": what, "reason": reason}
    return (await market.ask_as(ANA, RESUME, "admin", input=wanted))["resumeMarketplaceSaga"]


async def unsent(market: Market) -> list[str]:
    rows = await market.sql("SELECT type FROM outbox WHERE sent_at IS NULL ORDER BY id")
    return [row["type"].split(".")[1] for row in rows]


async def all_is_sent(market: Market) -> None:
    await market.sql("UPDATE outbox SET sent_at = now() WHERE sent_at IS NULL")


async def test_an_investment_without_an_answer_is_stuck_after_five_minutes(market: Market) -> None:
    await market.verify(MARINA)
    investment = await market.invest(await market.open_offering(), 1)
    market.clock.advance(minutes=4, seconds=59)
    assert (await stuck(market))["nodes"] == []
    assert (await resume(market, investment))["sagaId"] == str(investment)
    market.clock.advance(seconds=1)
    (saga,) = (await stuck(market))["nodes"]
    assert (saga["id"], saga["what"], saga["waitsFor"]) == (str(investment), "INVESTMENT", HOLD)


async def test_resuming_says_again_what_was_asked_and_is_written_down(market: Market) -> None:
    await market.verify(MARINA, CARLOS)
    offering = await market.open_offering()
    investment = await market.invest(offering, 1)
    other = await market.invest(offering, 1, who=CARLOS)
    await all_is_sent(market)
    (asked,) = await market.sql(
        "SELECT event_id FROM outbox WHERE type LIKE '%investment_requested%' AND subject = :id", id=str(investment)
    )
    market.clock.advance(minutes=5)
    assert (await resume(market, investment))["__typename"] == "StuckSaga"
    assert await unsent(market) == ["investment_requested", "answer_awaited"]
    (again,) = await market.sql("SELECT event_id, subject FROM outbox WHERE sent_at IS NULL ORDER BY id LIMIT 1")
    assert again == asked | {"subject": str(investment)}
    assert (await market.recorded("answer_awaited")) == [{"what": "INVESTMENT", "subject_id": str(investment)}]
    entries = (await market.ask_as(ANA, LOG, "admin"))["marketplaceAuditLog"]["nodes"]
    assert entries == [
        {
            "action": "INVESTMENT_RESUMED",
            "actorId": str(ANA),
            "subjectId": str(investment),
            "reason": "the queue was lost",
        }
    ]
    assert (await market.investment(other))["status"] == "PENDING"


async def test_what_has_its_answer_is_not_stuck(market: Market) -> None:
    await market.verify(MARINA)
    investment = await market.confirmed(await market.open_offering(), 1)
    await all_is_sent(market)
    market.clock.advance(hours=1)
    assert await stuck(market) == {"nodes": [], "hasMore": False}
    assert (await resume(market, investment))["code"] == "NotStuck"
    assert (await resume(market, uuid.uuid4()))["code"] == "NotStuck"
    assert await unsent(market) == []
    assert await market.sql("SELECT 1 FROM staff_acts") == []


async def test_a_funded_offering_waits_for_its_disbursement(market: Market) -> None:
    await market.verify(MARINA)
    offering = await market.open_offering(principal_minor=100_000)
    await market.confirmed(offering, 10)
    await all_is_sent(market)
    market.clock.advance(minutes=5)
    (saga,) = (await stuck(market))["nodes"]
    assert (saga["id"], saga["what"]) == (str(offering.cpr_id), "DISBURSEMENT")
    assert (await resume(market, offering.cpr_id, "DISBURSEMENT"))["what"] == "DISBURSEMENT"
    assert await unsent(market) == ["offering_funded", "answer_awaited"]
    await market.deliver(heard.CPRDisbursed(cpr_id=offering.cpr_id, disbursed_at=market.clock.now()))
    assert (await stuck(market))["nodes"] == []


async def test_a_funded_offering_whose_cpr_is_cancelled_waits_for_nothing(market: Market) -> None:
    await market.verify(MARINA)
    offering = await market.open_offering(principal_minor=100_000)
    await market.confirmed(offering, 10)
    await market.deliver(heard.CPRCancelled(cpr_id=offering.cpr_id))
    market.clock.advance(minutes=5)
    assert (await stuck(market))["nodes"] == []


async def test_those_that_wait_longest_come_first_and_a_list_says_that_there_is_more(market: Market) -> None:
    await market.verify(MARINA, CARLOS)
    offering = await market.open_offering()
    waiting = []
    for who in (MARINA, CARLOS, MARINA):
        waiting.append(str(await market.invest(offering, 1, who=who)))
        market.clock.advance(seconds=1)
    market.clock.advance(minutes=5)
    listed = await stuck(market)
    assert ([saga["id"] for saga in listed["nodes"]], listed["hasMore"]) == (waiting[:2], True)


async def test_what_is_wrong_is_refused(market: Market) -> None:
    await market.verify(MARINA)
    investment = await market.invest(await market.open_offering(), 1)
    market.clock.advance(minutes=5)
    for changed, field in (({"what": "PAYMENT"}, "what"), ({"reason": "so"}, "reason")):
        refused = await resume(market, investment, **changed)
        assert (refused["code"], refused["field"]) == ("InvalidInput", field)
    wanted = {"id": str(investment), "what": "INVESTMENT", "reason": "the queue was lost"}
    stale = market.tokens.bearer(ANA, "admin", auth_time=0)
    answer = await market.subgraph.execute(GraphQLRequest(RESUME, {"input": wanted}, headers=stale))
    assert answer["data"]["resumeMarketplaceSaga"]["code"] == "FreshProofRequired"
    assert await market.sql("SELECT 1 FROM staff_acts") == []


@pytest.mark.parametrize("scope", ["analyst", "investor", "farmer", "approver"])
async def test_it_is_the_administrators(market: Market, scope: str) -> None:
    wanted = {"id": str(uuid.uuid4()), "what": "INVESTMENT", "reason": "the queue was lost"}
    for query, variables in ((LIST, {}), (RESUME, {"input": wanted})):
        answer = await market.ask(query, market.tokens.bearer(FARMER, scope), **variables)
        assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
