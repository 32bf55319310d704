"""Money reaches the farmer: the projection becomes a debt."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import update

from subgraphs.contracts import models
from subgraphs.contracts.schemas import heard
from subgraphs.shared.ids import new_id
from subgraphs.shared.messaging.event import Event
from subgraphs.shared.messaging.reactions import NotYet
from tests.builders.deliveries import deliver, recorded, recorded_types
from tests.subgraphs.contracts.contracts_builders import SERGIO, Contracts

NEXT_WEEK = datetime(2026, 12, 1, 2, 30, tzinfo=UTC)
"""Still the 30th of November in Brasília."""


async def test_the_schedule_stands_from_the_disbursement_on(contracts: Contracts) -> None:
    cpr_id = await contracts.registered()
    projected = await contracts.installments(cpr_id)
    await contracts.disburse(cpr_id, at=NEXT_WEEK)
    installments = await contracts.installments(cpr_id)
    assert [row.id for row in installments] == [row.id for row in projected]
    assert [str(row.due_on) for row in installments[:3]] == ["2026-12-30", "2027-02-01", "2027-03-01"]
    cpr = await contracts.cpr(cpr_id, "status disbursedAt nextInstallment { number dueOn amount { amount } }")
    assert cpr == {
        "status": "ACTIVE",
        "disbursedAt": "2026-12-01T02:30:00.000Z",
        "nextInstallment": {"number": 1, "dueOn": "2026-12-30", "amount": {"amount": "910.46"}},
    }
    (activated,) = await recorded(contracts.subgraph, "cpr_activated")
    assert {key: value for key, value in activated.items() if key != "installments"} == {
        "cpr_id": str(cpr_id),
        "farmer_id": str(SERGIO),
        "issued_on": "2026-11-23",
        "principal_minor": 1_000_000,
        "grade": "B",
        "late_fine_rate": "0.02",
        "late_monthly_rate": "0.01",
        "monthly_rate": "0.013888430348",
    }
    assert activated["installments"][0] == {
        "installment_id": str(installments[0].id),
        "number": 1,
        "due_on": "2026-12-30",
        "starts_on": "2026-11-30",
        "months": 1,
        "principal_minor": 77_158,
        "interest_minor": 13_888,
        "amount_minor": 91_046,
    }
    assert sum(part["principal_minor"] for part in activated["installments"]) == 1_000_000


async def test_a_schedule_from_before_rates_were_told_is_told_once_more(contracts: Contracts) -> None:
    cpr_id = await contracts.active()
    (tell_terms,) = [job.run for job in contracts.subgraph.jobs if job.name == "tell_terms"]
    await tell_terms()
    (first,) = await recorded(contracts.subgraph, "cpr_activated")
    async with contracts.subgraph.database.begin() as session:
        await session.execute(update(models.CPR).where(models.CPR.id == cpr_id).values(terms_told_at=None))
    for _ in range(2):
        await tell_terms()
    assert await recorded(contracts.subgraph, "cpr_activated") == [first, first]


async def test_a_harvest_bullet_has_one_period_of_all_its_months(contracts: Contracts) -> None:
    await contracts.active(amortisation="BULLET")
    (activated,) = await recorded(contracts.subgraph, "cpr_activated")
    (line,) = activated["installments"]
    assert (line["starts_on"], line["due_on"], line["months"]) == ("2026-11-23", "2027-11-23", 12)


async def test_a_part_funded_is_a_smaller_debt_on_the_same_terms(contracts: Contracts) -> None:
    cpr_id = await contracts.registered()
    await contracts.disburse(cpr_id, principal_minor=600_000)
    cpr = await contracts.row(cpr_id)
    assert (cpr.principal_minor, cpr.drafted_principal_minor) == (600_000, 1_000_000)
    assert sum(row.principal_minor for row in await contracts.installments(cpr_id)) == 600_000


async def test_more_than_was_registered_is_an_error(contracts: Contracts) -> None:
    cpr_id = await contracts.registered()
    with pytest.raises(ValueError, match="not of 1000100"):
        await contracts.disburse(cpr_id, principal_minor=1_000_100)
    assert (await contracts.row(cpr_id)).status == "REGISTERED"


async def test_a_disbursement_heard_twice_activates_once(contracts: Contracts) -> None:
    cpr_id = await contracts.registered()
    disbursed = heard.CPRDisbursed(cpr_id=cpr_id, principal_minor=1_000_000, disbursed_at=contracts.clock.now())
    event = Event.of(disbursed)
    assert [await deliver(contracts.subgraph, fact) for fact in (event, event, disbursed)] == [1, 0, 1]
    assert (await recorded_types(contracts.subgraph)).count("cpr_activated") == 1


async def test_funded_comes_between_registered_and_active(contracts: Contracts) -> None:
    cpr_id = await contracts.registered()
    await deliver(contracts.subgraph, heard.OfferingFunded(offering_id=new_id(), cpr_id=cpr_id))
    assert (await contracts.row(cpr_id)).status == "FUNDED"
    await contracts.disburse(cpr_id)
    assert (await contracts.row(cpr_id)).status == "ACTIVE"


async def test_funded_heard_after_the_disbursement_changes_nothing(contracts: Contracts) -> None:
    cpr_id = await contracts.active()
    await deliver(contracts.subgraph, heard.OfferingFunded(offering_id=new_id(), cpr_id=cpr_id))
    assert (await contracts.row(cpr_id)).status == "ACTIVE"


async def test_facts_about_a_cpr_that_is_not_registered_here_wait(contracts: Contracts) -> None:
    drafted = await contracts.drafted()
    for cpr_id in (new_id(), drafted):
        early = [
            heard.OfferingFunded(offering_id=new_id(), cpr_id=cpr_id),
            heard.OfferingCancelled(offering_id=new_id(), cpr_id=cpr_id),
            heard.CPRDisbursed(cpr_id=cpr_id, principal_minor=100, disbursed_at=contracts.clock.now()),
        ]
        for fact in early:
            with pytest.raises(NotYet):
                await deliver(contracts.subgraph, fact)


async def test_a_cancelled_offering_cancels_the_cpr(contracts: Contracts) -> None:
    cpr_id = await contracts.registered()
    cancelled = heard.OfferingCancelled(offering_id=new_id(), cpr_id=cpr_id)
    for _ in range(2):
        await deliver(contracts.subgraph, cancelled)
    cpr = await contracts.row(cpr_id)
    assert (cpr.status, cpr.cancellation_reason) == ("CANCELLED", "the offering was cancelled")
    assert await recorded(contracts.subgraph, "cpr_cancelled") == [
        {"cpr_id": str(cpr_id), "farmer_id": str(SERGIO), "reason": "the offering was cancelled"}
    ]
