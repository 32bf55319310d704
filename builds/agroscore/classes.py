"""
Bands as evidence: of those in a band, how many repaid?

A band's *weight of evidence* is ln(its share of all who repaid / its share of all who did not): positive where a band
has more of the good than of the bad. Numbers that better something may not cost points, so neighbouring bands of a
number that contradict the order of the expert's points are taken together until none does (pool adjacent violators).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from builds.agroscore.population import Applicant
from subgraphs.credit.domain.scorecard import Factor

AVERAGE_APPLICANTS = 100
"""So many average ones are counted to each band besides, so that a few applicants of a small band do not say much."""


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What one factor's bands have to do with default, in the order of the bands."""

    repaid: tuple[int, ...]
    defaulted: tuple[int, ...]
    weights: tuple[float, ...]

    @property
    def information(self) -> float:
        """The information value: 0 for a factor that tells nothing; from 0.1 on it tells something, from 0.3 much."""
        repaid, defaulted = sum(self.repaid), sum(self.defaulted)
        return math.fsum(
            (good / repaid - bad / defaulted) * weight
            for good, bad, weight in zip(self.repaid, self.defaulted, self.weights, strict=True)
        )


def band_index(factor: Factor, applicant: Applicant) -> int:
    """The place of the band that holds *applicant*."""
    return factor.bands.index(factor.band_of(applicant.features[factor.feature]))


def weigh_bands(factor: Factor, places: Sequence[int], defaulted: Sequence[bool]) -> Evidence:
    """
    The evidence of *factor*, of applicants in its bands at *places*.

    Raises ValueError unless some repaid and some did not.
    """
    good, bad = [0] * len(factor.bands), [0] * len(factor.bands)
    for place, failed in zip(places, defaulted, strict=True):
        (bad if failed else good)[place] += 1
    if not sum(good) or not sum(bad):
        raise ValueError("points are learnt from applicants of whom some repaid and some did not")
    pools = [[place] for place in range(len(factor.bands))]
    if factor.bands[0].values is None:
        rising = factor.bands[-1].points > factor.bands[0].points
        pools = _pool(pools, good, bad, rising=rising)
    weights = {place: _weight(pool, good, bad) for pool in pools for place in pool}
    return Evidence(
        repaid=tuple(good),
        defaulted=tuple(bad),
        weights=tuple(weights[place] for place in range(len(factor.bands))),
    )


def _pool(pools: list[list[int]], good: list[int], bad: list[int], *, rising: bool) -> list[list[int]]:
    ordered: list[list[int]] = []
    for pool in pools:
        ordered.append(pool)
        while len(ordered) > 1 and (_weight(ordered[-1], good, bad) > _weight(ordered[-2], good, bad)) != rising:
            last = ordered.pop()
            ordered[-1] = ordered[-1] + last
    return ordered


def _weight(pool: list[int], good: list[int], bad: list[int]) -> float:
    average = AVERAGE_APPLICANTS / (sum(good) + sum(bad))
    share_of_good = sum(good[place] for place in pool) / sum(good) + average
    share_of_bad = sum(bad[place] for place in pool) / sum(bad) + average
    return math.log(share_of_good / share_of_bad)
