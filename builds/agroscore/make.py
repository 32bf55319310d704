"""All of it: applicants, scorecard, measures, and the two files."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from builds.agroscore.card import Card, card_text
from builds.agroscore.judge import area_under_curve, judge, ranked
from builds.agroscore.population import Applicant, draw_applicants
from builds.agroscore.recipe import Recipe
from builds.agroscore.train import train
from builds.agroscore.write import scorecard_text
from subgraphs.credit.domain.scorecard import load_scorecard


@dataclass(frozen=True, kw_only=True)
class Made:
    files: dict[str, str]
    """The scorecard and its card, by file name."""
    applicants: list[Applicant]
    """Those that it was trained on, then those held out."""


def make(recipe: Recipe) -> Made:
    """What *recipe* makes. Raises what `train` raises."""
    classes = load_scorecard(recipe.classes_of)
    applicants = draw_applicants(recipe.seed, recipe.trained_on + recipe.held_out, scorecard=classes)
    seen, unseen = applicants[: recipe.trained_on], applicants[recipe.trained_on :]
    trained = train(seen, version=recipe.version, classes=classes, scale=recipe.scale)
    card = Card(
        recipe=recipe,
        trained=trained,
        data_sha256=hashlib.sha256(applicants_text(applicants).encode()).hexdigest(),
        seen=judge(trained.scorecard, seen, scale=recipe.scale),
        unseen=judge(trained.scorecard, unseen, scale=recipe.scale),
        area_of_classes=area_under_curve(ranked(judge(classes, unseen, scale=recipe.scale))),
        area_of_truth=area_under_curve((-one.chance, one.defaulted) for one in unseen),
    )
    files = {
        f"{recipe.version}.toml": scorecard_text(trained.scorecard),
        f"{recipe.version}.md": card_text(card),
    }
    return Made(files=files, applicants=applicants)


def applicants_text(applicants: Sequence[Applicant]) -> str:
    """*applicants* as CSV: a column for each feature, then area and fate."""
    return "".join(f"{line}\n" for line in _lines(applicants))


def _lines(applicants: Sequence[Applicant]) -> Iterator[str]:
    yield ",".join([*applicants[0].features, "hectares", "chance_of_default", "defaulted"])
    for one in applicants:
        values = [*map(str, one.features.values()), str(one.hectares), f"{one.chance:.9f}", str(int(one.defaulted))]
        yield ",".join(values)
