"""Days as clients name them: in Brasília, from midnight to midnight."""

from datetime import date, datetime, time

from subgraphs.shared.clock import BRASILIA


def start_of_day(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=BRASILIA)
