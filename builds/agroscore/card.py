"""The card of a trained scorecard: what it is, how it was made, what it is worth, where not to trust it."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from builds.agroscore.judge import (
    Group,
    Judged,
    area_under_curve,
    brier,
    by_grade,
    by_holding,
    by_tenth,
    greatest_distance,
    group,
    ranked,
)
from builds.agroscore.recipe import Recipe
from builds.agroscore.train import Trained


@dataclass(frozen=True, kw_only=True)
class Card:
    recipe: Recipe
    trained: Trained
    data_sha256: str
    seen: Sequence[Judged]
    unseen: Sequence[Judged]
    area_of_classes: float
    """Under the curve of the scorecard whose classes these are, over the unseen."""
    area_of_truth: float
    """Under the curve of the chances that fate was drawn by."""


TEXT = """\
# {version}

A scorecard for the default of a CPR, learnt from {trained_on} invented applicants. `make score-model` wrote it, and
writes the same again, to the byte, from the seed {seed}.

**It has never seen a farmer.** Applicants and their fate come out of a process that `builds/agroscore/population.py`
describes in full. What is measured below says that the method finds what was put in. It says nothing about people, and
is no ground for lending to one or refusing one.

## What it is

- *Question*: will an installment be more than 30 days late, so that the CPR is defaulted?
- *Form*: logistic regression over the weights of evidence of bands. The bands, their sentences and the grades are those
  of {classes_of}; numbers' bands whose evidence contradicts the expert's order share their points.
- *Points*: {points} are odds of {odds} to 1 for repayment, {doubling} more are twice the odds. The chance of default is
  1 / (1 + e^((score − {even:.2f}) / {per:.2f})).
- *Data*: the first {trained_on} applicants made the points, the {held_out} after them measure. SHA-256 of all as CSV
  (`python -m builds.agroscore --data FILE`): `{sha256}`
- *Not looked at*: name, sex, age, colour, religion, region, municipality, family. Peerseed does not ask for most of it.

## What it is worth, on the {held_out} held out

| measure | {version} | to compare |
|---|---:|---|
| area under the curve (AUC) | {area:.4f} | {classes_of}: {area_of_classes:.4f}; on those it learnt from: {seen:.4f} |
| Gini | {gini:.4f} | |
| Kolmogorov–Smirnov | {distance:.4f} | |
| Brier | {brier:.4f} | the same chance for all: {brier_of_rate:.4f} |
| defaults | {observed:.2%} | expected: {expected:.2%} |

Nobody can do better here than {area_of_truth:.4f}, the area of the chances that fate was drawn by: care, skill and
weather are in them, and in no feature. In the tables, ± is what chance alone moves an observed share by, in 95 of 100
such samples.

### Calibration by tenths

{tenths}

### By grade

{grades}

## The factors

Information value: below 0.02 a factor tells next to nothing alone, from 0.1 something, from 0.3 much. The coefficient
is what is left of its evidence beside the other factors': 1 is all of it.

{factors}

## Who is treated how

A factor can stand for something that nobody looks at. These groups can be told apart in the data; *lent to* is the
share with a grade from A to D. Where a group's observed default differs from the expected one by more than chance, the
score is unjust to it, or to the others; a share below four fifths of the highest of its kind has to be explained by
risk or mended.

{groups}

Here the groups' real risks were chosen by whoever wrote the process, so the table shows how to look, not what is true.
`LAND_TENURE` is the factor to doubt first: it tells little, and stands for poverty and for the agrarian reform.
Sex and colour cannot be looked at at all: they are not collected. Before it decides about people, that has to be
measured on a sample whose members say so of their own accord (LGPD, art. 20: a person may ask for a review of the
decision and for its criteria, which each score keeps).

## Known limits

- The process is simple and known; real default has causes that are not in it. A drought hits neighbours together and
  prices fall for everybody, so that chance moves real tables by more than the ± here.
- Everybody's fate is known here, that of the refused included. A real lender knows only those it has lent to.
- All is one moment: no season, no inflation of `cost_per_hectare`, no change of the bureau's own score.
- Whoever is new to credit or sends no documents gets points from few applicants; small bands are drawn to the average.
- Chances are of the whole term, whatever its length.
- It says what is likely of many. An analyst decides about one.

## Before it is put in force

Train it anew on what became of Peerseed's own CPRs, measure it on a later year than it learnt from, and compare its AUC
and its tables by group with {classes_of}'s. A version is in force from a day on by a row of `score_models`; scores that
were given keep the version that gave them.
"""


def card_text(card: Card) -> str:
    """The card as Markdown."""
    recipe, everybody = card.recipe, group("all", card.unseen)
    area = area_under_curve(ranked(card.unseen))
    return TEXT.format(
        version=recipe.version,
        classes_of=recipe.classes_of,
        seed=recipe.seed,
        trained_on=f"{recipe.trained_on:,}",
        held_out=f"{recipe.held_out:,}",
        points=recipe.scale.points,
        odds=recipe.scale.odds,
        doubling=recipe.scale.doubling,
        even=recipe.scale.at_even_odds,
        per=recipe.scale.per_log_odds,
        sha256=card.data_sha256,
        area=area,
        gini=2 * area - 1,
        area_of_classes=card.area_of_classes,
        area_of_truth=card.area_of_truth,
        seen=area_under_curve(ranked(card.seen)),
        distance=greatest_distance(ranked(card.unseen)),
        brier=brier(card.unseen),
        brier_of_rate=everybody.observed * (1 - everybody.observed),
        observed=everybody.observed,
        expected=everybody.expected,
        tenths=_calibration("score", by_tenth(card.unseen)),
        grades=_calibration("grade", by_grade(card.unseen)),
        factors=_factors(card.trained),
        groups=_groups(by_holding(card.unseen)),
    )


def _calibration(what: str, groups: Iterable[Group]) -> str:
    rows = [f"| {_shares(one)} |" for one in groups]
    return "\n".join([f"| {what} | applicants | default expected | observed | ± |", "|---|---:|---:|---:|---:|", *rows])


def _shares(one: Group) -> str:
    by_chance = 1.96 * math.sqrt(one.observed * (1 - one.observed) / one.applicants)
    return f"{one.name} | {one.applicants:,} | {one.expected:.2%} | {one.observed:.2%} | {by_chance:.2%}"


def _factors(trained: Trained) -> str:
    rows = []
    for factor in trained.scorecard.factors:
        points = [band.points for band in factor.bands]
        information, coefficient = trained.evidence[factor.code].information, trained.coefficients[factor.code]
        rows.append(f"| {factor.code} | {information:.3f} | {coefficient:.2f} | {min(points):+d} to {max(points):+d} |")
    head = ["| factor | information value | coefficient | points |", "|---|---:|---:|---:|"]
    return "\n".join([*head, *rows])


def _groups(groups: Iterable[Group]) -> str:
    rows = [f"| {_shares(one)} | {one.area:.3f} | {one.lent_to:.1%} |" for one in groups]
    head = "| group | applicants | default expected | observed | ± | AUC | lent to |"
    return "\n".join([head, "|---|---:|---:|---:|---:|---:|---:|", *rows])
