"""The trained scorecard: what the command writes, how points are learnt, how they are measured."""

import hashlib
import math
import os
import subprocess
import sys
import tomllib
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builds.agroscore import __main__ as command
from builds.agroscore import logistic
from builds.agroscore.classes import Evidence, weigh_bands
from builds.agroscore.judge import area_under_curve, greatest_distance
from builds.agroscore.make import Made, applicants_text, make
from builds.agroscore.population import Applicant, draw_applicants
from builds.agroscore.recipe import AGROSCORE_2
from builds.agroscore.train import AgainstTheEvidence, train
from builds.agroscore.write import scorecard_text
from subgraphs.credit.domain.scorecard import FOLDER, Factor, Scorecard, load_scorecard

ROOT = Path(__file__).resolve().parents[2]
EXPERT = load_scorecard("agroscore-1.0")
SMALL = replace(AGROSCORE_2, version="agroscore-small", seed=13, trained_on=3_000, held_out=500)

COLUMNS = (
    "bureau_score,negative_records,amount_to_revenue,debt_to_revenue,area_use,land_tenure,certifications,"
    "document_kinds,years_active,settled_cprs,hectares,chance_of_default,defaulted"
)
SMALL_POINTS = {
    "BUREAU_SCORE": [112, 44, -14, -93],
    "NEGATIVE_RECORDS": [-52, -29, 14],
    "AMOUNT_TO_REVENUE": [-91, -37, -5, 65],
    "DEBT_TO_REVENUE": [-9, 0, 9],
    "AREA_USE": [-45, -9, 26],
    "LAND_TENURE": [16, -5, 0, -16, -49],
    "CERTIFICATIONS": [18, -1, -1],
    "DOCUMENTS": [23, 2, -8, -21],
    "YEARS_ACTIVE": [2, 1, 1, -5],
    "PLATFORM_HISTORY": [69, 52, -17],
}


@pytest.fixture(scope="module")
def small() -> Made:
    return make(SMALL)


def test_the_committed_files_are_what_the_command_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "applicants.csv"
    monkeypatch.setattr(sys, "argv", ["agroscore", "--into", str(tmp_path), "--data", str(data)])
    assert command.main() == 0
    for name in ("agroscore-2.0.toml", "agroscore-2.0.md"):
        assert (tmp_path / name).read_bytes() == (FOLDER / name).read_bytes(), "run `make score-model`"
    assert f"{data}: 30000 applicants" in capsys.readouterr().out
    assert f"`{hashlib.sha256(data.read_bytes()).hexdigest()}`" in (FOLDER / "agroscore-2.0.md").read_text()
    lines = data.read_text().splitlines()
    assert (len(lines), lines[0]) == (30_001, COLUMNS)


def test_a_small_training_gives_these_points(small: Made) -> None:
    scorecard = Scorecard.model_validate(tomllib.loads(small.files["agroscore-small.toml"]))
    assert scorecard.base_points == 620
    assert {factor.code: [band.points for band in factor.bands] for factor in scorecard.factors} == SMALL_POINTS


def test_only_points_are_learnt(small: Made) -> None:
    learnt = tomllib.loads(small.files["agroscore-small.toml"])
    expert = tomllib.loads((FOLDER / "agroscore-1.0.toml").read_text(encoding="utf-8"))
    assert learnt["base_points"] != expert["base_points"]
    for scorecard in (learnt, expert):
        del scorecard["version"], scorecard["base_points"]
        for band in (band for factor in scorecard["factors"] for band in factor["bands"]):
            del band["points"]
    assert learnt == expert


def test_the_same_seed_makes_the_same_bytes_in_another_process(small: Made) -> None:
    code = (
        "import hashlib\n"
        "from dataclasses import replace\n"
        "from builds.agroscore.make import make\n"
        "from builds.agroscore.recipe import AGROSCORE_2\n"
        "recipe = replace(AGROSCORE_2, version='agroscore-small', seed=13, trained_on=3_000, held_out=500)\n"
        "print(hashlib.sha256(''.join(make(recipe).files.values()).encode()).hexdigest())"
    )
    environment = os.environ | {"PYTHONHASHSEED": "4711"}
    said = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    ).stdout
    assert said.strip() == hashlib.sha256("".join(small.files.values()).encode()).hexdigest()


def test_a_seed_means_these_applicants() -> None:
    one, other = (applicants_text(draw_applicants(seed, 2, scorecard=EXPERT)) for seed in (1, 2))
    assert one == (
        f"{COLUMNS}\n"
        "748,0,0.37569,0.51639,0.71579,SETTLEMENT,0,2,13,0,3.8,0.014373683,0\n"
        "591,0,0.24976,0.54210,0.38249,LEASED,0,2,10,0,35.4,0.084564728,0\n"
    )
    assert other != one


def test_a_longer_draw_begins_like_a_shorter_one() -> None:
    assert draw_applicants(1, 5, scorecard=EXPERT)[:3] == draw_applicants(1, 3, scorecard=EXPERT)


def test_a_scorecard_is_read_back_as_it_was_written() -> None:
    assert Scorecard.model_validate(tomllib.loads(scorecard_text(EXPERT))) == EXPERT


# What the regression does


def test_the_weights_of_one_yes_or_no_are_log_odds() -> None:
    intercept, weight = logistic.fit({(0.0,): (10, 30), (1.0,): (60, 20)})
    assert intercept == pytest.approx(math.log(10 / 30), abs=1e-12)
    assert weight == pytest.approx(math.log(3) - math.log(1 / 3), abs=1e-12)


def test_a_column_that_never_errs_has_no_weight() -> None:
    with pytest.raises(logistic.NoFit):
        logistic.fit({(0.0,): (0, 30), (1.0,): (60, 0)})


def test_a_column_that_repeats_another_has_no_weight_of_its_own() -> None:
    with pytest.raises(logistic.NoFit, match="follows from the others"):
        logistic.fit({(0.0, 0.0): (10, 30), (1.0, 1.0): (60, 20)})


def test_equations_are_solved_whatever_their_order() -> None:
    assert logistic.solve([[0.0, 2.0], [4.0, 1.0]], [6.0, 11.0]) == [2.0, 3.0]


# What bands say


def years() -> Factor:
    return next(factor for factor in EXPERT.factors if factor.code == "YEARS_ACTIVE")


def weigh(*bands: tuple[int, int]) -> Evidence:
    """The evidence of bands with so many who repaid and who did not, each."""
    places = [place for place, (good, bad) in enumerate(bands) for _ in range(good + bad)]
    defaulted = [failed for good, bad in bands for failed in [False] * good + [True] * bad]
    return weigh_bands(years(), places, defaulted)


def test_evidence_is_the_share_of_the_good_over_that_of_the_bad() -> None:
    evidence = weigh((400, 10), (300, 20), (200, 30), (100, 40))
    average = 100 / 1_100  # a hundred average applicants are counted to each band
    assert evidence.weights == pytest.approx(
        [
            math.log((0.4 + average) / (0.1 + average)),
            math.log((0.3 + average) / (0.2 + average)),
            math.log((0.2 + average) / (0.3 + average)),
            math.log((0.1 + average) / (0.4 + average)),
        ]
    )
    assert (evidence.repaid, evidence.defaulted) == ((400, 300, 200, 100), (10, 20, 30, 40))
    assert evidence.information == pytest.approx(2 * (0.3 * evidence.weights[0] + 0.1 * evidence.weights[1]))


def test_bands_against_the_experts_order_are_taken_together() -> None:
    best, second, third, worst = weigh((300, 20), (400, 10), (200, 30), (100, 40)).weights
    assert best == second > third > worst


def test_an_empty_band_is_average_unless_its_neighbours_say_otherwise() -> None:
    assert weigh((400, 10), (0, 0), (300, 40), (300, 50)).weights[1] == 0


@pytest.mark.parametrize("bands", [((10, 0), (5, 0), (0, 0), (1, 0)), ((0, 10), (0, 5), (0, 0), (0, 1))])
def test_nothing_is_learnt_where_all_have_one_fate(bands: tuple[tuple[int, int], ...]) -> None:
    with pytest.raises(ValueError, match="some repaid and some did not"):
        weigh(*bands)


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), min_size=4, max_size=4))
def test_more_years_never_weigh_less(bands: list[tuple[int, int]]) -> None:
    bands[0] = (bands[0][0] + 1, bands[0][1] + 1)
    weights = weigh(*bands).weights
    assert list(weights) == sorted(weights, reverse=True)


def test_a_factor_that_would_punish_what_speaks_for_a_farmer_stops_the_training() -> None:
    def applicant(bureau_score: int, years_active: int, *, defaulted: bool) -> Applicant:
        features = {"bureau_score": Decimal(bureau_score), "years_active": Decimal(years_active)}
        return Applicant(features=features, hectares=Decimal(10), chance=0.5, defaulted=defaulted)

    # Many years go with a good bureau score and so look good; among equal scores they are worse.
    kinds = [(900, 12, 900, 60), (900, 0, 100, 2), (100, 12, 40, 60), (100, 0, 400, 300)]
    applicants = [
        applicant(score, years_active, defaulted=place >= good)
        for score, years_active, good, bad in kinds
        for place in range(good + bad)
    ]
    factors = tuple(factor for factor in EXPERT.factors if factor.code in {"BUREAU_SCORE", "YEARS_ACTIVE"})
    classes = EXPERT.model_copy(update={"factors": factors})
    with pytest.raises(AgainstTheEvidence, match=r"^YEARS_ACTIVE$"):
        train(applicants, version="agroscore-small", classes=classes, scale=AGROSCORE_2.scale)


# What is measured


def test_points_are_odds() -> None:
    scale = AGROSCORE_2.scale
    assert scale.chance_of_default(600) == pytest.approx(1 / 11)
    assert scale.chance_of_default(680) == pytest.approx(1 / 21)
    assert scale.chance_of_default(520) == pytest.approx(1 / 6)


def test_the_area_counts_pairs_in_the_right_order() -> None:
    assert area_under_curve([(1, True), (2, False), (3, True), (4, False)]) == 0.75
    assert area_under_curve([(1, True), (1, False)]) == 0.5
    assert math.isnan(area_under_curve([(1, True)]))


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=2, max_size=30))
def test_the_area_is_what_comparing_every_pair_gives(ranking: list[tuple[float, bool]]) -> None:
    good = [score for score, defaulted in ranking if not defaulted]
    bad = [score for score, defaulted in ranking if defaulted]
    wins = sum((one > other) + (one == other) / 2 for one in good for other in bad)
    expected = wins / (len(good) * len(bad)) if good and bad else math.nan
    assert area_under_curve(ranking) == pytest.approx(expected, nan_ok=True)


def test_the_greatest_distance_is_between_the_shares_below_a_score() -> None:
    assert greatest_distance([(1, True), (2, True), (3, False), (4, True), (5, False)]) == pytest.approx(2 / 3)
