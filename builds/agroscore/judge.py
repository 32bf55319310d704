"""How good a scorecard is, measured on applicants that it was not made from."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from builds.agroscore.population import Applicant
from builds.agroscore.recipe import Scale
from subgraphs.credit.domain.scorecard import Scorecard, compute_score

TENTHS = 10


@dataclass(frozen=True, kw_only=True)
class Judged:
    """An applicant beside what a scorecard made of them."""

    applicant: Applicant
    score: int
    grade: str
    chance: float
    """Of default, as the score has it."""


@dataclass(frozen=True, kw_only=True)
class Group:
    """Applicants of one kind: what was expected of them, and what came."""

    name: str
    applicants: int
    expected: float
    observed: float
    area: float
    """Under the curve, within the group."""
    lent_to: float
    """The share with a grade that is lent to, A to D."""


def judge(scorecard: Scorecard, applicants: Iterable[Applicant], *, scale: Scale) -> list[Judged]:
    """*applicants* with their scores."""
    judged = []
    for applicant in applicants:
        result = compute_score(scorecard, applicant.features)
        chance = scale.chance_of_default(result.score)
        judged.append(Judged(applicant=applicant, score=result.score, grade=result.grade, chance=chance))
    return judged


def area_under_curve(ranking: Iterable[tuple[float, bool]]) -> float:
    """
    How often somebody who repaid has more than somebody who defaulted; ties count half. 0.5 is guessing.

    *ranking* is (what speaks for them, whether they defaulted). One of a kind alone has no area: nan.
    """
    wins, better_than, good = 0.0, 0, 0
    for _, alike in groupby(sorted(ranking), key=lambda one: one[0]):
        defaults = [defaulted for _, defaulted in alike]
        bad = sum(defaults)
        wins += (len(defaults) - bad) * (better_than + bad / 2)
        better_than, good = better_than + bad, good + len(defaults) - bad
    return wins / (good * better_than) if good and better_than else math.nan


def greatest_distance(ranking: Iterable[tuple[float, bool]]) -> float:
    """Kolmogorov and Smirnov's: the most by which the shares of the bad and of the good below one score differ."""
    rows = sorted(ranking)
    bad = sum(defaulted for _, defaulted in rows)
    shares, seen_bad, seen_good = [0.0], 0, 0
    for _, alike in groupby(rows, key=lambda one: one[0]):
        defaults = [defaulted for _, defaulted in alike]
        seen_bad, seen_good = seen_bad + sum(defaults), seen_good + len(defaults) - sum(defaults)
        shares.append(abs(seen_bad / bad - seen_good / (len(rows) - bad)))
    return max(shares)


def brier(judged: Sequence[Judged]) -> float:
    """The mean square of expected less observed; less is better."""
    return math.fsum((one.chance - one.applicant.defaulted) ** 2 for one in judged) / len(judged)


def ranked(judged: Iterable[Judged]) -> list[tuple[float, bool]]:
    return [(one.score, one.applicant.defaulted) for one in judged]


def group(name: str, judged: Sequence[Judged]) -> Group:
    """What *judged* have in common. Raises ZeroDivisionError when there is nobody."""
    return Group(
        name=name,
        applicants=len(judged),
        expected=math.fsum(one.chance for one in judged) / len(judged),
        observed=sum(one.applicant.defaulted for one in judged) / len(judged),
        area=area_under_curve(ranked(judged)),
        lent_to=sum(one.grade != "E" for one in judged) / len(judged),
    )


def by_grade(judged: Sequence[Judged]) -> list[Group]:
    return _grouped(judged, lambda one: one.grade, sorted({one.grade for one in judged}))


def by_tenth(judged: Sequence[Judged]) -> list[Group]:
    """Ten groups of one size, the lowest scores first; whom a tie would part are parted as they were drawn."""
    rows = sorted(judged, key=lambda one: one.score)
    cuts = [len(rows) * tenth // TENTHS for tenth in range(TENTHS + 1)]
    parts = [rows[start:end] for start, end in pairwise(cuts)]
    return [group(f"{part[0].score} to {part[-1].score}", part) for part in parts]


def _grouped(judged: Sequence[Judged], key: Callable[[Judged], str], names: Iterable[str]) -> list[Group]:
    return [group(name, [one for one in judged if key(one) == name]) for name in names]


def by_holding(judged: Sequence[Judged]) -> list[Group]:
    """Groups that the law or a conscience may ask about: area, right to the land, being new to credit."""

    def size(one: Judged) -> str:
        hectares = one.applicant.hectares
        return "up to 20 ha" if hectares <= 20 else "20 to 100 ha" if hectares <= 100 else "more than 100 ha"

    def tenure(one: Judged) -> str:
        return f"land: {str(one.applicant.features['land_tenure']).lower()}"

    def past(one: Judged) -> str:
        return "some rural credit before" if one.applicant.features["years_active"] else "no rural credit before"

    kinds = (
        (size, ("up to 20 ha", "20 to 100 ha", "more than 100 ha")),
        (tenure, sorted({tenure(one) for one in judged})),
        (past, ("no rural credit before", "some rural credit before")),
    )
    return [found for key, names in kinds for found in _grouped(judged, key, names)]
