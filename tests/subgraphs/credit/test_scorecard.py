"""The scorecard: bands, limits, and an explanation that adds up."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from subgraphs.credit.domain.scorecard import FOLDER, Scorecard, compute_score, load_scorecard
from subgraphs.credit.models import LandTenure
from subgraphs.shared.vocabulary import Crop

CARD = load_scorecard("agroscore-1.0")
VERSIONS = sorted(path.stem for path in FOLDER.glob("*.toml"))
in_every_version = pytest.mark.parametrize("card", [load_scorecard(version) for version in VERSIONS], ids=VERSIONS)

BEST = {
    "bureau_score": Decimal(950),
    "negative_records": Decimal(0),
    "amount_to_revenue": Decimal("0.25"),
    "debt_to_revenue": Decimal("0.30"),
    "area_use": Decimal("0.4"),
    "land_tenure": "OWNED",
    "certifications": Decimal(2),
    "document_kinds": Decimal(4),
    "years_active": Decimal(12),
    "settled_cprs": Decimal(2),
}


def test_the_best_of_everything_is_a_thousand() -> None:
    result = compute_score(CARD, BEST)
    assert (result.score, result.grade) == (1000, "A")
    assert [factor.improvement_points for factor in result.factors] == [0] * 10


def test_the_worst_of_everything_is_nothing() -> None:
    worst = BEST | {
        "bureau_score": Decimal(0),
        "negative_records": Decimal(5),
        "amount_to_revenue": Decimal(99),
        "debt_to_revenue": Decimal(99),
        "area_use": Decimal(3),
        "land_tenure": "POSSESSION",
        "certifications": Decimal(0),
        "document_kinds": Decimal(0),
        "years_active": Decimal(0),
        "settled_cprs": Decimal(0),
    }
    result = compute_score(CARD, worst)
    assert (result.score, result.grade) == (0, "E")


PRINTED = """
  500  base
 +130  BUREAU_SCORE       Excellent credit bureau score.
  +90  AMOUNT_TO_REVENUE  The amount is up to 30 % of the last cycle's revenue.
  +50  DEBT_TO_REVENUE    Debts and new credit are within half of the last cycle's revenue.
  +40  AREA_USE           The amount per hectare is up to half of the crop's usual cost.
  +40  NEGATIVE_RECORDS   No debt is reported as unpaid.
  -20  DOCUMENTS          No documents sent.
  +20  YEARS_ACTIVE       Ten years of rural credit or more.
  -10  LAND_TENURE        The land is leased.
   +0  CERTIFICATIONS     No certifications.
   +0  PLATFORM_HISTORY   First CPR on the platform.
  840  A
"""


def test_a_score_prints_itself_the_weightiest_first() -> None:
    leased = {"land_tenure": "LEASED", "certifications": Decimal(0), "document_kinds": Decimal(0)}
    result = compute_score(CARD, BEST | leased | {"settled_cprs": Decimal(0)})
    assert str(result) == PRINTED.strip("\n")


@pytest.mark.parametrize(
    ("score", "grade"),
    [
        (1000, "A"),
        (800, "A"),
        (799, "B"),
        (700, "B"),
        (699, "C"),
        (600, "C"),
        (599, "D"),
        (500, "D"),
        (499, "E"),
        (0, "E"),
    ],
)
def test_grades_begin_at_their_points(score: int, grade: str) -> None:
    assert CARD.grade_of(score) == grade


@pytest.mark.parametrize(
    ("feature", "value", "code", "points"),
    [
        ("amount_to_revenue", "0.30000", "AMOUNT_TO_REVENUE", 90),
        ("amount_to_revenue", "0.30001", "AMOUNT_TO_REVENUE", 45),
        ("amount_to_revenue", "1.00000", "AMOUNT_TO_REVENUE", -20),
        ("amount_to_revenue", "1.00001", "AMOUNT_TO_REVENUE", -100),
        ("bureau_score", "800", "BUREAU_SCORE", 130),
        ("bureau_score", "799", "BUREAU_SCORE", 60),
        ("negative_records", "1", "NEGATIVE_RECORDS", -70),
        ("negative_records", "2", "NEGATIVE_RECORDS", -160),
    ],
)
def test_bands_begin_where_they_say(feature: str, value: str, code: str, points: int) -> None:
    result = compute_score(CARD, BEST | {feature: Decimal(value)})
    assert {factor.code: factor.points for factor in result.factors}[code] == points


any_features = st.fixed_dictionaries(
    {
        "bureau_score": st.integers(0, 1000).map(Decimal),
        "negative_records": st.integers(0, 50).map(Decimal),
        "amount_to_revenue": st.decimals(0, 99, places=5),
        "debt_to_revenue": st.decimals(0, 99, places=5),
        "area_use": st.decimals(0, 99, places=5),
        "land_tenure": st.sampled_from(LandTenure).map(str),
        "certifications": st.integers(0, 8).map(Decimal),
        "document_kinds": st.integers(0, 10).map(Decimal),
        "years_active": st.integers(0, 60).map(Decimal),
        "settled_cprs": st.integers(0, 30).map(Decimal),
    }
)


@in_every_version
@given(features=any_features)
def test_the_explanation_adds_up_to_the_score(card: Scorecard, features: dict[str, Any]) -> None:
    result = compute_score(card, features)
    assert result.score == max(0, min(1000, result.base_points + sum(factor.points for factor in result.factors)))
    assert {factor.code for factor in result.factors} == {factor.code for factor in card.factors}


@in_every_version
@given(features=any_features)
def test_what_would_raise_the_score_never_lowers_it_and_has_its_words(
    card: Scorecard, features: dict[str, Any]
) -> None:
    for factor in compute_score(card, features).factors:
        assert factor.improvement_points >= 0
        assert bool(factor.improvement_points) == bool(factor.improvement_pt) == bool(factor.improvement_en)


@in_every_version
@given(features=any_features, better=st.integers(1, 500))
def test_a_better_bureau_score_never_lowers_the_agroscore(
    card: Scorecard, features: dict[str, Any], better: int
) -> None:
    raised = features | {"bureau_score": min(features["bureau_score"] + better, Decimal(1000))}
    assert compute_score(card, raised).score >= compute_score(card, features).score


@in_every_version
def test_every_crop_has_its_cost(card: Scorecard) -> None:
    assert set(card.cost_per_hectare) == set(Crop)


def test_every_file_is_the_version_it_is_called() -> None:
    assert VERSIONS == ["agroscore-1.0", "agroscore-2.0"]
    assert [load_scorecard(version).version for version in VERSIONS] == VERSIONS


def test_a_version_that_is_not_there_is_not_found() -> None:
    with pytest.raises(FileNotFoundError):
        load_scorecard("agroscore-0.0")


@pytest.mark.parametrize(
    "grades", [{"A": 800, "B": 700, "C": 600, "D": 500}, {"A": 700, "B": 800, "C": 600, "D": 500, "E": 0}]
)
def test_grades_without_sense_are_refused(grades: dict[str, int]) -> None:
    with pytest.raises(ValidationError):
        Scorecard.model_validate(CARD.model_dump(by_alias=True) | {"grades": grades})
