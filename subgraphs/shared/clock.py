"""
Time as a dependency: business rules ask a clock, so that tests and catch-up jobs can say what time it is.

The product's time can be moved ahead of the machine's, by one file that all its processes read (`MovableClock`). What
is compared with the clocks of others (a token's end, a code of an authenticator app, the age of a signature) goes by
the machine's time all the same: `Clock.unmoved`. So does what is technical: timeouts, leases, repetitions, rates.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

import structlog

log = structlog.get_logger()

BRASILIA = ZoneInfo("America/Sao_Paulo")
"""Due dates, tax dates and business days are days in Brasília, wherever the server stands."""

MOVED_MAX = timedelta(days=20 * 366)
"""What a clock may be ahead: longer than any CPR, and not beyond the dates that a boleto can be due on."""


class Clock(Protocol):
    def now(self) -> datetime:
        """The instant, in UTC."""
        ...

    def unmoved(self) -> datetime:
        """The same by the machine's clock, for what is compared with the clocks of others."""
        ...


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)

    def unmoved(self) -> datetime:
        return datetime.now(UTC)


@dataclass
class FixedClock:
    """A clock that moves only when told to."""

    instant: datetime = field(default_factory=lambda: datetime(2026, 11, 23, 12, 0, tzinfo=UTC))

    def now(self) -> datetime:
        return self.instant

    def unmoved(self) -> datetime:
        return self.instant

    def advance(self, **amount: float) -> None:
        self.instant += timedelta(**amount)


class WrongClockFile(ValueError):
    """The file that moves a clock holds no number of seconds, or too large a one; the message says which."""


class MovableClock:
    """
    The machine's clock, ahead of it by what *file* says: seconds, as digits; nothing where there is no file.

    The file is looked at each time, so that all processes of a product see the same time in the same moment: what one
    of them has dated is never in the future of another. It never goes back: a file that says less, or cannot be read
    any more, is not followed.

    Raises WrongClockFile when the file holds something else at the start.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._seen = self._version()
        self._ahead = read_ahead(file)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead()

    def unmoved(self) -> datetime:
        return datetime.now(UTC)

    def ahead(self) -> timedelta:
        """How far it is ahead of the machine's clock."""
        if (version := self._version()) != self._seen:
            self._seen = version
            self._follow()
        return self._ahead

    def _follow(self) -> None:
        try:
            said = read_ahead(self._file)
        except (WrongClockFile, OSError) as error:
            log.warning("the clock goes on as it was", error=str(error))
            return
        if said < self._ahead:
            log.warning("a clock does not go back; it goes on as it was", ahead=str(self._ahead), said=str(said))
        self._ahead = max(self._ahead, said)

    def _version(self) -> tuple[int, int, int] | None:
        """A look that costs a microsecond; the file is replaced when it changes, so it is another then."""
        try:
            status = self._file.stat()
        except OSError:  # it is not there, or may not be looked at, which whoever reads it then says
            return None
        return status.st_ino, status.st_mtime_ns, status.st_size


def read_ahead(file: Path) -> timedelta:
    """What *file* says a clock is ahead. Raises WrongClockFile."""
    try:
        text = file.read_text().strip()
    except FileNotFoundError:
        return timedelta(0)
    if not text.isascii() or not text.isdecimal() or len(text) > len(str(MOVED_MAX // timedelta(seconds=1))):
        raise WrongClockFile(f"{file} has to hold seconds that the clock is ahead, as digits")
    ahead = timedelta(seconds=int(text))
    if ahead > MOVED_MAX:
        raise WrongClockFile(f"{file} moves the clock by {ahead.days} days; {MOVED_MAX.days} are the most")
    return ahead


def told(instant: datetime) -> str:
    """For people at a terminal."""
    return f"{instant.astimezone(BRASILIA):%Y-%m-%d %H:%M} in Brasília"


def business_date(instant: datetime) -> date:
    """The calendar day in Brasília at *instant*."""
    return instant.astimezone(BRASILIA).date()
