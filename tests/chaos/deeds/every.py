"""Every deed there is, by the plan's name for it: each module of this folder registers its own."""

from tests.chaos.deeds import (
    arriving,
    borrowing,
    deciding,
    investing,
    money_in,
    money_out,
    repaying,
    staff,
    trading,
)
from tests.chaos.deeds.turn import DEEDS

MODULES = (arriving, borrowing, deciding, investing, money_in, money_out, repaying, staff, trading)

__all__ = ["DEEDS", "MODULES"]
