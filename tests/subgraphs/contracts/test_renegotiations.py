"""New terms for a CPR that is late: proposed, agreed with, voted on, and in force beside the old ones."""

import time
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.contracts import models
from subgraphs.contracts.crud import cprs as rows
from subgraphs.contracts.schemas import events
from subgraphs.shared.clock import FixedClock
from subgraphs.shared.messaging.reactions import NotYet
from tests.builders.deliveries import deliver, recorded, recorded_types
from tests.subgraphs.contracts.contracts_builders import ANA, MARINA, SERGIO, Contracts
from tests.subgraphs.contracts.renegotiating import (
    CARLOS,
    SEVENTEEN_DAYS_LATE,
    agree,
    consented,
    ends,
    late,
    mutate,
    noon,
    propose,
    replaced,
    run_job,
    schedule_replaced,
    status_of,
    tell_roll,
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
    changed = await agree(contracts, proposal["id"], agrees=False)
    assert changed["renegotiationStatus"] == "VOTING"


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
        await run_job(contracts, "close_renegotiations")
    assert (await status_of(contracts, proposal["id"]), await ends(contracts)) == ("EXPIRED", [("EXPIRED", False)])


async def test_holders_vote_when_the_farmer_agreed_and_all_of_them_are_known(contracts: Contracts) -> None:
    cpr_id = await late(contracts)
    proposal = await propose(contracts, cpr_id)
    await tell_roll(contracts, proposal["id"], cpr_id)
    assert (await vote(contracts, MARINA, proposal["id"]))["renegotiationStatus"] == "PROPOSED"
    assert await recorded(contracts.subgraph, "renegotiation_vote_opened") == []
    agreed = await agree(contracts, proposal["id"])
    assert agreed["votes"] == {"quotaCount": 100, "consenting": 0, "refusing": 0, "silent": 100}
    (opened,) = await recorded(contracts.subgraph, "renegotiation_vote_opened")
    assert (opened["renegotiation_id"], opened["consent_until"]) == (proposal["id"], "2027-01-19T15:00:00Z")


async def test_a_vote_counts_its_quotas_and_is_given_once(contracts: Contracts) -> None:
    _, renegotiation_id = await voting(contracts)
    refused = await vote(contracts, CARLOS, renegotiation_id, consents=False)
    assert refused["votes"] == {"quotaCount": 100, "consenting": 0, "refusing": 40, "silent": 60}
    assert refused["myVote"] == {"quotaCount": 40, "consents": False}
    assert (await vote(contracts, CARLOS, renegotiation_id, consents=False))["__typename"] == "Renegotiation"
    assert (await vote(contracts, CARLOS, renegotiation_id))["consents"] is False
    stranger = UUID(int=0x57)
    contracts.scopes[stranger] = ("investor",)
    assert (await vote(contracts, stranger, renegotiation_id))["__typename"] == "RenegotiationNotFound"
    assert (await vote(contracts, MARINA, renegotiation_id))["status"] == "CONSENTED"
    assert (await vote(contracts, MARINA, renegotiation_id, consents=False))["consents"] is True


async def test_half_of_the_quotas_are_not_more_than_half(contracts: Contracts) -> None:
    cpr_id = await late(contracts)
    proposal = await propose(contracts, cpr_id)
    await agree(contracts, proposal["id"])
    await tell_roll(contracts, proposal["id"], cpr_id, marina=50, carlos=50)
    assert (await vote(contracts, MARINA, proposal["id"]))["status"] == "VOTING"
    contracts.clock.advance(days=10)
    assert (await vote(contracts, CARLOS, proposal["id"]))["renegotiationStatus"] == "VOTING"
    await run_job(contracts, "close_renegotiations")
    assert (await status_of(contracts, proposal["id"]), await ends(contracts)) == ("REJECTED", [("REJECTED", True)])


async def test_holders_of_half_who_refuse_end_it_at_once(contracts: Contracts) -> None:
    _, renegotiation_id = await voting(contracts)
    assert (await vote(contracts, MARINA, renegotiation_id, consents=False))["status"] == "REJECTED"


async def test_consent_asks_the_wallet_for_the_new_schedule(contracts: Contracts) -> None:
    cpr_id, renegotiation_id = await consented(contracts)
    (agreed,) = await recorded(contracts.subgraph, "schedule_agreed")
    first = agreed.pop("installments")[0]
    assert agreed == {
        "renegotiation_id": renegotiation_id,
        "cpr_id": str(cpr_id),
        "farmer_id": str(SERGIO),
        "payment_count": 0,
        "good_until": "2027-02-10T00:00:00-03:00",
        "late_fine_rate": "0.02",
        "late_monthly_rate": "0.01",
        "monthly_rate": "0.009488792935",
    }
    del first["installment_id"]
    assert first == {
        "number": 13,
        "due_on": "2027-02-10",
        "starts_on": "2027-01-09",
        "months": 1,
        "principal_minor": 958_04,
        "interest_minor": 116_53,
        "amount_minor": 1_074_57,
        "carried_minor": 21_64,
    }


async def test_the_new_schedule_stands_beside_the_old_one(contracts: Contracts) -> None:
    cpr_id, renegotiation_id = await replaced(contracts)
    shown = await contracts.cpr(
        cpr_id,
        """status annualRate installments { number scheduleVersion } nextInstallment { number carried { amount } }
        progress { paidCount totalCount paidAmount { amount } totalAmount { amount } }
        schedules { version startsOn annualRate termMonths isCurrent installments { status outstanding { amount } } }
        renegotiations { id status }""",
    )
    assert (shown["status"], shown["annualRate"]) == ("ACTIVE", "0.18")
    assert [line["number"] for line in shown["installments"]] == list(range(13, 23))
    assert shown["nextInstallment"] == {"number": 13, "carried": {"amount": "21.64"}}
    assert (shown["progress"]["paidCount"], shown["progress"]["totalCount"]) == (0, 10)
    first, second = shown["schedules"]
    assert [first[name] for name in ("version", "startsOn", "annualRate", "isCurrent")] == [
        1, "2026-11-23", "0.18", False,
    ]  # fmt: skip
    assert [second[name] for name in ("version", "startsOn", "annualRate", "isCurrent")] == [
        2, "2027-01-09", "0.12", True,
    ]  # fmt: skip
    assert {(line["status"], line["outstanding"]["amount"]) for line in first["installments"]} == {("REPLACED", "0.00")}
    assert len(first["installments"]) == 12
    assert shown["renegotiations"] == [{"id": renegotiation_id, "status": "IN_FORCE"}]
    (told,) = await recorded(contracts.subgraph, "cpr_renegotiated")
    assert (told["schedule_version"], told["installment_count"], told["first_due_on"]) == (2, 10, "2027-02-10")
    assert told["replaced_installment_ids"] == [str(row.id) for row in await contracts.installments(cpr_id)][:12]


async def test_told_twice_it_comes_into_force_once(contracts: Contracts) -> None:
    cpr_id, renegotiation_id = await replaced(contracts)
    await deliver(contracts.subgraph, schedule_replaced(contracts, cpr_id, renegotiation_id))
    assert len(await contracts.installments(cpr_id)) == 22
    assert len(await recorded(contracts.subgraph, "cpr_renegotiated")) == 1


async def test_what_was_paid_stays_paid_and_a_part_counts(contracts: Contracts) -> None:
    """The first is paid whole, of the second 100.00 late: 18.21 of fine go first, the rest pays interest."""
    cpr_id = await contracts.active()
    first, second, *_ = await contracts.installments(cpr_id)
    await deliver(contracts.subgraph, contracts.a_payment(first))
    contracts.clock.instant = noon(date(2027, 1, 26))
    await run_job(contracts, "note_lateness")
    part = contracts.a_payment(second, amount_minor=100_00, late_days=1, late_minor=18_51)
    await deliver(contracts.subgraph, part)
    proposal = await propose(contracts, cpr_id, lateDiscount="0")
    # 9,228.42 of principal; 128.20 - 81.49 of the second's interest, and a day's of the third's.
    paid_principal = first.principal_minor
    assert proposal["principal"]["amount"] == f"{Decimal(1_000_000 - paid_principal).scaleb(-2)}"
    await agree(contracts, proposal["id"])
    await tell_roll(contracts, proposal["id"], cpr_id)
    await vote(contracts, MARINA, proposal["id"])
    await deliver(contracts.subgraph, schedule_replaced(contracts, cpr_id, proposal["id"]))
    rows = await contracts.installments(cpr_id)
    assert [row.status for row in rows[:3]] == ["PAID", "REPLACED", "REPLACED"]
    assert (rows[1].settled_minor, rows[0].settled_minor) == (81_49, first.amount_minor)
    live = [row for row in rows if row.status != "REPLACED"]
    assert sum(row.principal_minor for row in live) == 1_000_000


async def test_a_renegotiated_cpr_is_no_longer_in_default(contracts: Contracts) -> None:
    cpr_id = await late(contracts, on=date(2027, 2, 1))
    assert (await contracts.row(cpr_id)).status == "DEFAULTED"
    proposal = await propose(contracts, cpr_id)
    await agree(contracts, proposal["id"])
    await tell_roll(contracts, proposal["id"], cpr_id)
    await vote(contracts, MARINA, proposal["id"])
    await deliver(contracts.subgraph, schedule_replaced(contracts, cpr_id, proposal["id"]))
    assert (await contracts.row(cpr_id)).status == "ACTIVE"
    assert (await recorded_types(contracts.subgraph))[-2:] == ["cpr_renegotiated", "cpr_recovered"]
    # What was replaced is late no more, however long ago it was due.
    contracts.clock.instant = noon(date(2027, 3, 2))
    await run_job(contracts, "note_lateness")
    assert (await contracts.row(cpr_id)).status == "ACTIVE"


async def test_a_new_schedule_that_comes_while_defaults_are_looked_for_is_no_default(
    contracts: Contracts, monkeypatch: pytest.MonkeyPatch
) -> None:
    cpr_id, renegotiation_id = await consented(contracts)
    contracts.clock.instant = noon(date(2027, 2, 1))

    async def as_it_was_before(session: AsyncSession, _today: date, *, days: int) -> list[models.CPR]:
        """What a statement finds that began before the new schedule was committed: it changes the CPR's row nowhere."""
        await deliver(contracts.subgraph, schedule_replaced(contracts, cpr_id, renegotiation_id))
        locked = await rows.lock_cpr(session, cpr_id)
        assert locked is not None
        return [locked]

    monkeypatch.setattr(rows, "lock_cprs_late_for", as_it_was_before)
    await run_job(contracts, "note_lateness")
    assert (await contracts.row(cpr_id)).status == "ACTIVE"
    assert "cpr_defaulted" not in await recorded_types(contracts.subgraph)


async def test_a_renegotiated_cpr_is_settled_with_its_last_new_installment(contracts: Contracts) -> None:
    cpr_id, _ = await replaced(contracts, termMonths=1)
    last = (await contracts.installments(cpr_id))[-1]
    await deliver(contracts.subgraph, contracts.a_payment(last))
    assert (await contracts.row(cpr_id)).status == "SETTLED"


async def test_it_may_be_renegotiated_again_at_most_at_the_rate_it_has(contracts: Contracts) -> None:
    cpr_id, _ = await replaced(contracts)
    contracts.clock.instant = noon(date(2027, 2, 12))
    assert (await propose(contracts, cpr_id))["annualRate"] == "0.12"
    assert len(await contracts.installments(cpr_id)) == 22
    proposal = await propose(contracts, cpr_id, annualRate="0.13")
    assert proposal["reason"] == "UNDER_RENEGOTIATION"


async def test_a_payment_overtakes_a_proposal(contracts: Contracts) -> None:
    cpr_id, renegotiation_id = await voting(contracts)
    first, *_ = await contracts.installments(cpr_id)
    await deliver(contracts.subgraph, contracts.a_payment(first, amount_minor=933_83, late_minor=23_37, late_days=17))
    assert (await status_of(contracts, renegotiation_id), await ends(contracts)) == (
        "OVERTAKEN",
        [("OVERTAKEN", True)],
    )
    assert (await vote(contracts, MARINA, renegotiation_id))["renegotiationStatus"] == "OVERTAKEN"


async def test_once_consented_the_wallet_says_whether_it_was_overtaken(contracts: Contracts) -> None:
    cpr_id, renegotiation_id = await consented(contracts)
    first, *_ = await contracts.installments(cpr_id)
    await deliver(contracts.subgraph, contracts.a_payment(first, amount_minor=933_83, late_minor=23_37, late_days=17))
    assert await status_of(contracts, renegotiation_id) == "CONSENTED"
    kept = events.ScheduleKept(renegotiation_id=UUID(renegotiation_id), cpr_id=cpr_id, reason="PAID_MEANWHILE")
    for _ in range(2):
        await deliver(contracts.subgraph, kept)
    assert (await status_of(contracts, renegotiation_id), await ends(contracts)) == (
        "OVERTAKEN",
        [("OVERTAKEN", True)],
    )
    assert len(await contracts.installments(cpr_id)) == 12


async def test_a_payment_of_the_new_schedule_waits_until_it_is_known_to_be_in_force(contracts: Contracts) -> None:
    cpr_id, renegotiation_id = await consented(contracts)
    (agreed,) = await recorded(contracts.subgraph, "schedule_agreed")
    line = agreed["installments"][0]
    paid = events.PaymentConfirmed(
        payment_id=UUID(int=1),
        installment_id=UUID(line["installment_id"]),
        cpr_id=cpr_id,
        amount_minor=line["amount_minor"],
        method="PIX",
        confirmed_at=contracts.clock.now(),
    )
    with pytest.raises(NotYet):
        await deliver(contracts.subgraph, paid)
    await deliver(contracts.subgraph, schedule_replaced(contracts, cpr_id, renegotiation_id))
    await deliver(contracts.subgraph, paid)
    assert [row.status for row in await contracts.installments(cpr_id)].count("PAID") == 1


async def test_staff_may_withdraw_until_the_holders_have_decided(contracts: Contracts) -> None:
    _, renegotiation_id = await voting(contracts)
    for _ in range(2):
        withdrawn = await mutate(contracts, ANA, "withdrawRenegotiation", renegotiationId=renegotiation_id)
        assert withdrawn["status"] == "WITHDRAWN"
    assert await ends(contracts) == [("WITHDRAWN", True)]
    contracts.clock.instant = FixedClock().instant
    _, decided = await consented(contracts)
    refused = await mutate(contracts, ANA, "withdrawRenegotiation", renegotiationId=decided)
    assert refused["renegotiationStatus"] == "CONSENTED"
    unknown = await mutate(contracts, ANA, "withdrawRenegotiation", renegotiationId=str(UUID(int=9)))
    assert unknown["__typename"] == "RenegotiationNotFound"


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
        "UPDATE renegotiation_voters SET quota_count = 99",
        "UPDATE renegotiation_voters SET consents = NOT consents WHERE consents IS NOT NULL",
        "UPDATE installments SET status = 'REPLACED' WHERE number = 12",
        """INSERT INTO renegotiated_installments SELECT gen_random_uuid(), id, 99, starts_on, starts_on + 9, 1, 0, 0
           FROM renegotiations""",
    ],
)
async def test_the_database_keeps_what_was_proposed_and_voted(contracts: Contracts, statement: str) -> None:
    _, renegotiation_id = await voting(contracts)
    await vote(contracts, CARLOS, renegotiation_id, consents=False)
    with pytest.raises(DBAPIError):
        async with contracts.subgraph.database.begin() as session:
            await session.execute(text(statement))


async def test_the_time_line_tells_of_payments_lateness_and_new_terms(contracts: Contracts) -> None:
    cpr_id, renegotiation_id = await replaced(contracts)
    first, *_, last = await contracts.installments(cpr_id)
    new = (await contracts.installments(cpr_id))[12]
    part = contracts.a_payment(new, amount_minor=74_57)
    await deliver(contracts.subgraph, part)
    line = "occurredAt summary"
    paid = await contracts.entities(SERGIO, "ReceivedPayment", f"{line} left {{ amount }}", part.payment_id)
    assert [(row["summary"], row["left"]["amount"]) for row in paid] == [
        ("Parcela 13 paga em parte: R$ 74,57; faltam R$ 1.000,00.", "1000.00")
    ]
    found_late = await contracts.entities(SERGIO, "LateInstallment", line, first.id, last.id)
    assert found_late == [
        {"occurredAt": "2027-01-09T15:00:00+00:00", "summary": "Parcela 1 em atraso: venceu em 23/12/2026."},
        None,
    ]
    renegotiated = await contracts.entities(SERGIO, "Renegotiation", line, renegotiation_id)
    assert [row["summary"] for row in renegotiated] == ["CPR renegociada: o novo cronograma está em vigor."]
    for typename, key in (("ReceivedPayment", part.payment_id), ("LateInstallment", first.id)):
        assert await contracts.entities(MARINA, typename, "id", key) == [None]


async def test_what_is_due_soon_is_told_of_the_new_schedule_alone(contracts: Contracts) -> None:
    await replaced(contracts)
    contracts.clock.instant = noon(date(2027, 2, 10)) - timedelta(days=3)
    await run_job(contracts, "announce_due_installments")
    assert [fact["number"] for fact in await recorded(contracts.subgraph, "installment_due_soon")] == [13]
