"""A year's income, as data: what was credited in it, and what was out at its two ends."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from subgraphs.distribution.schemas import heard
from subgraphs.shared.messaging.event import Event
from tests.subgraphs.distribution.register import (
    CARLOS,
    CPR,
    MARINA,
    PAID_AT,
    REGRESSIVE,
    Register,
    activated,
    payment,
    swapped,
)

STATEMENT = """query ($r: [_Any!]!, $year: Int!) { _entities(representations: $r) { ... on User {
  incomeStatement(year: $year) {
    year principal { amount } interest { amount } exemptInterest { amount } fee { amount } tax { amount }
    net { amount } openingBalance { amount } closingBalance { amount }
    lines { cpr { id } payoutCount interest { amount } openingBalance { amount } closingBalance { amount } } } } } }"""

AMOUNTS = ("principal", "interest", "exemptInterest", "fee", "tax", "net", "openingBalance", "closingBalance")


async def statement(register: Register, year: int, who: uuid.UUID = MARINA) -> dict[str, Any]:
    me = {"__typename": "User", "id": str(who)}
    answer = await register.ask(STATEMENT, register.signed_in(who), r=[me], year=year)
    assert "errors" not in answer, answer["errors"]
    result: dict[str, Any] = answer["data"]["_entities"][0]["incomeStatement"]
    return result


async def amounts(register: Register, year: int, who: uuid.UUID = MARINA) -> dict[str, str]:
    found = await statement(register, year, who)
    return {name: found[name]["amount"] for name in AMOUNTS}


async def credit(register: Register, at: datetime) -> None:
    for row in await register.sql("SELECT id, net_minor FROM payouts WHERE status = 'PENDING'"):
        credited = heard.PayoutCredited(payout_id=row["id"], amount_minor=row["net_minor"])
        await register.deliver(Event.of(credited, occurred_at=at))


async def test_income_counts_in_the_year_it_is_credited(register: Register) -> None:
    await register.deliver(activated((400_000, 20_000), (600_000, 10_000)))
    await register.hold((MARINA, 60), (CARLOS, 40))
    await register.deliver(payment(420_000, 1, confirmed_at=PAID_AT))
    await credit(register, PAID_AT)
    # Paid on the 31st, credited when it is 2027 in London and still 2026 in Brasília.
    await register.deliver(payment(610_000, 2, confirmed_at=datetime(2026, 12, 31, 20, 0, tzinfo=UTC)))
    await credit(register, datetime(2027, 1, 1, 2, 59, tzinfo=UTC))
    register.clock.advance(days=30)
    assert await amounts(register, 2026) == {
        "principal": "6000.00",
        "interest": "180.00",
        "exemptInterest": "180.00",
        "fee": "27.00",
        "tax": "0.00",
        "net": "6153.00",
        "openingBalance": "0.00",
        "closingBalance": "0.00",
    }
    assert set((await amounts(register, 2027)).values()) == {"0.00"}
    assert (await statement(register, 2027))["lines"] == []


async def test_midnight_in_brasilia_divides_the_years(register: Register) -> None:
    await register.deliver(activated((400_000, 20_000), (600_000, 10_000)))
    await register.hold((MARINA, 100))
    await register.deliver(payment(420_000, 1, confirmed_at=PAID_AT))
    await credit(register, PAID_AT)
    await register.deliver(payment(610_000, 2, confirmed_at=datetime(2027, 1, 1, 3, 0, tzinfo=UTC)))
    await credit(register, datetime(2027, 1, 1, 3, 0, tzinfo=UTC))
    register.clock.advance(days=30)
    ends = []
    for year in (2025, 2026, 2027):
        found = await amounts(register, year)
        ends.append((found["openingBalance"], found["interest"], found["closingBalance"]))
    assert ends == [("0.00", "0.00", "0.00"), ("0.00", "200.00", "6000.00"), ("6000.00", "100.00", "0.00")]


async def test_balances_are_what_was_still_out(register: Register) -> None:
    await register.deliver(activated((400_000, 20_000), (600_000, 10_000)))
    await register.hold((MARINA, 61), (CARLOS, 39))
    await register.deliver(payment(420_000, 1, confirmed_at=PAID_AT))
    await credit(register, PAID_AT)
    register.clock.advance(days=400)
    assert (await amounts(register, 2026))["closingBalance"] == "3660.00"  # 61 % of 6,000.00
    assert (await amounts(register, 2027))["openingBalance"] == "3660.00"
    assert (await amounts(register, 2027))["closingBalance"] == "3660.00"
    assert (await amounts(register, 2026, CARLOS))["closingBalance"] == "2340.00"


async def test_what_is_not_credited_is_not_income_yet(register: Register) -> None:
    await register.deliver(activated((400_000, 20_000)))
    await register.hold((MARINA, 100))
    await register.deliver(payment(420_000))
    assert (await amounts(register, 2026))["interest"] == "0.00"
    await credit(register, PAID_AT + timedelta(hours=1))
    assert (await amounts(register, 2026))["interest"] == "200.00"


async def test_exempt_and_taxed_interest_are_told_apart(register: Register) -> None:
    await register.deliver(activated((400_000, 20_000), (600_000, 10_000)))
    await register.hold((MARINA, 100))
    await register.deliver(payment(420_000, 1))
    await register.sql(REGRESSIVE)
    await register.deliver(payment(610_000, 2))
    await credit(register, PAID_AT)
    found = await amounts(register, 2026)
    assert (found["interest"], found["exemptInterest"], found["tax"], found["fee"], found["net"]) == (
        "300.00",
        "200.00",
        "22.50",
        "45.00",
        "10232.50",
    )


async def test_there_is_a_line_for_each_cpr(register: Register) -> None:
    other = uuid.UUID("c0000000-0000-4000-8000-000000000002")
    await register.deliver(activated((100_000, 20_000)), activated((200_000, 30_000), cpr_id=other))
    await register.hold((MARINA, 10))
    await register.sql("UPDATE positions SET id = gen_random_uuid(), investment_id = gen_random_uuid()")
    await register.hold((MARINA, 20), cpr_id=other)
    await register.deliver(payment(120_000))
    await credit(register, PAID_AT)
    assert (await statement(register, 2026))["lines"] == [
        {
            "cpr": {"id": str(CPR)},
            "payoutCount": 1,
            "interest": {"amount": "200.00"},
            "openingBalance": {"amount": "0.00"},
            "closingBalance": {"amount": "0.00"},
        },
        {
            "cpr": {"id": str(other)},
            "payoutCount": 0,
            "interest": {"amount": "0.00"},
            "openingBalance": {"amount": "0.00"},
            "closingBalance": {"amount": "2000.00"},
        },
    ]


@pytest.mark.parametrize("year", [2019, 2027, -1, 99_999])
async def test_a_year_must_have_begun(register: Register, year: int) -> None:
    me = {"__typename": "User", "id": str(MARINA)}
    answer = await register.ask(STATEMENT, register.signed_in(MARINA), r=[me], year=year)
    (error,) = answer["errors"]
    assert (error["message"], error["extensions"]["code"]) == (
        "`year` must be between 2020 and 2026",
        "BAD_USER_INPUT",
    )


async def test_quotas_sold_are_told_apart_from_income(register: Register) -> None:
    """Marina sells two of ten quotas for R$ 190 that had cost R$ 200; half of the principal was paid back."""
    await register.deliver(activated((50_000, 10_000), (50_000, 5_000)))
    await register.hold((MARINA, 10))
    sold = swapped(1, 2, cost_minor=10_000, tax_minor=1_982, swapped_at=PAID_AT)
    await register.deliver(payment(60_000), sold)
    query = """query ($r: [_Any!]!) { _entities(representations: $r) { ... on User { incomeStatement(year: 2026) {
      closingBalance { amount } sales { cpr { id } quotaCount price { amount } cost { amount } fee { amount }
      tax { amount } net { amount } gain { amount } } } } } }"""
    me = {"__typename": "User", "id": str(MARINA)}
    answer = await register.ask(query, register.signed_in(MARINA, "investor"), r=[me])
    found = answer["data"]["_entities"][0]["incomeStatement"]
    assert found["closingBalance"] == {"amount": "400.00"}
    assert found["sales"] == [
        {
            "cpr": {"id": str(CPR)},
            "quotaCount": 2,
            "price": {"amount": "190.00"},
            "cost": {"amount": "100.00"},
            "fee": {"amount": "1.90"},
            "tax": {"amount": "19.82"},
            "net": {"amount": "168.28"},
            "gain": {"amount": "88.10"},
        }
    ]
