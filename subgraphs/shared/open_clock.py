"""The clock of a process, as the environment names it."""

from subgraphs.shared.clock import Clock, MovableClock, SystemClock
from subgraphs.shared.ports import SandboxNotAskedFor
from subgraphs.shared.settings import CLOCK, SANDBOXES, ClockSettings


def open_clock() -> Clock:
    """
    The machine's clock, or one that a file moves ahead of it (`PEERSEED_CLOCK`).

    Raises SandboxNotAskedFor where parties are real: their money does not fall due earlier. Raises WrongClockFile.
    """
    settings = ClockSettings()
    if settings.clock is None:
        return SystemClock()
    if not settings.sandboxes:
        raise SandboxNotAskedFor(
            f"{CLOCK} moves time, which parties outside do not follow. Unset it, or set {SANDBOXES}=1 where nothing "
            "is real."
        )
    return MovableClock(settings.clock)
