"""New terms for a CPR that is late: proposed, answered by the farmer, and who sees them."""

import time
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from subgraphs.contracts.api import loaders
from tests.builders.deliveries import deliver, recorded
from tests.builders.jobs import run_job
from tests.subgraphs.contracts.contracts_builders import ANA, MARINA, SERGIO, Contracts
from tests.subgraphs.contracts.renegotiating import (
    CARLOS,
    SEVENTEEN_DAYS_LATE,
    agree,
    ends,
    late,
    mutate,
    noon,
    propose,
    status_of,
    vote,
    voting,
)


def amounts(line: dict[str, Any]) -> tuple[Any, ...]:
    money = (line[name]["amount"] for name in ("principal", "interest", "carried", "amount"))
    return (line["number"], line["dueOn"], *money)


async def test_a_proposal_says_what_is_owed_and_what_would_be(contracts: Contracts) -> None:
    """
    Principal is 10,000.00 still. Of interest the first installment's 138.88 is due, and of the second's 128.17 what
    has accrued in 17 of its 33 days, 65.81; a fine of 18.21 and 5.16 of interest are for being late, half of which is
    waived. A tenth of what is carried comes on top of each new installment of 1,052.93.
    """
    cpr_id = await late(contracts)
    proposal = await propose(contracts, cpr_id)
    sums = {name: proposal[name]["amount"] for name in ("principal", "interest", "lateCharges", "waived", "carried")}
    assert sums == {
        "principal": "10000.00",
        "interest": "204.69",
        "lateCharges": "23.37",
        "waived": "11.69",
        "carried": "216.37",
    }
    assert (proposal["status"], proposal["startsOn"], proposal["votes"]) == ("PROPOSED", "2027-01-09", None)
    lines = [amounts(line) for line in proposal["installments"]]
    assert lines[0] == (13, "2027-02-10", "958.04", "116.53", "21.64", "1074.57")
    assert [line[0] for line in lines] == list(range(13, 23))
    assert sum(Decimal(line[2]) for line in lines) == Decimal("10000.00")
    assert sum(Decimal(line[4]) for line in lines) == Decimal("216.37")
    assert await recorded(contracts.subgraph, "renegotiation_proposed") == [
        {
            "renegotiation_id": proposal["id"],
            "cpr_id": str(cpr_id),
            "farmer_id": str(SERGIO),
            "answer_until": "2027-01-16T15:00:00Z",
            "installment_count": 10,
            "first_due_on": "2027-02-10",
        }
    ]


async def test_the_same_key_is_the_same_proposal(contracts: Contracts) -> None:
    cpr_id = await late(contracts)
    first = await propose(contracts, cpr_id, idempotencyKey="proposal-1")
    assert (await propose(contracts, cpr_id, idempotencyKey="proposal-1"))["id"] == first["id"]
    other = await propose(contracts, cpr_id, idempotencyKey="proposal-1", termMonths=9)
    assert other["__typename"] == "IdempotencyKeyReused"
    assert len(await recorded(contracts.subgraph, "renegotiation_proposed")) == 1


@pytest.mark.parametrize(
    "terms", [{"annualRate": "0.180001"}, {"annualRate": "0.059"}, {"termMonths": 61}, {"lateDiscount": "1.01"}]
)
async def test_a_proposal_keeps_within_the_limits_of_the_day(contracts: Contracts, terms: dict[str, Any]) -> None:
    cpr_id = await late(contracts)
    refused = await propose(contracts, cpr_id, **terms)
    limits = {name: refused[name] for name in ("termMonthsMax", "annualRateMin", "annualRateMax", "lateDiscountMax")}
    assert limits == {"termMonthsMax": 60, "annualRateMin": "0.06", "annualRateMax": "0.18", "lateDiscountMax": "1"}
    assert await recorded(contracts.subgraph, "renegotiation_proposed") == []


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        ({"annualRate": "0.1234567"}, "annualRate"),
        ({"annualRate": "0." + "1" * 30}, "annualRate"),
        ({"termMonths": 0}, "termMonths"),
        ({"reason": "  "}, "reason"),
        ({"reason": "a" * 501}, "reason"),
    ],
)
async def test_a_value_that_breaks_a_rule_of_its_own_says_which(
    contracts: Contracts, terms: dict[str, Any], field: str
) -> None:
    refused = await propose(contracts, await late(contracts), **terms)
    assert (refused["__typename"], refused["field"]) == ("InvalidInput", field)


async def test_what_is_in_order_settled_or_being_renegotiated_is_not_renegotiated(contracts: Contracts) -> None:
    cpr_id = await contracts.active()
    assert (await propose(contracts, cpr_id))["reason"] == "NOT_LATE"
    assert (await propose(contracts, await contracts.drafted()))["reason"] == "NOT_UNDER_REPAYMENT"
    assert (await propose(contracts, UUID(int=7)))["__typename"] == "CPRNotFound"
    contracts.clock.instant = noon(SEVENTEEN_DAYS_LATE)
    await propose(contracts, cpr_id)
    assert (await propose(contracts, cpr_id))["reason"] == "UNDER_RENEGOTIATION"


async def test_nobody_proposes_terms_for_their_own_debt(contracts: Contracts) -> None:
    contracts.scopes[SERGIO] = ("farmer", "analyst")
    assert (await propose(contracts, await late(contracts), who=SERGIO))["__typename"] == "OwnCPR"


async def test_the_farmer_answers_once_and_by_a_fresh_proof(contracts: Contracts) -> None:
    cpr_id = await late(contracts)
    proposal = await propose(contracts, cpr_id)
    answer = {"renegotiationId": proposal["id"], "agrees": True}
    contracts.scopes[MARINA] = ("farmer",)
    assert (await mutate(contracts, MARINA, "answerRenegotiation", **answer))["__typename"] == "RenegotiationNotFound"
    contracts.claims = {"auth_time": int(time.time()) - 301}
    assert (await mutate(contracts, SERGIO, "answerRenegotiation", **answer))["__typename"] == "FreshProofRequired"
    contracts.claims = {}
    agreed = await mutate(contracts, SERGIO, "answerRenegotiation", idempotencyKey="answer-01", **answer)
    assert agreed["status"] == "VOTING"
    again = await mutate(contracts, SERGIO, "answerRenegotiation", idempotencyKey="answer-01", **answer)
    assert again["status"] == "VOTING"
    # The same answer by another key repeats it, long after as well; another is refused.
    assert (await agree(contracts, proposal["id"]))["status"] == "VOTING"
    changed = await agree(contracts, proposal["id"], agrees=False)
    assert changed["renegotiationStatus"] == "VOTING"
    await mutate(contracts, ANA, "withdrawRenegotiation", renegotiationId=proposal["id"])
    assert (await agree(contracts, proposal["id"]))["status"] == "WITHDRAWN"
    assert (await agree(contracts, proposal["id"], agrees=False))["renegotiationStatus"] == "WITHDRAWN"
    assert len(await recorded(contracts.subgraph, "renegotiation_ended")) == 1


async def test_a_refusal_repeated_by_another_key_is_the_same_refusal(contracts: Contracts) -> None:
    proposal = await propose(contracts, await late(contracts))
    for _ in range(2):
        assert (await agree(contracts, proposal["id"], agrees=False))["status"] == "REFUSED"
    assert (await agree(contracts, proposal["id"]))["renegotiationStatus"] == "REFUSED"
    assert await ends(contracts) == [("REFUSED", False)]


async def test_a_proposal_that_was_not_answered_is_no_answer_to_repeat(contracts: Contracts) -> None:
    proposal = await propose(contracts, await late(contracts))
    await mutate(contracts, ANA, "withdrawRenegotiation", renegotiationId=proposal["id"])
    for agrees in (True, False):
        answer = await agree(contracts, proposal["id"], agrees=agrees)
        assert answer["renegotiationStatus"] == "WITHDRAWN"


async def test_of_many_renegotiations_the_newest_that_one_may_see_are_shown(
    contracts: Contracts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Marina was asked about the first alone: newer ones, which she may not see, do not push it out."""
    monkeypatch.setattr(loaders, "RENEGOTIATIONS_SHOWN_MAX", 2)
    cpr_id, first = await voting(contracts)
    ids = [first]
    for _ in range(3):
        await mutate(contracts, ANA, "withdrawRenegotiation", renegotiationId=ids[-1])
        contracts.clock.advance(seconds=1)
        ids.append((await propose(contracts, cpr_id))["id"])
    for who, seen in ((ANA, [ids[3], ids[2]]), (SERGIO, [ids[3], ids[2]]), (MARINA, [first])):
        shown = await contracts.cpr(cpr_id, "renegotiations { id }", who)
        assert [row["id"] for row in shown["renegotiations"]] == seen


async def test_a_farmer_who_refuses_ends_it_and_all_is_owed_as_before(contracts: Contracts) -> None:
    cpr_id = await late(contracts)
    before = [vars(row) for row in await contracts.installments(cpr_id)]
    proposal = await propose(contracts, cpr_id)
    assert (await agree(contracts, proposal["id"], agrees=False))["status"] == "REFUSED"
    assert await ends(contracts) == [("REFUSED", False)]
    after = [vars(row) for row in await contracts.installments(cpr_id)]
    drop = {"_sa_instance_state"}
    assert [{k: v for k, v in row.items() if k not in drop} for row in after] == [
        {k: v for k, v in row.items() if k not in drop} for row in before
    ]
    # Another may follow.
    assert (await propose(contracts, cpr_id))["status"] == "PROPOSED"


async def test_an_answer_that_comes_too_late_is_none(contracts: Contracts) -> None:
    proposal = await propose(contracts, await late(contracts))
    contracts.clock.advance(days=7)
    assert (await agree(contracts, proposal["id"]))["renegotiationStatus"] == "PROPOSED"
    for _ in range(2):
        await run_job(contracts.subgraph, "close_renegotiations")
    assert (await status_of(contracts, proposal["id"]), await ends(contracts)) == ("EXPIRED", [("EXPIRED", False)])


async def test_a_proposal_is_its_farmers_its_holders_and_staffs_to_see(contracts: Contracts) -> None:
    cpr_id, renegotiation_id = await voting(contracts)
    await vote(contracts, CARLOS, renegotiation_id, consents=False)
    stranger = UUID(int=0x57)
    contracts.scopes[stranger] = ("investor",)
    query = "query ($id: ID!) { renegotiation(id: $id) { id myVote { quotaCount consents } votes { refusing } } }"
    seen = {
        who: (await contracts.ask(who, query, id=renegotiation_id))["renegotiation"]
        for who in (SERGIO, ANA, MARINA, CARLOS, stranger)
    }
    tally = {"id": renegotiation_id, "votes": {"refusing": 40}}
    assert seen == {
        SERGIO: tally | {"myVote": None},
        ANA: tally | {"myVote": None},
        MARINA: tally | {"myVote": {"quotaCount": 60, "consents": None}},
        CARLOS: tally | {"myVote": {"quotaCount": 40, "consents": False}},
        stranger: None,
    }
    assert (await contracts.cpr(cpr_id, "renegotiations { id }", who=stranger))["renegotiations"] == []
    found = await contracts.entities(stranger, "Renegotiation", "id", renegotiation_id)
    assert found == [None]


async def test_the_analysts_queue_has_what_is_late_the_longest_late_first(contracts: Contracts) -> None:
    newer = await late(contracts, on=date(2026, 11, 30))
    older = await contracts.active()
    in_order = await contracts.active()
    query = """query ($first: Int, $after: String) { lateCPRs(first: $first, after: $after) {
      nodes { cpr { id } lateSince daysLate renegotiation { id status } } pageInfo { hasNextPage endCursor } } }"""
    contracts.clock.instant = noon(date(2027, 1, 2))
    for row in (await contracts.installments(in_order))[:1]:
        await deliver(contracts.subgraph, contracts.a_payment(row))
    proposal = await propose(contracts, newer)
    page = (await contracts.ask(ANA, query, first=1))["lateCPRs"]
    assert page["nodes"] == [
        {
            "cpr": {"id": str(newer)},
            "lateSince": "2026-12-23",
            "daysLate": 10,
            "renegotiation": {"id": proposal["id"], "status": "PROPOSED"},
        }
    ]
    assert page["pageInfo"]["hasNextPage"] is True
    rest = (await contracts.ask(ANA, query, first=5, after=page["pageInfo"]["endCursor"]))["lateCPRs"]
    assert [(node["cpr"]["id"], node["daysLate"]) for node in rest["nodes"]] == [(str(older), 3)]
    refused = await contracts.execute(SERGIO, query)
    assert refused["errors"][0]["extensions"]["code"] == "FORBIDDEN"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE renegotiations SET principal_minor = principal_minor + 1",
        "UPDATE renegotiations SET status = 'IN_FORCE', schedule_version = 2, ended_at = now()",
        "UPDATE renegotiations SET quota_count = 99",
        "DELETE FROM renegotiations",
        "UPDATE renegotiated_installments SET interest_minor = 0, carried_minor = 0",
        """INSERT INTO renegotiated_installments
           SELECT gen_random_uuid(), id, 99, starts_on, starts_on + 9, 0, 1, 0, 1 FROM renegotiations""",
        "UPDATE renegotiation_voters SET quota_count = 99",
        "UPDATE renegotiation_voters SET is_related = true WHERE consents IS NULL",
        "UPDATE renegotiation_voters SET consents = NOT consents WHERE consents IS NOT NULL",
        "UPDATE installments SET status = 'REPLACED' WHERE number = 12",
        """INSERT INTO renegotiated_installments SELECT gen_random_uuid(), id, 99, starts_on, starts_on + 9, 1, 0, 0, 0
           FROM renegotiations""",
    ],
)
async def test_the_database_keeps_what_was_proposed_and_voted(contracts: Contracts, statement: str) -> None:
    _, renegotiation_id = await voting(contracts)
    await vote(contracts, CARLOS, renegotiation_id, consents=False)
    with pytest.raises(DBAPIError):
        async with contracts.subgraph.database.begin() as session:
            await session.execute(text(statement))
