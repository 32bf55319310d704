"""`make clock`, and that no service starts by a moved clock where something is real."""

import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from launch.home import ROOT, SECRET_NAMES, Addresses, Home
from subgraphs.shared.clock import BRASILIA, MovableClock
from upkeep.clock import clock_file, move

DAY = timedelta(days=1)


def clock(home: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if name != "PEERSEED_CLOCK"}
    return subprocess.run(
        [sys.executable, "-m", "upkeep.clock", *arguments],
        cwd=ROOT, env=kept | {"PEERSEED_HOME": str(home)} | environment, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_it_is_moved_by_days_and_told(tmp_path: Path) -> None:
    moved = clock(tmp_path, "--days", "40")
    assert (moved.returncode, moved.stderr) == (0, "")
    assert MovableClock(tmp_path / "clock").ahead() == 40 * DAY
    told = clock(tmp_path)
    assert re.fullmatch(r"It is \d{4}-\d\d-\d\d \d\d:\d\d in Brasília\.\n", told.stdout)
    assert MovableClock(tmp_path / "clock").ahead() == 40 * DAY


def test_it_is_moved_to_the_beginning_of_a_day_in_brasilia(tmp_path: Path) -> None:
    day = (datetime.now(BRASILIA) + 30 * DAY).date()
    moved = clock(tmp_path, "--to", day.isoformat())
    assert moved.stdout == f"It is {day} 00:00 in Brasília.\n"
    midnight = datetime(day.year, day.month, day.day, tzinfo=BRASILIA)
    assert midnight <= MovableClock(tmp_path / "clock").now() < midnight + timedelta(minutes=5)


@pytest.mark.parametrize(("how", "where"), [("--days", "-1"), ("--to", "2026-01-01")])
def test_it_does_not_go_back(tmp_path: Path, how: str, where: str) -> None:
    assert clock(tmp_path, "--days", "1").returncode == 0
    refused = clock(tmp_path, how, where)
    assert refused.returncode == 1
    assert refused.stderr.endswith(" in Brasília already: the clock does not go back.\n")
    assert MovableClock(tmp_path / "clock").ahead() == DAY


@pytest.mark.parametrize(("how", "where"), [("--days", "999999999999"), ("--to", "9999-12-31")])
def test_it_does_not_go_further_than_dates_do(tmp_path: Path, how: str, where: str) -> None:
    refused = clock(tmp_path, how, where)
    assert (refused.returncode, refused.stderr) == (
        1, "The clock may be 7320 days ahead of the machine's, and no more.\n",
    )  # fmt: skip
    assert not (tmp_path / "clock").exists()


def test_a_file_that_says_something_else_is_named(tmp_path: Path) -> None:
    (tmp_path / "clock").write_text("tomorrow")
    refused = clock(tmp_path, "--days", "1")
    message = f"{tmp_path / 'clock'} has to hold seconds that the clock is ahead, as digits\n"
    assert (refused.returncode, refused.stderr) == (1, message)


def test_those_who_move_it_at_once_move_it_one_after_the_other(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: move(tmp_path / "clock", by=DAY), range(40)))
    assert MovableClock(tmp_path / "clock").ahead() == 40 * DAY


def test_the_file_is_the_environments_or_the_running_products_or_the_homes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PEERSEED_CLOCK", raising=False)
    home = Home(tmp_path)
    assert clock_file(home) == tmp_path / "clock"
    where = dict.fromkeys(("graphql", "accounts", "wallet", "credit", "contracts", "database", "broker"), "")
    home.note_addresses(Addresses(pid=os.getpid(), clock="/of/the/product", **where))
    assert clock_file(home) == Path("/of/the/product")
    monkeypatch.setenv("PEERSEED_CLOCK", "/named")
    assert clock_file(home) == Path("/named")


@pytest.mark.parametrize("domain", ["marketplace", "distribution"])
def test_a_service_refuses_a_moved_clock_where_sandboxes_are_not_asked_for(domain: str, tmp_path: Path) -> None:
    """These two have no party outside whose sandbox would be refused before."""
    environment = {**os.environ, f"{domain.upper()}_DATABASE_URL": "postgresql://nobody@127.0.0.1/none"}
    for secret in SECRET_NAMES:
        environment[secret] = "not-used-to-refuse"
    environment |= {"PEERSEED_SANDBOXES": "0", "PEERSEED_CLOCK": str(tmp_path / "clock")}
    command = [sys.executable, "-m", "launch.subgraph", domain]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1
    assert done.stderr == (
        "PEERSEED_CLOCK moves time, which parties outside do not follow. Unset it, or set PEERSEED_SANDBOXES=1 where "
        "nothing is real.\n"
    )
