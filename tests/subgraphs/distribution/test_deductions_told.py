"""What distribution tells of fee and tax when its rules change, for the marketplace to reckon with."""

import uuid
from collections.abc import Mapping
from datetime import date
from typing import Any

from subgraphs.distribution.domain.parameters import PARAMETERS
from subgraphs.shared.parameters.changes import Change, approve_change, propose_change
from tests.subgraphs.distribution.register import Register

ANA, BRUNO = uuid.UUID(int=0xB1), uuid.UUID(int=0xB2)


async def put_in_force(register: Register, rule: str, valid_from: str, *rows: Mapping[str, str]) -> None:
    now = register.subgraph.clock.now()
    change = Change(
        rule=rule, valid_from=date.fromisoformat(valid_from), rows=[(rule, row) for row in rows], actor_id=ANA,
        reason="as agreed", idempotency_key=str(uuid.uuid4()),
    )  # fmt: skip
    async with register.subgraph.database.begin() as session:
        proposal = await propose_change(session, PARAMETERS, change, now=now)
        await approve_change(session, PARAMETERS, proposal.id, actor_id=BRUNO, now=now)


async def told(register: Register) -> list[Any]:
    rows = await register.sql("SELECT data FROM outbox WHERE type = 'distribution.deductions_laid_down.v1' ORDER BY id")
    return [
        (row["data"]["valid_from"], row["data"]["performance_fee_rate"], row["data"]["income_tax_rate"]) for row in rows
    ]


async def test_each_day_on_which_something_changes_is_told_as_it_is_by_now(register: Register) -> None:
    fee = {"rate": "0.18", "note": "as agreed", "of_late_charges": "false"}
    await put_in_force(register, "performance_fees", "2027-03-01", fee)
    assert await told(register) == [("2027-03-01", "0.1800", "0")]
    tax = {
        "person": "NATURAL", "instrument": "REGISTERED_CPR", "treatment": "REGRESSIVE", "base": "INTEREST",
        "note": "a new law", "issued_from": "0001-01-01", "scale": "LEI_11033", "rate": "",
    }  # fmt: skip
    await put_in_force(register, "tax_rules", "2027-01-01", tax)
    # Of what comes later the tax is another by now.
    assert (await told(register))[1:] == [("2027-01-01", "0.1500", "0.2250"), ("2027-03-01", "0.1800", "0.2250")]


async def test_what_fee_and_tax_are_taken_of_is_told(register: Register) -> None:
    fee = {"rate": "0.18", "note": "as agreed", "of_late_charges": "true"}
    await put_in_force(register, "performance_fees", "2027-03-01", fee)
    tax = {
        "person": "NATURAL", "instrument": "REGISTERED_CPR", "treatment": "FLAT", "base": "INTEREST_LESS_FEE",
        "note": "a new law", "issued_from": "0001-01-01", "scale": "LEI_11033", "rate": "0.05",
    }  # fmt: skip
    await put_in_force(register, "tax_rules", "2027-01-01", tax)
    rows = await register.sql(
        "SELECT data FROM outbox WHERE type = 'distribution.deductions_laid_down.v1' ORDER BY id DESC LIMIT 2"
    )
    assert [(row["data"]["fee_of_late_charges"], row["data"]["is_taxed_after_fee"]) for row in rows] == [
        (True, True),
        (False, True),
    ]
