"""What staff do to collect a debt in default is noted, stays as it was noted, and is its farmer's to read."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from subgraphs.shared.ids import new_id
from tests.subgraphs.contracts.contracts_builders import ANA, MARINA, SERGIO, Contracts
from tests.subgraphs.contracts.test_lateness import FIRST_DUE, on, pay

RECORD = """mutation ($input: RecordCollectionStepInput!) { recordCollectionStep(input: $input) {
  __typename ... on CollectionStep { id kind takenOn reference note recordedAt }
  ... on CPRNotInDefault { cprStatus message messageEnglish } ... on InvalidInput { field } } }"""
SEEN = "collectionSteps { kind takenOn reference note }"
AUDIT = """{ contractsAuditLog(filter: {actions: ["COLLECTION_STEP_RECORDED"]}) {
  nodes { actorId subjectId personId reason } } }"""
IN_DEFAULT = FIRST_DUE + timedelta(days=31)


async def record(contracts: Contracts, cpr_id: UUID, who: UUID = ANA, **changes: Any) -> Any:
    asked = {
        "cprId": str(cpr_id),
        "kind": "NOTICE",
        "takenOn": str(IN_DEFAULT),
        "note": "Carta com aviso de recebimento.",
        "idempotencyKey": str(new_id()),
    }
    return (await contracts.ask(who, RECORD, input=asked | changes))["recordCollectionStep"]


async def defaulted(contracts: Contracts) -> UUID:
    cpr_id = await contracts.active()
    await on(contracts, IN_DEFAULT)
    return cpr_id


async def test_steps_are_seen_by_the_farmer_and_staff_the_newest_first(contracts: Contracts) -> None:
    cpr_id = await defaulted(contracts)
    made = await record(contracts, cpr_id)
    contracts.clock.advance(days=9)
    await record(contracts, cpr_id, kind="JUDICIAL", takenOn="2027-02-01", reference=" 0001 ", note=" Execução. ")
    assert (made["kind"], made["reference"], made["recordedAt"]) == ("NOTICE", None, "2027-01-23T15:00:00.000Z")
    steps = [
        {"kind": "JUDICIAL", "takenOn": "2027-02-01", "reference": "0001", "note": "Execução."},
        {"kind": "NOTICE", "takenOn": "2027-01-23", "reference": None, "note": "Carta com aviso de recebimento."},
    ]
    assert (await contracts.cpr(cpr_id, SEEN))["collectionSteps"] == steps
    assert (await contracts.cpr(cpr_id, SEEN, who=ANA))["collectionSteps"] == steps
    assert (await contracts.cpr(cpr_id, SEEN, who=MARINA))["collectionSteps"] == []


async def test_only_what_is_in_default_is_collected_and_what_was_noted_stays(contracts: Contracts) -> None:
    cpr_id = await contracts.active()
    refused = await record(contracts, cpr_id, takenOn="2026-11-23")
    assert (refused["cprStatus"], refused["messageEnglish"]) == (
        "ACTIVE",
        "Only a CPR in default is collected (it is ACTIVE).",
    )
    await on(contracts, IN_DEFAULT)
    await record(contracts, cpr_id)
    await pay(contracts, cpr_id, 1)
    assert (await contracts.row(cpr_id)).status == "ACTIVE"
    assert (await record(contracts, cpr_id))["__typename"] == "CPRNotInDefault"
    assert len((await contracts.cpr(cpr_id, SEEN))["collectionSteps"]) == 1
    assert (await record(contracts, UUID(int=7)))["__typename"] == "CPRNotFound"


async def test_the_same_request_is_the_same_step(contracts: Contracts) -> None:
    cpr_id = await defaulted(contracts)
    key = {"idempotencyKey": "collection-0001"}
    assert await record(contracts, cpr_id, **key) == await record(contracts, cpr_id, **key)
    assert (await record(contracts, cpr_id, kind="AGENCY", **key))["__typename"] == "IdempotencyKeyReused"
    assert len((await contracts.cpr(cpr_id, SEEN))["collectionSteps"]) == 1


async def test_nobody_but_analysts_notes_a_step_and_nobody_of_their_own_debt(contracts: Contracts) -> None:
    cpr_id = await defaulted(contracts)
    asked = {"cprId": str(cpr_id), "kind": "AGENCY", "takenOn": str(IN_DEFAULT), "note": "x"}
    for who in (SERGIO, MARINA):
        answer = await contracts.execute(who, RECORD, input=asked | {"idempotencyKey": str(new_id())})
        assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    contracts.scopes[SERGIO] = ("farmer", "analyst")
    assert (await record(contracts, cpr_id, who=SERGIO))["__typename"] == "OwnCPR"


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"note": " "}, "note"),
        ({"note": "x" * 501}, "note"),
        ({"reference": ""}, "reference"),
        ({"reference": "x" * 101}, "reference"),
        ({"takenOn": str(IN_DEFAULT + timedelta(days=1))}, "takenOn"),
        ({"takenOn": str(date(2026, 1, 1))}, "takenOn"),
        ({"idempotencyKey": "short"}, "idempotencyKey"),
    ],
)
async def test_a_step_says_what_was_done_and_when(contracts: Contracts, changed: dict[str, Any], field: str) -> None:
    cpr_id = await defaulted(contracts)
    assert (await record(contracts, cpr_id, **changed))["field"] == field
    assert (await contracts.cpr(cpr_id, SEEN))["collectionSteps"] == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE collection_steps SET note = 'another'",
        "DELETE FROM collection_steps",
        """INSERT INTO collection_steps SELECT gen_random_uuid(), cpr_id, recorded_by, kind, taken_on, reference, note,
           recorded_by, recorded_at FROM collection_steps""",
    ],
)
async def test_the_database_keeps_what_was_noted(contracts: Contracts, statement: str) -> None:
    """The last is of another farmer than the CPR's."""
    await record(contracts, await defaulted(contracts))
    with pytest.raises(DBAPIError):
        async with contracts.subgraph.database.begin() as session:
            await session.execute(text(statement))


async def test_who_noted_it_is_in_the_audit_log(contracts: Contracts) -> None:
    cpr_id = await defaulted(contracts)
    await record(contracts, cpr_id)
    contracts.scopes[ANA] = ("admin",)
    assert (await contracts.ask(ANA, AUDIT))["contractsAuditLog"]["nodes"] == [
        {
            "actorId": str(ANA),
            "subjectId": str(cpr_id),
            "personId": str(SERGIO),
            "reason": "Carta com aviso de recebimento.",
        }
    ]
