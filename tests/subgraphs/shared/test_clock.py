"""A clock that a file moves ahead of the machine's: followed at once, never back, and only where nothing is real."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from subgraphs.shared.clock import MovableClock, SystemClock, WrongClockFile
from subgraphs.shared.jobs import Job, JobRunner
from subgraphs.shared.open_clock import open_clock
from subgraphs.shared.ports import SandboxNotAskedFor

DAY = timedelta(days=1)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "clock"


def say(file: Path, text: str) -> None:
    half_written = file.with_suffix(".new")
    half_written.write_text(text)
    half_written.replace(file)


def test_without_a_file_it_is_the_machines_time(file: Path) -> None:
    clock, machine = MovableClock(file), SystemClock()
    before = machine.now()
    assert before <= clock.now() <= machine.now()
    assert clock.ahead() == timedelta(0)


def test_what_the_file_says_holds_from_the_next_look_on(file: Path) -> None:
    clock, machine = MovableClock(file), SystemClock()
    say(file, "86400\n")
    before = machine.now()
    assert before + DAY <= clock.now() <= machine.now() + DAY
    say(file, "172800\n")
    assert clock.ahead() == 2 * DAY
    assert MovableClock(file).ahead() == 2 * DAY


def test_what_is_compared_with_other_clocks_goes_by_the_machines(file: Path) -> None:
    say(file, "86400")
    clock, machine = MovableClock(file), SystemClock()
    before = machine.now()
    assert before <= clock.unmoved() <= machine.now()


@pytest.mark.parametrize("text", ["3600", "", "two days", "-86400", "99999999999999"])
def test_it_goes_on_where_the_file_would_take_it_back(file: Path, text: str) -> None:
    say(file, "86400")
    clock = MovableClock(file)
    say(file, text)
    assert clock.ahead() == DAY
    file.unlink()
    assert clock.ahead() == DAY
    say(file, "90000")
    assert clock.ahead() == timedelta(seconds=90_000)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "has to hold seconds that the clock is ahead, as digits"),
        ("1.5", "has to hold seconds that the clock is ahead, as digits"),
        ("-1", "has to hold seconds that the clock is ahead, as digits"),
        ("٣", "has to hold seconds that the clock is ahead, as digits"),
        ("999999999", "moves the clock by 11574 days; 7320 are the most"),
    ],
)
def test_a_process_does_not_start_with_a_file_that_says_something_else(file: Path, text: str, message: str) -> None:
    file.write_text(text)
    with pytest.raises(WrongClockFile, match=message):
        MovableClock(file)


def test_the_environment_names_the_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PEERSEED_CLOCK", raising=False)
    assert isinstance(open_clock(), SystemClock)
    say(file, "86400")
    monkeypatch.setenv("PEERSEED_CLOCK", str(file))
    clock = open_clock()
    assert isinstance(clock, MovableClock)
    assert clock.ahead() == DAY


def test_time_is_not_moved_where_parties_are_real(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PEERSEED_CLOCK", str(file))
    monkeypatch.setenv("PEERSEED_SANDBOXES", "0")
    with pytest.raises(SandboxNotAskedFor, match="PEERSEED_CLOCK moves time, which parties outside do not follow"):
        open_clock()


async def test_a_job_runs_at_once_when_the_clock_is_moved(file: Path) -> None:
    clock = MovableClock(file)
    seen: asyncio.Queue[timedelta] = asyncio.Queue()

    async def note_time() -> None:
        seen.put_nowait(clock.ahead())

    runner = JobRunner([Job("once a day", 86_400, note_time)], clock)
    await runner.start()
    try:
        assert await seen.get() == timedelta(0)
        say(file, "86400")
        assert await seen.get() == DAY
        say(file, "172800")
        assert await seen.get() == 2 * DAY
    finally:
        await runner.stop()


async def test_a_job_that_judges_the_others_waits_for_its_time(file: Path) -> None:
    clock = MovableClock(file)
    seen: asyncio.Queue[str] = asyncio.Queue()

    def note(name: str) -> Job:
        async def run() -> None:
            seen.put_nowait(name)

        return Job(name, 86_400, run, runs_when_moved=name == "acts")

    runner = JobRunner([note("judges"), note("acts")], clock)
    await runner.start()
    try:
        assert {await seen.get(), await seen.get()} == {"judges", "acts"}
        for ahead in ("86400", "172800"):
            say(file, ahead)
            assert await seen.get() == "acts"
    finally:
        await runner.stop()


async def test_a_job_that_runs_while_the_clock_is_moved_runs_again(file: Path) -> None:
    clock = MovableClock(file)
    seen: asyncio.Queue[timedelta] = asyncio.Queue()
    may_end = asyncio.Event()

    async def note_time() -> None:
        seen.put_nowait(clock.ahead())
        await may_end.wait()

    runner = JobRunner([Job("once a day", 86_400, note_time)], clock)
    await runner.start()
    try:
        assert await seen.get() == timedelta(0)
        say(file, "86400")
        await runner._early["once a day"].wait()
        may_end.set()
        assert await seen.get() == DAY
    finally:
        await runner.stop()
