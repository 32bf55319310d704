"""Three days before an installment is due, once."""

from datetime import UTC, datetime

from tests.builders.deliveries import deliver, recorded
from tests.builders.jobs import run_job
from tests.subgraphs.contracts.contracts_builders import SERGIO, Contracts


async def numbers_told(contracts: Contracts) -> list[int]:
    return [told["number"] for told in await recorded(contracts.subgraph, "installment_due_soon")]


async def test_an_installment_is_told_of_three_days_before_and_once(contracts: Contracts) -> None:
    cpr_id = await contracts.active()
    first, *_ = await contracts.installments(cpr_id)
    contracts.clock.instant = datetime(2026, 12, 19, 12, tzinfo=UTC)
    await run_job(contracts.subgraph, "announce_due_installments")
    assert await numbers_told(contracts) == []
    contracts.clock.advance(days=1)
    for _ in range(2):
        await run_job(contracts.subgraph, "announce_due_installments")
    assert await recorded(contracts.subgraph, "installment_due_soon") == [
        {
            "installment_id": str(first.id),
            "cpr_id": str(cpr_id),
            "farmer_id": str(SERGIO),
            "number": 1,
            "due_on": "2026-12-23",
            "amount_minor": 91_046,
        }
    ]


async def test_a_job_that_did_not_run_for_three_days_tells_on_the_last(contracts: Contracts) -> None:
    await contracts.active()
    contracts.clock.instant = datetime(2026, 12, 23, 23, 30, tzinfo=UTC)
    await run_job(contracts.subgraph, "announce_due_installments")
    assert await numbers_told(contracts) == [1]


async def test_after_the_due_date_nothing_is_due_soon(contracts: Contracts) -> None:
    await contracts.active()
    contracts.clock.instant = datetime(2026, 12, 24, 12, tzinfo=UTC)
    await run_job(contracts.subgraph, "announce_due_installments")
    assert await numbers_told(contracts) == []


async def test_the_day_is_brasilias(contracts: Contracts) -> None:
    await contracts.active()
    contracts.clock.instant = datetime(2026, 12, 20, 2, 59, tzinfo=UTC)  # still the 19th in Brasília
    await run_job(contracts.subgraph, "announce_due_installments")
    assert await numbers_told(contracts) == []


async def test_what_is_paid_or_only_projected_is_not_told_of(contracts: Contracts) -> None:
    first, *_ = await contracts.installments(await contracts.active())
    await contracts.registered()
    await deliver(contracts.subgraph, contracts.a_payment(first))
    contracts.clock.instant = datetime(2026, 12, 22, 12, tzinfo=UTC)
    await run_job(contracts.subgraph, "announce_due_installments")
    assert await numbers_told(contracts) == []
