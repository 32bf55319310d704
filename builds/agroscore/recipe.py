"""What a trained scorecard is made from; the same recipe makes the same files."""

import math
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Scale:
    """How odds become points: *points* are odds of *odds* to 1 for being repaid, twice the odds are *doubling* more."""

    points: int
    odds: int
    doubling: int

    @property
    def per_log_odds(self) -> float:
        return self.doubling / math.log(2)

    @property
    def at_even_odds(self) -> float:
        """The points of whom as many repay as do not."""
        return self.points - self.per_log_odds * math.log(self.odds)

    def chance_of_default(self, score: int) -> float:
        return 1 / (1 + math.exp((score - self.at_even_odds) / self.per_log_odds))


@dataclass(frozen=True, kw_only=True)
class Recipe:
    version: str
    """The scorecard's name, and its file's."""
    classes_of: str
    """The scorecard whose factors, bands, grades and sentences are kept; only its points are replaced."""
    seed: int
    trained_on: int
    """How many applicants the points are made from."""
    held_out: int
    """How many more they are measured on."""
    scale: Scale


AGROSCORE_2 = Recipe(
    version="agroscore-2.0",
    classes_of="agroscore-1.0",
    seed=8929,
    trained_on=20_000,
    held_out=10_000,
    # With these, the grades A to D begin at a chance of default of about 1.7, 4, 9 and 19 %.
    scale=Scale(points=600, odds=10, doubling=80),
)
