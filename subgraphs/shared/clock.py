"""Time as a dependency: business rules ask a clock, so that tests and catch-up jobs can say what time it is."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

BRASILIA = ZoneInfo("America/Sao_Paulo")
"""Due dates, tax dates and business days are days in Brasília, wherever the server stands."""


class Clock(Protocol):
    def now(self) -> datetime:
        """The instant, in UTC."""
        ...


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


@dataclass
class FixedClock:
    """A clock that moves only when told to."""

    instant: datetime = field(default_factory=lambda: datetime(2026, 11, 23, 12, 0, tzinfo=UTC))

    def now(self) -> datetime:
        return self.instant

    def advance(self, **amount: float) -> None:
        self.instant += timedelta(**amount)


def business_date(instant: datetime) -> date:
    """The calendar day in Brasília at *instant*."""
    return instant.astimezone(BRASILIA).date()
