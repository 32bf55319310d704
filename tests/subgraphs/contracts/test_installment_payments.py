"""Payments that wallet confirmed meet their installments, once each."""

import asyncio
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from subgraphs.contracts import models
from subgraphs.contracts.schemas import heard
from subgraphs.shared.ids import new_id
from subgraphs.shared.messaging.event import Event
from subgraphs.shared.messaging.reactions import NotYet
from tests.builders.deliveries import deliver, recorded, recorded_types
from tests.subgraphs.contracts.contracts_builders import SERGIO, Contracts


async def outcomes(contracts: Contracts) -> list[str]:
    async with contracts.subgraph.database.read() as session:
        rows = select(models.InstallmentPayment.outcome).order_by(models.InstallmentPayment.payment_id)
        return list(await session.scalars(rows))


async def test_a_payment_pays_its_installment(contracts: Contracts) -> None:
    cpr_id = await contracts.active()
    first, second, *_ = await contracts.installments(cpr_id)
    payment = contracts.a_payment(first)
    await deliver(contracts.subgraph, payment)
    cpr = await contracts.cpr(
        cpr_id,
        "installments { status paidAt } nextInstallment { number } "
        "progress { paidCount totalCount paidAmount { amount } totalAmount { amount } paidPercent }",
    )
    assert cpr["installments"][0] == {"status": "PAID", "paidAt": "2026-11-23T12:00:00.000Z"}
    assert cpr["nextInstallment"] == {"number": second.number}
    assert cpr["progress"] == {
        "paidCount": 1,
        "totalCount": 12,
        "paidAmount": {"amount": "910.46"},
        "totalAmount": {"amount": "10925.56"},
        "paidPercent": 8,
    }
    assert await recorded(contracts.subgraph, "installment_paid") == [
        {
            "installment_id": str(first.id),
            "cpr_id": str(cpr_id),
            "farmer_id": str(SERGIO),
            "number": 1,
            "payment_id": str(payment.payment_id),
            "payment_number": 1,
            "amount_minor": 91_046,
            "paid_at": "2026-11-23T12:00:00Z",
        }
    ]


async def test_the_same_payment_heard_again_changes_nothing(contracts: Contracts) -> None:
    first, *_ = await contracts.installments(await contracts.active())
    payment = contracts.a_payment(first)
    event = Event.of(payment)
    assert [await deliver(contracts.subgraph, fact) for fact in (event, event, payment)] == [1, 0, 1]
    assert await outcomes(contracts) == ["EXACT"]
    assert len(await recorded(contracts.subgraph, "installment_paid")) == 1


async def test_another_payment_of_a_paid_installment_is_kept_and_changes_nothing(contracts: Contracts) -> None:
    first, *_ = await contracts.installments(await contracts.active())
    for _ in range(2):
        await deliver(contracts.subgraph, contracts.a_payment(first))
    assert await outcomes(contracts) == ["EXACT", "REPEATED"]
    assert len(await recorded(contracts.subgraph, "installment_paid")) == 1


PART_AND_REST = (
    # Two days late with the old amount: a fine of 18.21 and interest of 0.61 are paid first.
    {"number": 1, "amount_minor": 91_046, "late_days": 2, "late_minor": 1_882},
    {"number": 2, "amount_minor": 1_882, "settled_before_minor": 89_164, "late_days": 2, "late_minor": 0},
)
OPEN = """installments { status settled { amount } outstanding { amount } lateCharges { daysLate total { amount } } }
    progress { paidCount paidAmount { amount } }"""


async def test_a_part_leaves_the_rest_open_to_be_seen_and_paid(contracts: Contracts) -> None:
    cpr_id = await contracts.active()
    first, *_ = await contracts.installments(cpr_id)
    part, rest = (contracts.a_payment(first, **said) for said in PART_AND_REST)
    await deliver(contracts.subgraph, part)
    contracts.clock.instant = datetime(2027, 1, 24, 15, tzinfo=UTC)
    seen = await contracts.cpr(cpr_id, OPEN)
    # 18.82 are open; of thirty more days interest is 0.19, and there is no second fine.
    assert seen["installments"][0] == {
        "status": "SCHEDULED",
        "settled": {"amount": "891.64"},
        "outstanding": {"amount": "18.82"},
        "lateCharges": {"daysLate": 32, "total": {"amount": "19.01"}},
    }
    assert seen["progress"] == {"paidCount": 0, "paidAmount": {"amount": "891.64"}}
    assert await recorded(contracts.subgraph, "installment_partly_paid") == [
        {
            "installment_id": str(first.id),
            "cpr_id": str(cpr_id),
            "farmer_id": str(SERGIO),
            "number": 1,
            "payment_id": str(part.payment_id),
            "payment_number": 1,
            "amount_minor": 91_046,
            "late_minor": 1_882,
            "settled_minor": 89_164,
            "outstanding_minor": 1_882,
            "paid_at": "2026-11-23T12:00:00Z",
        }
    ]
    assert await recorded(contracts.subgraph, "installment_paid") == []
    await deliver(contracts.subgraph, rest)
    (paid,) = (await contracts.cpr(cpr_id, OPEN))["installments"][:1]
    assert (paid["status"], paid["settled"], paid["lateCharges"]) == ("PAID", {"amount": "910.46"}, None)
    assert sorted(await outcomes(contracts)) == ["BELOW", "EXACT"]


async def test_a_payment_that_was_early_settles_what_was_taken_off_as_well(contracts: Contracts) -> None:
    cpr_id = await contracts.active()
    first, *_ = await contracts.installments(cpr_id)
    await deliver(
        contracts.subgraph, contracts.a_payment(first, amount_minor=90_000, late_minor=0, reduction_minor=1_046)
    )
    (row, *_) = await contracts.installments(cpr_id)
    assert (row.status, row.settled_minor) == ("PAID", 91_046)
    assert await outcomes(contracts) == ["EXACT"]


async def test_a_rest_heard_before_the_part_pays_and_the_part_tells_nobody(contracts: Contracts) -> None:
    cpr_id = await contracts.active()
    first, *_ = await contracts.installments(cpr_id)
    for said in reversed(PART_AND_REST):
        await deliver(contracts.subgraph, contracts.a_payment(first, **said))
    row = (await contracts.installments(cpr_id))[0]
    assert (row.status, row.settled_minor, row.payment_count) == ("PAID", 91_046, 2)
    assert await recorded(contracts.subgraph, "installment_partly_paid") == []
    assert [fact["payment_number"] for fact in await recorded(contracts.subgraph, "installment_paid")] == [2]


async def test_a_part_that_another_overtook_tells_of_no_more_than_is_open(contracts: Contracts) -> None:
    first, *_ = await contracts.installments(await contracts.active())
    parts = [
        {"number": number, "amount_minor": 10_000, "settled_before_minor": before, "late_days": 2, "late_minor": 0}
        for number, before in ((1, 0), (2, 10_000))
    ]
    for said in reversed(parts):
        await deliver(contracts.subgraph, contracts.a_payment(first, **said))
    told = await recorded(contracts.subgraph, "installment_partly_paid")
    shown = [(fact["payment_number"], fact["settled_minor"], fact["outstanding_minor"]) for fact in told]
    assert shown == [(2, 20_000, 71_046), (1, 10_000, 71_046)]


async def test_what_a_part_leaves_of_the_charges_stays_owed(contracts: Contracts) -> None:
    first, *_ = await contracts.installments(cpr_id := await contracts.active())
    said = {"amount_minor": 1_000, "late_days": 2, "late_minor": 1_000, "late_left_minor": 882}
    await deliver(contracts.subgraph, contracts.a_payment(first, **said))
    contracts.clock.instant = datetime(2026, 12, 25, 15, tzinfo=UTC)
    query = "installments { outstanding { amount } lateCharges { fine { amount } total { amount } } }"
    assert (await contracts.cpr(cpr_id, query))["installments"][0] == {
        "outstanding": {"amount": "910.46"},
        "lateCharges": {"fine": {"amount": "0.00"}, "total": {"amount": "919.28"}},
    }


async def test_more_than_owed_pays_and_is_told_as_paid(contracts: Contracts) -> None:
    cpr_id = await contracts.active()
    first, *_ = await contracts.installments(cpr_id)
    await deliver(contracts.subgraph, contracts.a_payment(first, amount_minor=first.amount_minor + 2_427))
    assert await outcomes(contracts) == ["ABOVE"]
    (paid,) = await recorded(contracts.subgraph, "installment_paid")
    assert paid["amount_minor"] == first.amount_minor + 2_427


async def test_installments_may_be_paid_in_any_order(contracts: Contracts) -> None:
    cpr_id = await contracts.active(term_months=3)
    for installment in reversed(await contracts.installments(cpr_id)):
        await deliver(contracts.subgraph, contracts.a_payment(installment))
    assert (await contracts.row(cpr_id)).status == "SETTLED"
    assert [paid["number"] for paid in await recorded(contracts.subgraph, "installment_paid")] == [3, 2, 1]


async def test_the_last_two_payments_at_once_settle_once(contracts: Contracts) -> None:
    cpr_id = await contracts.active(term_months=2)
    payments = [contracts.a_payment(row) for row in await contracts.installments(cpr_id)]
    await asyncio.gather(*(deliver(contracts.subgraph, payment) for payment in payments))
    assert (await contracts.row(cpr_id)).status == "SETTLED"
    assert (await recorded_types(contracts.subgraph)).count("cpr_settled") == 1


async def test_a_payment_heard_before_the_disbursement_waits(contracts: Contracts) -> None:
    cpr_id = await contracts.registered()
    first, *_ = await contracts.installments(cpr_id)
    early = contracts.a_payment(first)
    for payment in (early, early.model_copy(update={"cpr_id": new_id()})):
        with pytest.raises(NotYet):
            await deliver(contracts.subgraph, payment)
    await contracts.disburse(cpr_id)
    assert await deliver(contracts.subgraph, early) == 1
    assert (await contracts.installments(cpr_id))[0].status == "PAID"


async def test_a_payment_for_no_installment_of_the_cpr_is_an_error(contracts: Contracts) -> None:
    cpr_id = await contracts.active()
    stray = heard.PaymentConfirmed(
        payment_id=new_id(),
        installment_id=new_id(),
        cpr_id=cpr_id,
        amount_minor=100,
        method="PIX",
        confirmed_at=contracts.clock.now(),
    )
    with pytest.raises(LookupError, match="has no installment"):
        await deliver(contracts.subgraph, stray)
    assert await outcomes(contracts) == []
