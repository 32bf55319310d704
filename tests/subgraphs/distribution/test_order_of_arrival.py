"""Facts of several domains arrive in any order, some more than once; the distribution is always the same."""

import asyncio
import uuid
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from subgraphs.distribution.domain import holdings
from subgraphs.shared.messaging.event import Event
from subgraphs.shared.messaging.reactions import NotYet
from tests.builders.deliveries import deliver
from tests.subgraphs.distribution.register import (
    CARLOS,
    FUNDED_AT,
    MARINA,
    STRANGER,
    Register,
    activated,
    confirmed,
    funded,
    payment,
)

FACTS = 8


def story(cpr_id: uuid.UUID) -> list[Event]:
    """Three holders, the funding, the schedule, and the payments of both installments; one was told twice."""
    investments = [uuid.uuid5(cpr_id, str(number)) for number in range(3)]
    quotas = zip(investments, (MARINA, CARLOS, STRANGER), (5, 3, 2), strict=True)
    second = payment(3_000, 2, cpr_id=cpr_id)
    return [
        *(
            Event.of(confirmed(0, person, count, cpr_id=cpr_id, investment_id=investment_id))
            for investment_id, person, count in quotas
        ),
        Event.of(funded(10, 3, cpr_id=cpr_id)),
        Event.of(activated((2_000, 333), (2_667, 167), cpr_id=cpr_id)),
        Event.of(payment(2_333, 1, cpr_id=cpr_id)),
        Event.of(second),
        Event.of(second),
    ]


async def tell(register: Register, facts: list[Event]) -> None:
    """Deliver *facts*; what has to wait comes again after the others, as the broker would have it."""
    waiting = facts
    while waiting:
        put_off = []
        for fact in waiting:
            try:
                await deliver(register.subgraph, fact)
            except NotYet:
                put_off.append(fact)
        assert len(put_off) < len(waiting), "nothing moves any more"
        waiting = put_off


async def payouts(register: Register, cpr_id: uuid.UUID) -> list[tuple[Any, ...]]:
    rows = await register.sql(
        "SELECT i.number, p.investor_id, p.principal_minor, p.interest_minor, p.fee_minor, p.net_minor FROM payouts p"
        " JOIN installments i ON i.id = p.installment_id WHERE p.cpr_id = :cpr ORDER BY i.number, p.quota_count DESC",
        cpr=cpr_id,
    )
    return [tuple(row.values()) for row in rows]


@given(order=st.permutations(range(FACTS)), repeated=st.lists(st.integers(0, FACTS - 1), max_size=4))
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_any_order_of_arrival_ends_the_same(register: Register, order: list[int], repeated: list[int]) -> None:
    cpr_id = uuid.uuid4()
    facts = story(cpr_id)
    await tell(register, [facts[place] for place in [*order, *repeated]])
    # 2,000 and 333 among 5, 3 and 2; 2,667 and 333 (166 of it late) likewise. The odd cents go to the largest
    # remainders: 166.5 and 66.6 are rounded by 0.5 and 0.6. The fee is of what is interest of the contract.
    assert await payouts(register, cpr_id) == [
        (1, MARINA, 1_000, 166, 25, 1_141),
        (1, CARLOS, 600, 100, 15, 685),
        (1, STRANGER, 400, 67, 10, 457),
        (2, MARINA, 1_334, 166, 12, 1_488),
        (2, CARLOS, 800, 100, 8, 892),
        (2, STRANGER, 533, 67, 5, 595),
    ]
    told = [row for row in await register.recorded() if row["cpr_id"] == str(cpr_id)]
    assert sorted(row["total_minor"] for row in told) == [2_333, 3_000]


async def test_an_investment_that_is_confirmed_and_called_off_at_once_is_not_on_record(register: Register) -> None:
    database, told = register.subgraph.database, confirmed(0, MARINA, 5)
    async with database.begin() as session:
        await holdings.open_positions(session, [told])

        async def call_off() -> None:
            async with database.begin() as other:
                await holdings.close_position(other, told.investment_id, at=FUNDED_AT)

        calling_off = asyncio.create_task(call_off())
        # It is done, or waits for the confirmation in the database.
        waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        while not calling_off.done() and await register.sql(waiting) == [{"count": 0}]:
            pass
    await calling_off
    assert await register.sql("SELECT valid_to FROM positions") == [{"valid_to": FUNDED_AT}]
