"""More is accepted only while what was accepted is settled in time."""

import asyncio
import uuid
from datetime import datetime

import pytest

from subgraphs.marketplace.crud import investments
from subgraphs.marketplace.domain import backlog
from subgraphs.shared.reading import Reader
from subgraphs.shared.refusal import Busy
from tests.builders.statements import explain_for_all_values, noted_statements
from tests.subgraphs.marketplace.market import CARLOS, MARINA, Market


async def test_who_comes_while_others_wait_too_long_is_told_to_come_back(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backlog, "LOOK_EVERY_SECONDS", 0.0)
    crowd = [uuid.uuid4() for _ in range(backlog.STUCK_MAX + 1)]
    await market.verify(*crowd)
    offering = await market.open_offering()
    waiting = [await market.invest(offering, 1, who=person) for person in crowd]
    market.clock.advance(seconds=10)
    assert (await market.try_to_invest(offering, 1, who=MARINA))["status"] == "PENDING"
    market.clock.advance(seconds=1)
    refused = await market.try_to_invest(offering, 1, who=CARLOS, key="sent-again")
    assert (refused["__typename"], refused["messageEnglish"]) == (
        "Busy",
        "Many are doing this right now. Try again in a moment.",
    )
    assert (await market.offering(offering))["reserved_quotas"] == len(crowd) + 1
    await market.deliver(await market.hold_for(waiting[0]))
    assert (await market.try_to_invest(offering, 1, who=CARLOS, key="sent-again"))["status"] == "PENDING"


async def test_a_few_that_are_stuck_hold_up_nobody(market: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backlog, "LOOK_EVERY_SECONDS", 0.0)
    crowd = [uuid.uuid4() for _ in range(backlog.STUCK_MAX)]
    await market.verify(*crowd)
    offering = await market.open_offering()
    for person in crowd:
        await market.invest(offering, 1, who=person)
    market.clock.advance(minutes=5)
    assert (await market.try_to_invest(offering, 1))["status"] == "PENDING"


async def test_what_is_stuck_for_good_closes_the_market_for_a_minute(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backlog, "LOOK_EVERY_SECONDS", 0.0)
    crowd = [uuid.uuid4() for _ in range(backlog.STUCK_MAX + 1)]
    await market.verify(*crowd)
    offering = await market.open_offering()
    for person in crowd:
        await market.invest(offering, 1, who=person)
    market.clock.advance(seconds=59)
    assert (await market.try_to_invest(offering, 1, key="sent-again"))["__typename"] == "Busy"
    market.clock.advance(seconds=1)
    assert (await market.try_to_invest(offering, 1, key="sent-again"))["status"] == "PENDING"


async def test_one_request_looks_for_all_that_come_with_it(market: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backlog, "LOOK_EVERY_SECONDS", 3600.0)
    look, looks = investments.find_waiting_since, 0

    async def counted(session: Reader, *, later_than: datetime, passed_over: int) -> datetime | None:
        nonlocal looks
        looks += 1
        return await look(session, later_than=later_than, passed_over=passed_over)

    monkeypatch.setattr(investments, "find_waiting_since", counted)
    offering = await market.open_offering()
    for _ in range(3):
        await market.invest(offering, 1)
    assert looks == 1


async def test_what_was_seen_before_a_quiet_while_refuses_nobody(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While one who comes first afterwards looks, the others go by what was seen last."""
    database, loop = market.subgraph.database, asyncio.get_running_loop()
    real, later = loop.time, 0.0
    monkeypatch.setattr(loop, "time", lambda: real() + later)
    crowd = [uuid.uuid4() for _ in range(backlog.STUCK_MAX + 1)]
    await market.verify(*crowd)
    offering = await market.open_offering()
    waiting = [await market.invest(offering, 1, who=person) for person in crowd]
    in_time, late = backlog.Backlog(), backlog.Backlog()
    await in_time.admit(database, now=market.clock.now())
    market.clock.advance(seconds=11)
    with pytest.raises(Busy):
        await late.admit(database, now=market.clock.now())
    await market.refuse(waiting[0])
    market.clock.advance(hours=1)
    later = 3600.0
    for seen in (in_time, late):
        await asyncio.gather(*(seen.admit(database, now=market.clock.now()) for _ in range(3)))


async def test_what_waits_is_found_by_its_index_whatever_has_been_settled(market: Market) -> None:
    database = market.subgraph.database
    with noted_statements(database) as sent:
        async with database.read() as session:
            await investments.find_waiting_since(session, later_than=market.clock.now(), passed_over=20)
            await investments.list_offerings_with_overdue_holds(session, market.clock.now())
    for asked in sent:
        assert "ix_investments_pending" in await explain_for_all_values(database, asked)
