"""From applicants to a scorecard: bands become weights of evidence, weights a regression, the regression points."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from builds.agroscore import logistic
from builds.agroscore.classes import Evidence, band_index, weigh_bands
from builds.agroscore.population import Applicant
from builds.agroscore.recipe import Scale
from subgraphs.credit.domain.scorecard import Factor, Scorecard


class AgainstTheEvidence(Exception):
    """A factor's weight is negative: beside the others it would punish what alone speaks for a farmer. Leave it out."""


@dataclass(frozen=True, kw_only=True)
class Trained:
    scorecard: Scorecard
    evidence: dict[str, Evidence]
    """By factor."""
    coefficients: dict[str, float]
    """By factor: what its weights of evidence count for beside the others'."""


def train(applicants: Sequence[Applicant], *, version: str, classes: Scorecard, scale: Scale) -> Trained:
    """
    The scorecard *version*: the factors, bands, grades and sentences of *classes* with points learnt from *applicants*.

    Raises logistic.NoFit, ValueError, and AgainstTheEvidence.
    """
    defaulted = [applicant.defaulted for applicant in applicants]
    places = {factor.code: [band_index(factor, applicant) for applicant in applicants] for factor in classes.factors}
    evidence = {factor.code: weigh_bands(factor, places[factor.code], defaulted) for factor in classes.factors}
    counts: dict[logistic.Row, list[int]] = defaultdict(lambda: [0, 0])
    for at, failed in enumerate(defaulted):
        row = tuple(evidence[code].weights[bands[at]] for code, bands in places.items())
        counts[row][failed] += 1
    intercept, *weights = logistic.fit({row: (good, bad) for row, (good, bad) in counts.items()})
    coefficients = dict(zip(places, weights, strict=True))
    if against := [code for code, weight in coefficients.items() if weight < 0]:
        raise AgainstTheEvidence(", ".join(against))
    factors = tuple(
        _with_points(factor, evidence[factor.code], scale.per_log_odds * coefficients[factor.code])
        for factor in classes.factors
    )
    base = round(scale.at_even_odds + scale.per_log_odds * intercept)
    scorecard = classes.model_copy(update={"version": version, "base_points": base, "factors": factors})
    return Trained(scorecard=scorecard, evidence=evidence, coefficients=coefficients)


def _with_points(factor: Factor, evidence: Evidence, points_per_weight: float) -> Factor:
    bands = tuple(
        band.model_copy(update={"points": round(points_per_weight * weight)})
        for band, weight in zip(factor.bands, evidence.weights, strict=True)
    )
    return factor.model_copy(update={"bands": bands})
