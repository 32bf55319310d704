"""
`make clock`: move the time of a local product, or the one whose file `PEERSEED_CLOCK` names; without more, tell it.

A running product follows at once, and what has fallen due meanwhile is done: offerings close, installments become late.
Time only goes on: facts are dated by it, and none may lie in the future of the next.
"""

import argparse
import fcntl
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from launch.home import Home
from subgraphs.shared.clock import BRASILIA, MOVED_MAX, MovableClock, WrongClockFile, read_ahead, told
from subgraphs.shared.settings import CLOCK


class NotMoved(Exception):
    """The clock stays as it is; the message says why."""


def clock_file(home: Home) -> Path:
    """The file that the environment names, else that of the product that runs on *home*, else the home's own."""
    running = home.addresses()
    return Path(os.environ.get(CLOCK) or (running and running.clock) or home.clock)


def move(file: Path, *, by: timedelta) -> datetime:
    """Move the clock of *file* ahead; the time that it is then. Raises NotMoved."""
    with _alone_with(file):
        return _set(file, read_ahead(file) + by)


def move_to(file: Path, instant: datetime) -> datetime:
    """The same to an *instant*. Raises NotMoved."""
    with _alone_with(file):
        clock = MovableClock(file)
        # Up to the next whole second, so that the instant is reached.
        missing = instant - clock.now() + timedelta(microseconds=999_999)
        return _set(file, clock.ahead() + timedelta(seconds=missing // timedelta(seconds=1)))


def _set(file: Path, ahead: timedelta) -> datetime:
    clock = MovableClock(file)
    if ahead < clock.ahead():
        raise NotMoved(f"It is {told(clock.now())} already: the clock does not go back.")
    if ahead > MOVED_MAX:
        raise NotMoved(f"The clock may be {MOVED_MAX.days} days ahead of the machine's, and no more.")
    half_written = file.with_suffix(".new")
    half_written.write_text(f"{ahead // timedelta(seconds=1)}\n")
    half_written.replace(file)  # whoever looks at it sees all of it
    return clock.now()


@contextmanager
def _alone_with(file: Path) -> Iterator[None]:
    """Two who move it at once move it one after the other."""
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def _days(text: str) -> timedelta:
    # One too many is told by what moves the clock, however large.
    return timedelta(days=min(int(text), MOVED_MAX.days + 1))


def _instant(text: str) -> datetime:
    """A day begins at midnight in Brasília."""
    instant = datetime.fromisoformat(text)
    return instant if instant.tzinfo else instant.replace(tzinfo=BRASILIA)


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="upkeep.clock", description=__doc__)
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--days", type=_days, help="move it ahead by so many days")
    how.add_argument("--to", type=_instant, help="move it to a day, or an instant: ISO 8601, in Brasília if not said")
    return parser.parse_args()


def main() -> int:
    arguments, file = read_arguments(), clock_file(Home())
    try:
        if arguments.days is not None:
            now = move(file, by=arguments.days)
        elif arguments.to is not None:
            now = move_to(file, arguments.to)
        else:
            now = MovableClock(file).now()
    except (NotMoved, WrongClockFile, FileNotFoundError) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"It is {told(now)}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
