"""What is owed, told and settled once a new schedule stands beside the old one."""

from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.contracts import models
from subgraphs.contracts.crud import cprs as rows
from subgraphs.contracts.schemas import heard
from subgraphs.shared.messaging.reactions import NotYet
from tests.builders.deliveries import deliver, recorded, recorded_types
from tests.builders.jobs import run_job
from tests.subgraphs.contracts.contracts_builders import MARINA, SERGIO, Contracts
from tests.subgraphs.contracts.renegotiating import (
    agree,
    consented,
    late,
    noon,
    propose,
    replaced,
    schedule_replaced,
    tell_roll,
    vote,
)


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
    await run_job(contracts.subgraph, "note_lateness")
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
    await run_job(contracts.subgraph, "note_lateness")
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
    await run_job(contracts.subgraph, "note_lateness")
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
    again = await propose(contracts, cpr_id)
    assert again["annualRate"] == "0.12"
    # 21.49 and 0.72 for two days, and the 11.68 that the first renegotiation carried: they are late charges still.
    assert again["lateCharges"]["amount"] == "33.89"
    assert len(await contracts.installments(cpr_id)) == 22
    proposal = await propose(contracts, cpr_id, annualRate="0.13")
    assert proposal["reason"] == "UNDER_RENEGOTIATION"


async def test_carried_late_charges_are_paid_before_other_interest_and_carried_on_no_more(
    contracts: Contracts,
) -> None:
    """Of the first line's 1.17, 1.00 is paid early: of the ten lines' 11.68, 10.68 are late charges still."""
    cpr_id, _ = await replaced(contracts)
    thirteenth = (await contracts.installments(cpr_id))[12]
    assert (thirteenth.carried_minor, thirteenth.carried_late_minor) == (21_64, 1_17)
    await deliver(contracts.subgraph, contracts.a_payment(thirteenth, amount_minor=1_00))
    contracts.clock.instant = noon(date(2027, 2, 12))
    # 1,073.57 are open: 21.47 and 0.72 for two days of being late.
    assert (await propose(contracts, cpr_id))["lateCharges"]["amount"] == "32.87"


async def test_a_payment_of_the_new_schedule_waits_until_it_is_known_to_be_in_force(contracts: Contracts) -> None:
    cpr_id, renegotiation_id = await consented(contracts)
    (agreed,) = await recorded(contracts.subgraph, "schedule_agreed")
    line = agreed["installments"][0]
    paid = heard.PaymentConfirmed(
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
        {"occurredAt": "2027-01-09T15:00:00.000Z", "summary": "Parcela 1 em atraso: venceu em 23/12/2026."},
        None,
    ]
    renegotiated = await contracts.entities(SERGIO, "Renegotiation", line, renegotiation_id)
    assert [row["summary"] for row in renegotiated] == ["CPR renegociada: o novo cronograma está em vigor."]
    for typename, key in (("ReceivedPayment", part.payment_id), ("LateInstallment", first.id)):
        assert await contracts.entities(MARINA, typename, "id", key) == [None]


async def test_what_is_due_soon_is_told_of_the_new_schedule_alone(contracts: Contracts) -> None:
    await replaced(contracts)
    contracts.clock.instant = noon(date(2027, 2, 10)) - timedelta(days=3)
    await run_job(contracts.subgraph, "announce_due_installments")
    assert [fact["number"] for fact in await recorded(contracts.subgraph, "installment_due_soon")] == [13]
