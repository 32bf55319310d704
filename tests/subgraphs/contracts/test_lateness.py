"""Being late: what it costs, who is told, when it is a default and when no longer."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from subgraphs.contracts import models
from subgraphs.shared.late_charges import late_charges
from tests.builders.deliveries import deliver, recorded, recorded_types
from tests.builders.jobs import run_job
from tests.subgraphs.contracts.contracts_builders import SERGIO, Contracts

FIRST_DUE = date(2026, 12, 23)
LAW = {"fine_rate": Decimal("0.02"), "monthly_rate": Decimal("0.01")}


def test_seventeen_days_late() -> None:
    charges = late_charges(94_560, days_late=17, **LAW)
    assert (charges.fine_minor, charges.interest_minor) == (1_891, 536)
    assert 94_560 + charges.total_minor == 96_987


@pytest.mark.parametrize("days", [0, -1])
def test_on_time_costs_nothing(days: int) -> None:
    assert late_charges(94_560, days_late=days, **LAW).total_minor == 0


@given(amount_minor=st.integers(1, 10**10), days=st.integers(1, 4_000))
def test_the_fine_is_taken_once_and_interest_grows(amount_minor: int, days: int) -> None:
    today, tomorrow = (late_charges(amount_minor, days_late=late, **LAW) for late in (days, days + 1))
    assert today.fine_minor == tomorrow.fine_minor
    assert today.interest_minor <= tomorrow.interest_minor


async def on(contracts: Contracts, day: date) -> None:
    """Let it be noon of *day*, and the daily job run."""
    contracts.clock.instant = datetime(day.year, day.month, day.day, 15, tzinfo=UTC)
    await run_job(contracts.subgraph, "note_lateness")


async def pay(contracts: Contracts, cpr_id: UUID, *numbers: int) -> None:
    for installment in await contracts.installments(cpr_id):
        if installment.number in numbers:
            await deliver(contracts.subgraph, contracts.a_payment(installment))


async def test_an_installment_is_late_the_day_after_and_told_once(contracts: Contracts) -> None:
    cpr_id = await contracts.active()
    await on(contracts, FIRST_DUE)
    assert await recorded(contracts.subgraph, "installment_late") == []
    for _ in range(2):
        await on(contracts, FIRST_DUE + timedelta(days=1))
    first, second, *_ = await contracts.installments(cpr_id)
    assert (first.status, second.status) == ("LATE", "SCHEDULED")
    assert await recorded(contracts.subgraph, "installment_late") == [
        {
            "installment_id": str(first.id),
            "cpr_id": str(cpr_id),
            "farmer_id": str(SERGIO),
            "number": 1,
            "due_on": "2026-12-23",
            "amount_minor": 91_046,
            "fine_rate": "0.02",
            "monthly_rate": "0.01",
        }
    ]


async def test_a_job_that_did_not_run_for_days_ends_the_same(contracts: Contracts) -> None:
    cpr_id = await contracts.active()
    await on(contracts, FIRST_DUE + timedelta(days=4))
    assert [row.status for row in await contracts.installments(cpr_id)][:2] == ["LATE", "SCHEDULED"]
    assert len(await recorded(contracts.subgraph, "installment_late")) == 1


async def test_what_it_costs_is_shown_by_the_day(contracts: Contracts) -> None:
    cpr_id = await contracts.active()
    selection = (
        "nextInstallment { status lateCharges { daysLate fine { amount } interest { amount } total { amount } } }"
    )
    await on(contracts, FIRST_DUE)
    assert (await contracts.cpr(cpr_id, selection))["nextInstallment"] == {"status": "SCHEDULED", "lateCharges": None}
    await on(contracts, FIRST_DUE + timedelta(days=17))
    assert (await contracts.cpr(cpr_id, selection))["nextInstallment"] == {
        "status": "LATE",
        "lateCharges": {
            "daysLate": 17,
            "fine": {"amount": "18.21"},
            "interest": {"amount": "5.16"},
            "total": {"amount": "933.83"},
        },
    }


async def test_a_late_payment_pays_and_is_kept_with_what_lateness_cost(contracts: Contracts) -> None:
    cpr_id = await contracts.active()
    await on(contracts, FIRST_DUE + timedelta(days=17))
    first, *_ = await contracts.installments(cpr_id)
    await deliver(contracts.subgraph, contracts.a_payment(first, amount_minor=93_383))
    async with contracts.subgraph.database.read() as session:
        (payment,) = (await session.scalars(select(models.InstallmentPayment))).all()
    assert (payment.outcome, payment.due_minor, payment.late_minor) == ("ABOVE", 91_046, 2_337)
    assert (await contracts.installments(cpr_id))[0].status == "PAID"
    query = "installments { lateCharges { daysLate } }"
    assert (await contracts.cpr(cpr_id, query))["installments"][0] == {"lateCharges": None}


async def test_more_than_thirty_days_late_is_a_default_once(contracts: Contracts) -> None:
    cpr_id = await contracts.active()
    await on(contracts, FIRST_DUE + timedelta(days=30))
    assert (await contracts.row(cpr_id)).status == "ACTIVE"
    for _ in range(2):
        await on(contracts, FIRST_DUE + timedelta(days=31))
    assert (await contracts.row(cpr_id)).status == "DEFAULTED"
    assert await recorded(contracts.subgraph, "cpr_defaulted") == [{"cpr_id": str(cpr_id), "farmer_id": str(SERGIO)}]


async def test_a_cpr_paid_up_is_no_longer_in_default_and_may_fall_again(contracts: Contracts) -> None:
    cpr_id = await contracts.active()
    await on(contracts, date(2027, 2, 24))  # the first is 63 days late, the second 30
    assert (await contracts.row(cpr_id)).status == "DEFAULTED"
    await pay(contracts, cpr_id, 1)
    assert (await contracts.row(cpr_id)).status == "ACTIVE"
    await on(contracts, date(2027, 2, 25))
    assert (await contracts.row(cpr_id)).status == "DEFAULTED"
    types = [name for name in await recorded_types(contracts.subgraph) if name.startswith("cpr_")]
    assert types[-3:] == ["cpr_defaulted", "cpr_recovered", "cpr_defaulted"]


async def test_a_cpr_in_default_is_settled_with_its_last_payment(contracts: Contracts) -> None:
    cpr_id = await contracts.active(term_months=2)
    await on(contracts, date(2027, 6, 1))
    assert (await contracts.row(cpr_id)).status == "DEFAULTED"
    await pay(contracts, cpr_id, 1)
    assert (await contracts.row(cpr_id)).status == "DEFAULTED"
    await pay(contracts, cpr_id, 2)
    assert (await contracts.row(cpr_id)).status == "SETTLED"
    types = [name for name in await recorded_types(contracts.subgraph) if name.startswith("cpr_")]
    assert types[-3:] == ["cpr_defaulted", "cpr_recovered", "cpr_settled"]


async def test_what_is_not_disbursed_is_never_late(contracts: Contracts) -> None:
    await contracts.registered()
    await on(contracts, date(2027, 6, 1))
    assert await recorded(contracts.subgraph, "installment_late", "cpr_defaulted") == []
