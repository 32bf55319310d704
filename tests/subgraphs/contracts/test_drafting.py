"""From an approved request to a drafted CPR."""

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import NoResultFound

from subgraphs.contracts import models
from subgraphs.shared.messaging.event import Event
from tests.builders.deliveries import deliver, recorded
from tests.subgraphs.contracts.contracts_builders import SERGIO, Contracts, an_approval


async def count_cprs(contracts: Contracts) -> int:
    async with contracts.subgraph.database.read() as session:
        return await session.scalar(select(func.count()).select_from(models.CPR)) or 0


async def test_an_approval_drafts_a_cpr_at_the_grades_rate(contracts: Contracts) -> None:
    approval = an_approval()
    await deliver(contracts.subgraph, approval)
    (drafted,) = await recorded(contracts.subgraph, "cpr_drafted")
    assert drafted == {
        "cpr_id": drafted["cpr_id"],
        "credit_request_id": str(approval.credit_request_id),
        "farmer_id": str(SERGIO),
        "principal_minor": 1_000_000,
        "annual_rate": "0.18",
        "term_months": 12,
        "amortisation": "PRICE",
    }
    cpr = await contracts.cpr(
        drafted["cpr_id"],
        "status crop hectares region municipality principal { amount } annualRate monthlyRate termMonths amortisation "
        "familiesBenefited farmer { id } creditRequest { id } issuedOn",
    )
    assert cpr == {
        "status": "DRAFTED",
        "crop": "MAIZE",
        "hectares": "32.00",
        "region": "MT",
        "municipality": "5107925",
        "principal": {"amount": "10000.00"},
        "annualRate": "0.18",
        "monthlyRate": "0.013888430348",
        "termMonths": 12,
        "amortisation": "PRICE",
        "familiesBenefited": 3,
        "farmer": {"id": str(SERGIO)},
        "creditRequest": {"id": str(approval.credit_request_id)},
        "issuedOn": None,
    }


@pytest.mark.parametrize(("grade", "rate"), [("A", "0.14"), ("B", "0.18"), ("C", "0.22"), ("D", "0.27")])
async def test_each_grade_has_its_rate(contracts: Contracts, grade: str, rate: str) -> None:
    cpr_id = await contracts.drafted(grade=grade)
    assert (await contracts.cpr(cpr_id, "annualRate"))["annualRate"] == rate


async def test_a_grade_without_a_rate_gets_no_cpr(contracts: Contracts) -> None:
    with pytest.raises(NoResultFound):
        await deliver(contracts.subgraph, an_approval(grade="E"))
    assert await count_cprs(contracts) == 0


async def test_the_draft_shows_its_projected_installments(contracts: Contracts) -> None:
    cpr_id = await contracts.drafted(amortisation="SAC")
    cpr = await contracts.cpr(
        cpr_id,
        "installments { number dueOn principal { amount } interest { amount } amount { amount } status paidAt } "
        "nextInstallment { id } progress { paidCount totalCount paidAmount { amount } paidPercent }",
    )
    assert len(cpr["installments"]) == 12
    assert cpr["installments"][0] == {
        "number": 1,
        "dueOn": "2026-12-23",
        "principal": {"amount": "833.33"},
        "interest": {"amount": "138.88"},
        "amount": {"amount": "972.21"},
        "status": "SCHEDULED",
        "paidAt": None,
    }
    assert cpr["nextInstallment"] is None
    assert cpr["progress"] == {
        "paidCount": 0,
        "totalCount": 12,
        "paidAmount": {"amount": "0.00"},
        "paidPercent": 0,
    }


async def test_a_bullet_has_one_installment_at_harvest(contracts: Contracts) -> None:
    cpr_id = await contracts.drafted(amortisation="BULLET", term_months=8)
    (only,) = await contracts.installments(cpr_id)
    assert (only.number, str(only.due_on), only.principal_minor) == (1, "2027-07-23", 1_000_000)


async def test_the_same_approval_twice_drafts_one_cpr(contracts: Contracts) -> None:
    approval = an_approval()
    event = Event.of(approval)
    effects = [await deliver(contracts.subgraph, fact) for fact in (event, event, approval)]
    assert effects == [1, 0, 1]
    assert await count_cprs(contracts) == 1
    assert len(await recorded(contracts.subgraph, "cpr_drafted")) == 1
