"""
AgroScore: a scorecard that adds points and can say why.

A scorecard is a file (`scorecards/<version>.toml`): base points, factors, and per factor bands with their points and
sentences. A score is the base plus one band per factor, kept within 0 to 1000. Which version is in force when is a
dated row (`score_models`); every score keeps its version, so a new file never changes an old score.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

SCORE_MAX = 1_000
FOLDER = Path(__file__).resolve().parent.parent / "scorecards"

Value = Decimal | str


class Band(BaseModel):
    """The points for one range of numbers, or for some words."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    points: int
    pt: str
    en: str
    from_: Annotated[Decimal | None, Field(alias="from")] = None
    values: frozenset[str] | None = None
    to_improve: bool = False
    """Whether the farmer can do something to reach a better band."""

    def holds(self, value: Value) -> bool:
        if isinstance(value, str):
            return self.values is not None and value in self.values
        return self.values is None and (self.from_ is None or value >= self.from_)


class Factor(BaseModel):
    """One thing that the score looks at."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: str
    feature: str
    pt_improve: str
    en_improve: str
    bands: tuple[Band, ...]

    def band_of(self, value: Value) -> Band:
        """The first band that holds *value*. Raises ValueError when none does: the file misses a case."""
        for band in self.bands:
            if band.holds(value):
                return band
        raise ValueError(f"{self.code} has no band for {value!r}")


class Scorecard(BaseModel):
    """A version of the model, whole."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: str
    base_points: int
    grades: dict[str, int]
    cost_per_hectare: dict[str, Decimal]
    factors: tuple[Factor, ...]

    @model_validator(mode="after")
    def _covers_everything(self) -> "Scorecard":
        if list(self.grades) != ["A", "B", "C", "D", "E"] or self.grades["E"] != 0:
            raise ValueError("grades go from A to E, and E begins at 0")
        if sorted(self.grades.values(), reverse=True) != list(self.grades.values()):
            raise ValueError("a better grade needs more points")
        return self

    def grade_of(self, score: int) -> str:
        return next(grade for grade, at_least in self.grades.items() if score >= at_least)


@dataclass(frozen=True, kw_only=True)
class FactorPoints:
    """A factor's part in one score, and what would raise it."""

    code: str
    points: int
    text_pt: str
    text_en: str
    improvement_points: int
    improvement_pt: str
    improvement_en: str


@dataclass(frozen=True, kw_only=True)
class Result:
    version: str
    base_points: int
    score: int
    grade: str
    factors: tuple[FactorPoints, ...]
    """The weightiest first."""

    def __str__(self) -> str:
        """An aligned list, for logs and tests."""
        lines = [f"{factor.points:+5d}  {factor.code:<18} {factor.text_en}" for factor in self.factors]
        return "\n".join([f"{self.base_points:5d}  base", *lines, f"{self.score:5d}  {self.grade}"])


@cache
def load_scorecard(version: str) -> Scorecard:
    """The scorecard of that version. Raises FileNotFoundError, and ValueError for a file that makes no sense."""
    scorecard = Scorecard.model_validate(tomllib.loads((FOLDER / f"{version}.toml").read_text(encoding="utf-8")))
    if scorecard.version != version:
        raise ValueError(f"{version}.toml says it is {scorecard.version}")
    return scorecard


def compute_score(scorecard: Scorecard, features: Mapping[str, Value]) -> Result:
    """What *scorecard* makes of *features*. Raises KeyError when a feature is missing."""
    factors = [_points_of(factor, features[factor.feature]) for factor in scorecard.factors]
    total = scorecard.base_points + sum(factor.points for factor in factors)
    score = max(0, min(SCORE_MAX, total))
    weightiest_first = sorted(factors, key=lambda factor: (-abs(factor.points), factor.code))
    return Result(
        version=scorecard.version,
        base_points=scorecard.base_points,
        score=score,
        grade=scorecard.grade_of(score),
        factors=tuple(weightiest_first),
    )


def _points_of(factor: Factor, value: Value) -> FactorPoints:
    band = factor.band_of(value)
    gain = max(other.points for other in factor.bands) - band.points if band.to_improve else 0
    return FactorPoints(
        code=factor.code,
        points=band.points,
        text_pt=band.pt,
        text_en=band.en,
        improvement_points=gain,
        improvement_pt=factor.pt_improve if gain else "",
        improvement_en=factor.en_improve if gain else "",
    )
