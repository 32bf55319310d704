"""Who goes next, without any database: places, order, bounds."""

import asyncio
from collections.abc import Callable

import pytest

from subgraphs.shared import turns
from subgraphs.shared.refusal import Busy
from subgraphs.shared.turns import Line, LineFull, Row, Turns, WaitedInVain

OFFERING = Row("offering", 7)


def a_line(places: int = 1, *, waiting_max: int = 100, kept_back: int = 0) -> Line:
    return Line("the bench", places, waiting_max=waiting_max, kept_back=kept_back)


async def settle() -> None:
    """Let every task run until it waits for something that only this test can give."""
    for _ in range(10):
        await asyncio.sleep(0)


async def enter(line: Line, name: str, order: list[str]) -> None:
    async with line.place():
        order.append(name)


async def enter_accepted(line: Line, name: str, order: list[str]) -> None:
    with turns.accepted():
        await enter(line, name, order)


async def enter_begun(line: Line, name: str, order: list[str]) -> None:
    with turns.request():
        turns.note_begun()
        await enter(line, name, order)


async def test_accepted_work_goes_first_then_what_was_begun_then_first_come_first_served() -> None:
    line, order = a_line(), list[str]()
    await line.enter()
    waiting = [
        asyncio.create_task(coming)
        for coming in (
            enter(line, "new 1", order),
            enter_begun(line, "begun", order),
            enter(line, "new 2", order),
            enter_accepted(line, "accepted", order),
        )
    ]
    await settle()
    line.leave()
    await asyncio.gather(*waiting)
    assert order == ["accepted", "begun", "new 1", "new 2"]
    assert line.is_idle


async def test_a_place_that_is_kept_back_is_never_a_new_requests() -> None:
    line, order = a_line(2, kept_back=1), list[str]()
    await line.enter()
    new = asyncio.create_task(enter(line, "new", order))
    await settle()
    await enter_accepted(line, "accepted", order)
    assert (order, new.done()) == (["accepted"], False)
    line.leave()
    await new


async def test_who_comes_when_the_line_is_full_is_told_at_once_except_accepted_work() -> None:
    line, order = a_line(waiting_max=1), list[str]()
    await line.enter()
    waiting = asyncio.create_task(enter(line, "new", order))
    await settle()
    with pytest.raises(LineFull):
        await line.enter()
    accepted = asyncio.create_task(enter_accepted(line, "accepted", order))
    await settle()
    line.leave()
    await asyncio.gather(waiting, accepted)
    assert order == ["accepted", "new"]


async def test_a_request_waits_until_just_before_its_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "ANSWER_SECONDS", 60.0)
    line = a_line()
    await line.enter()
    with turns.request(59.0), pytest.raises(WaitedInVain):
        await line.enter()
    line.leave()
    assert line.is_idle


async def test_work_without_a_deadline_does_not_wait_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "WAIT_SECONDS_MAX", 0.0)
    line = a_line()
    await line.enter()
    with pytest.raises(WaitedInVain):
        await line.enter()


@pytest.mark.parametrize("free_first", [False, True], ids=["while it waits", "as its turn comes"])
async def test_a_request_that_is_cancelled_leaves_its_place_to_the_next(free_first: bool) -> None:
    line, order = a_line(), list[str]()
    await line.enter()
    cancelled = asyncio.create_task(enter(line, "cancelled", order))
    following = asyncio.create_task(enter(line, "next", order))
    await settle()
    steps: list[Callable[[], object]] = [cancelled.cancel, line.leave]
    for step in reversed(steps) if free_first else steps:
        step()
    await asyncio.wait_for(following, 20)
    assert order == ["next"]
    assert line.is_idle


async def test_one_at_a_time_has_its_turn_at_a_row_and_others_rows_are_free() -> None:
    queue = Turns(waiting_max=10)
    async with queue.of(OFFERING):
        second = asyncio.create_task(take_turn(queue, OFFERING))
        await settle()
        async with queue.of(Row("offering", 8)):
            assert (second.done(), len(queue)) == (False, 2)
    await second
    assert len(queue) == 0


async def take_turn(queue: Turns, *rows: Row) -> None:
    async with queue.of(*rows):
        pass


async def test_a_full_queue_at_a_row_is_refused_as_busy_and_leaves_nothing_behind() -> None:
    queue = Turns(waiting_max=1)
    async with queue.of(OFFERING):
        waiting = asyncio.create_task(take_turn(queue, OFFERING))
        await settle()
        with pytest.raises(Busy):
            await take_turn(queue, Row("person", 1), OFFERING)
    await waiting
    assert len(queue) == 0
