"""A confirmed payment is split among the holders, to the cent, once; whatever arrives when."""

import asyncio
import uuid
from datetime import timedelta

import pytest

from subgraphs.distribution.__main__ import show
from subgraphs.distribution.schemas import heard
from subgraphs.shared.messaging.event import Event
from subgraphs.shared.messaging.reactions import NotYet
from tests.subgraphs.distribution.register import (
    CARLOS,
    CPR,
    FARMER,
    FUNDED_AT,
    MARINA,
    PAID_AT,
    STRANGER,
    Register,
    activated,
    confirmed,
    funded,
    installment_id,
    investment_id,
    payment,
    swapped,
)


async def test_principal_and_interest_go_by_quotas_less_fee(register: Register) -> None:
    await register.deliver(activated((74_560, 20_000)))
    await register.hold((MARINA, 60), (CARLOS, 40))
    printed = await register.pay(94_560)
    assert printed.splitlines() == [
        f"installment {installment_id(1)}  paid 2026-12-23 09:00  R$ 945,60 = principal 745.60 + interest 200.00",
        "position      quotas  principal  interest   gross    fee   tax     net  tax rate  days  status",
        "000000000001      60     447.36    120.00  567.36  18.00  0.00  549.36    exempt    30  pending",
        "000000000002      40     298.24     80.00  378.24  12.00  0.00  366.24    exempt    30  pending",
        "sum              100     745.60    200.00  945.60  30.00  0.00  915.60",
    ]


async def test_the_fact_names_every_part(register: Register) -> None:
    await register.deliver(activated((100, 20)))
    await register.hold((MARINA, 2), (CARLOS, 1))
    paid = payment(120)
    await register.deliver(paid)
    (distribution,) = await register.sql("SELECT id FROM distributions")
    payouts = await register.sql("SELECT id FROM payouts ORDER BY investment_id")
    assert await register.recorded() == [
        {
            "distribution_id": str(distribution["id"]),
            "installment_id": str(installment_id(1)),
            "cpr_id": str(CPR),
            "payment_id": str(paid.payment_id),
            "total_minor": 120,
            "part": 1,
            "parts": 1,
            "payouts": [
                {
                    "payout_id": str(payouts[0]["id"]),
                    "position_id": str(investment_id(1)),
                    "investment_id": str(investment_id(1)),
                    "investor_id": str(MARINA),
                    "person": "NATURAL",
                    "principal_minor": 67,
                    "interest_minor": 13,
                    "gross_minor": 80,
                    "fee_minor": 2,
                    "tax_minor": 0,
                    "net_minor": 78,
                },
                {
                    "payout_id": str(payouts[1]["id"]),
                    "position_id": str(investment_id(2)),
                    "investment_id": str(investment_id(2)),
                    "investor_id": str(CARLOS),
                    "person": "NATURAL",
                    "principal_minor": 33,
                    "interest_minor": 7,
                    "gross_minor": 40,
                    "fee_minor": 1,
                    "tax_minor": 0,
                    "net_minor": 39,
                },
            ],
        }
    ]


async def test_being_late_is_interest(register: Register) -> None:
    await register.deliver(activated((74_560, 20_000)))
    await register.hold((MARINA, 60), (CARLOS, 40))
    printed = await register.pay(96_987)
    assert printed.splitlines()[0].endswith("R$ 969,87 = principal 745.60 + interest 224.27")
    assert printed.splitlines()[-1].split() == ["sum", "100", "745.60", "224.27", "969.87", "30.00", "0.00", "939.87"]
    assert await register.sql("SELECT late_charge_minor FROM distributions") == [{"late_charge_minor": 2_427}]


async def test_parts_of_an_installment_go_to_who_held_at_each(register: Register) -> None:
    """Two days late with the old amount; then Carlos buys Marina's quotas of her; then the rest is paid."""
    await register.deliver(activated((74_560, 20_000)))
    await register.hold((MARINA, 60), (CARLOS, 40))
    part = payment(94_560, late_minor=1_954)
    rest = payment(1_954, number=2, settled_before_minor=92_606, late_minor=0, swaps_before=1).model_copy(
        update={"installment_id": installment_id(1), "number": 2}
    )
    await register.deliver(swapped(1, 60), rest, part)
    printed = await show(register.subgraph.database, installment_id(1))
    assert printed is not None
    first, second = printed.split("\n\n")
    assert first.splitlines()[0].endswith("R$ 945,60 = principal 726.06 + interest 219.54")
    assert [line.split()[:5] for line in first.splitlines()[2:]] == [
        ["000000000001", "60", "435.64", "131.72", "567.36"],
        ["000000000002", "40", "290.42", "87.82", "378.24"],
        ["sum", "100", "726.06", "219.54", "945.60"],
    ]
    assert second.splitlines()[0].endswith("R$ 19,54 = principal 19.54 + interest 0.00")
    assert sorted(line.split()[1:5] for line in second.splitlines()[2:]) == [
        ["100", "19.54", "0.00", "19.54"],
        ["40", "7.82", "0.00", "7.82"],
        ["60", "11.72", "0.00", "11.72"],
    ]
    holder = register.signed_in(CARLOS, "investor")
    reference = {"__typename": "Installment", "id": str(installment_id(1))}
    fields = "... on Installment { distribution { total { amount } } distributions { total { amount } } }"
    assert await register.entities(holder, fields, reference) == [
        {
            "__typename": "Installment",
            "distribution": {"total": {"amount": "19.54"}},
            "distributions": [{"total": {"amount": "945.60"}}, {"total": {"amount": "19.54"}}],
        }
    ]


async def test_a_payment_is_distributed_once_however_often_it_is_told(register: Register) -> None:
    await register.deliver(activated((100, 20)))
    await register.hold((MARINA, 2), (CARLOS, 1))
    paid = payment(120)
    event = Event.of(paid)
    await register.deliver(event, event, paid)
    assert await register.sql("SELECT count(*) FROM distributions") == [{"count": 1}]
    assert len(await register.recorded()) == 1
    assert await register.sql("SELECT * FROM undistributed_payments") == []


async def test_a_payment_told_twice_at_once_is_distributed_once(register: Register) -> None:
    await register.deliver(activated((100, 20)))
    await register.hold((MARINA, 2), (CARLOS, 1))
    paid = payment(120)
    await asyncio.gather(*(register.deliver(paid) for _ in range(5)))
    assert len(await register.recorded()) == 1
    assert await register.sql("SELECT * FROM undistributed_payments") == []


async def test_of_two_payments_at_once_one_is_set_aside(register: Register) -> None:
    await register.deliver(activated((100, 20)))
    await register.hold((MARINA, 2), (CARLOS, 1))
    payments = [payment(120) for _ in range(2)]
    await asyncio.gather(*(register.deliver(paid) for paid in payments))
    (distributed,) = await register.sql("SELECT payment_id FROM distributions")
    (aside,) = await register.sql("SELECT payment_id FROM undistributed_payments")
    assert {distributed["payment_id"], aside["payment_id"]} == {paid.payment_id for paid in payments}


async def test_a_second_payment_of_an_installment_is_set_aside(register: Register) -> None:
    await register.deliver(activated((100, 20)))
    await register.hold((MARINA, 3))
    second = payment(120)
    await register.deliver(payment(120), second, second)
    assert len(await register.recorded()) == 1
    assert await register.sql("SELECT * FROM undistributed_payments") == [
        {
            "payment_id": second.payment_id,
            "installment_id": installment_id(1),
            "cpr_id": CPR,
            "farmer_id": FARMER,
            "amount_minor": 120,
            "paid_at": PAID_AT,
            "received_at": PAID_AT,
        }
    ]


@pytest.mark.parametrize("missing", ["schedule", "funding", "position", "all"])
async def test_a_payment_waits_for_what_it_depends_on(register: Register, missing: str) -> None:
    facts = {
        "schedule": activated((100, 20)),
        "funding": funded(3, 2),
        "first position": confirmed(1, MARINA, 2),
        "position": confirmed(2, CARLOS, 1),
    }
    late = list(facts) if missing == "all" else [missing]
    await register.deliver(*(fact for name, fact in facts.items() if name not in late))
    paid = Event.of(payment(120))
    with pytest.raises(NotYet):
        await register.deliver(paid)
    for name in reversed(late):
        await register.deliver(facts[name])
    await register.deliver(paid)
    assert len(await register.recorded()) == 1


async def test_facts_told_twice_are_kept_once(register: Register) -> None:
    for fact in (activated((100, 20)), confirmed(1, MARINA, 3), funded(3)):
        await register.deliver(fact, fact)
    await register.deliver(payment(120))
    assert await register.sql("SELECT quota_count, payout_count FROM distributions") == [
        {"quota_count": 3, "payout_count": 1}
    ]


async def test_an_installment_of_another_cpr_is_not_paid(register: Register) -> None:
    await register.deliver(activated((100, 20)))
    await register.hold((MARINA, 3))
    with pytest.raises(ValueError, match="names an installment of another CPR"):
        await register.deliver(payment(120, cpr_id=uuid.uuid4(), installment_id=installment_id(1)))
    assert await register.sql("SELECT * FROM distributions") == []


async def test_holders_are_those_after_the_swaps_before_the_payment_whatever_the_clocks_say(
    register: Register,
) -> None:
    """Marina sells one of her two quotas between the payments; the swap's clock is an hour ahead."""
    await register.deliver(activated((90, 30), (90, 30)))
    await register.hold((MARINA, 2), (CARLOS, 1))
    second = payment(120, 2, confirmed_at=PAID_AT, swaps_before=1)
    with pytest.raises(NotYet, match="0 of 1 swaps"):
        await register.deliver(second)
    await register.deliver(swapped(1, 1, buyer_id=STRANGER, swapped_at=PAID_AT + timedelta(hours=1)))
    # The second payment is told first; each finds the holders of its own place among the swaps.
    await register.deliver(second)
    await register.deliver(payment(120, 1, confirmed_at=PAID_AT + timedelta(hours=2)))
    holders = await register.sql(
        "SELECT i.number, p.investor_id, p.gross_minor, p.held_days, p.investment_id FROM payouts p"
        " JOIN installments i ON i.id = p.installment_id ORDER BY i.number, p.investor_id"
    )
    assert [tuple(row.values()) for row in holders] == [
        (1, MARINA, 80, 30, investment_id(1)),
        (1, CARLOS, 40, 30, investment_id(2)),
        (2, MARINA, 40, 30, investment_id(1)),
        (2, CARLOS, 40, 30, investment_id(2)),
        (2, STRANGER, 40, 0, investment_id(1)),
    ]


async def test_who_has_sold_everything_gets_nothing_any_more(register: Register) -> None:
    await register.deliver(activated((90, 30)))
    await register.hold((MARINA, 2), (CARLOS, 1))
    sold = swapped(1, 2)
    await register.deliver(sold, sold)
    await register.deliver(payment(120, swaps_before=1))
    parts = await register.sql("SELECT investor_id, position_id, gross_minor FROM payouts ORDER BY gross_minor")
    assert [tuple(row.values()) for row in parts] == [
        (CARLOS, investment_id(2), 40),
        (CARLOS, sold.purchase_id, 80),
    ]


async def test_a_position_counts_from_its_confirmation(register: Register) -> None:
    await register.deliver(activated((100, 20)))
    await register.deliver(confirmed(1, MARINA, 3, confirmed_at=PAID_AT + timedelta(seconds=1)), funded(3))
    with pytest.raises(NotYet, match="0 of 3 quotas"):
        await register.deliver(payment(120))


@pytest.mark.parametrize("cancelled_first", [True, False])
async def test_a_cancelled_investment_is_off_the_record(register: Register, *, cancelled_first: bool) -> None:
    facts = [confirmed(1, MARINA, 3), heard.InvestmentCancelled(investment_id=investment_id(1))]
    await register.deliver(*(reversed(facts) if cancelled_first else facts))
    assert await register.sql("SELECT * FROM positions WHERE valid_to IS NULL") == []
    await register.deliver(activated((100, 20)), confirmed(2, CARLOS, 1), funded(1))
    await register.deliver(payment(120))
    assert await register.sql("SELECT investor_id FROM payouts") == [{"investor_id": CARLOS}]


async def test_a_distribution_of_many_is_told_in_parts(register: Register) -> None:
    await register.deliver(activated((100_000, 61_000)))
    await register.sql(
        "INSERT INTO positions SELECT gen_random_uuid(), gen_random_uuid(), :cpr, gen_random_uuid(), 'NATURAL',"
        " 'REGISTERED_CPR', 1, 10000, :at, :at, NULL, 0 FROM generate_series(1, 610)",
        cpr=CPR,
        at=FUNDED_AT,
    )
    await register.deliver(funded(610, 610), payment(161_000))
    told = await register.recorded()
    assert [(row["part"], row["parts"], len(row["payouts"]), row["total_minor"]) for row in told] == [
        (1, 3, 300, 161_000),
        (2, 3, 300, 161_000),
        (3, 3, 10, 161_000),
    ]
    payouts = [payout for row in told for payout in row["payouts"]]
    assert sum(payout["gross_minor"] for payout in payouts) == 161_000
    assert sum(payout["net_minor"] + payout["fee_minor"] + payout["tax_minor"] for payout in payouts) == 161_000
    assert len({payout["payout_id"] for payout in payouts}) == 610


async def test_a_part_below_a_cent_is_kept_but_not_sent(register: Register) -> None:
    await register.deliver(activated((1, 0)))
    await register.hold((MARINA, 1), (CARLOS, 1))
    printed = await register.pay(1)
    assert [line.split()[4] + " " + line.split()[-1] for line in printed.splitlines()[2:4]] == [
        "0.01 pending",
        "0.00 credited",
    ]
    assert [[payout["investor_id"] for payout in row["payouts"]] for row in await register.recorded()] == [
        [str(MARINA)]
    ]


async def test_a_whole_cpr_pays_back_what_was_lent(register: Register) -> None:
    """Twelve Price installments of 10,000.00 at 2 % among three investors: what goes in comes out."""
    schedule = [(74_560, 20_000), (76_051, 18_509), (77_572, 16_988), (79_123, 15_437), (80_706, 13_854)]
    schedule += [(82_320, 12_240), (83_966, 10_594), (85_646, 8_914), (87_359, 7_201), (89_106, 5_454)]
    schedule += [(90_888, 3_672), (92_703, 1_852)]
    await register.deliver(activated(*schedule))
    await register.hold((MARINA, 61), (CARLOS, 38), (STRANGER, 1))
    for number, (principal, interest) in enumerate(schedule, start=1):
        await register.deliver(payment(principal + interest, number))
    assert await register.sql(
        "SELECT investor_id, sum(principal_minor)::int AS principal, sum(interest_minor)::int AS interest FROM payouts"
        " GROUP BY investor_id ORDER BY min(investment_id::text)"
    ) == [
        {"investor_id": MARINA, "principal": 610_001, "interest": 82_179},
        {"investor_id": CARLOS, "principal": 379_999, "interest": 51_189},
        {"investor_id": STRANGER, "principal": 10_000, "interest": 1_347},
    ]
    assert sum(principal for principal, _ in schedule) == 1_000_000
    assert sum(interest for _, interest in schedule) == 134_715


async def test_a_credited_payout_says_so_once(register: Register) -> None:
    await register.deliver(activated((100, 20)))
    await register.hold((MARINA, 3))
    await register.deliver(payment(120))
    (payout,) = await register.sql("SELECT id, net_minor FROM payouts")
    credited = Event.of(
        heard.PayoutCredited(payout_id=payout["id"], amount_minor=payout["net_minor"]),
        occurred_at=PAID_AT + timedelta(seconds=30),
    )
    later = Event.of(
        heard.PayoutCredited(payout_id=payout["id"], amount_minor=payout["net_minor"]),
        occurred_at=PAID_AT + timedelta(days=1),
    )
    await register.deliver(credited, credited, later)
    assert await register.sql("SELECT status, credited_at FROM payouts") == [
        {"status": "CREDITED", "credited_at": PAID_AT + timedelta(seconds=30)}
    ]


async def test_a_credit_of_an_unknown_payout_waits(register: Register) -> None:
    with pytest.raises(NotYet):
        await register.deliver(heard.PayoutCredited(payout_id=uuid.uuid4(), amount_minor=1))


async def test_a_credit_of_another_amount_is_left_to_people(register: Register) -> None:
    await register.deliver(activated((100, 20)))
    await register.hold((MARINA, 3))
    await register.deliver(payment(120))
    (payout,) = await register.sql("SELECT id, net_minor FROM payouts")
    with pytest.raises(ValueError, match="was credited as 118"):
        await register.deliver(heard.PayoutCredited(payout_id=payout["id"], amount_minor=118))
    assert await register.sql("SELECT status FROM payouts") == [{"status": "PENDING"}]


async def test_days_are_counted_from_the_funding_not_from_the_hold(register: Register) -> None:
    await register.deliver(activated((100, 20)))
    await register.deliver(confirmed(1, MARINA, 3, confirmed_at=FUNDED_AT - timedelta(days=20)), funded(3))
    await register.deliver(payment(120))
    assert await register.sql("SELECT held_days FROM payouts") == [{"held_days": 30}]


async def test_an_installment_of_a_new_schedule_is_split_among_who_hold(register: Register) -> None:
    """Told before the schedule is known, it waits; what the old one says stays for what was paid of it."""
    await register.deliver(activated((2_000, 300), (2_000, 100)))
    await register.hold((MARINA, 3), (CARLOS, 1))
    later = payment(2_120, 9)
    with pytest.raises(NotYet):
        await register.deliver(later)
    (line,) = activated((2_000, 120)).installments
    line = line.model_copy(update={"installment_id": installment_id(9), "number": 9})
    await register.deliver(heard.CPRRenegotiated(cpr_id=CPR, installments=[line]))
    await register.deliver(later)
    rows = await register.sql("SELECT principal_minor, interest_minor FROM payouts ORDER BY principal_minor")
    assert [tuple(row.values()) for row in rows] == [(500, 30), (1_500, 90)]
    assert [row["number"] for row in await register.sql("SELECT number FROM installments ORDER BY number")] == [1, 2, 9]
