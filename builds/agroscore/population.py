"""
Invented applicants with an invented fate. Nobody here is, or resembles on purpose, a person.

How an applicant comes about. Two things are hidden from every model: *care* with money and *skill* in the field, both
standard normal. What can be seen follows from them with noise:

- land: a crop, an area (log-normal, median 28 ha), a tenure that is less often a title the smaller the area is;
- a past: years of rural credit (none for about one in eight), unpaid debts (Poisson, fewer with care), a bureau score
  (640, with care 95 more, for each unpaid debt 85 less, with ten years 50 more), CPRs repaid here (more with care);
- money: revenue of the last cycle is what the area costs, times 1.35 and more with skill; debts elsewhere and the
  amount asked for are shares of the revenue, greater with less care;
- paper: certifications with skill, kinds of document with care.

Who defaults (more than 30 days late with an installment, which is when a CPR is defaulted) is drawn last, from

    log-odds = -2.7 - 0.6 care - 0.35 skill + 0.5 (debt and amount to revenue - 0.6, between -0.6 and 2)
               + 1.2 (amount to the area's cost - 0.6, between -0.6 and 2) + 0.35 unpaid debts (3 at most)
               + tenure (untitled 0.35, leased 0.2) - 0.03 years (15 at most) - 0.1 kinds of document
               - 0.3 CPRs repaid + 0.6 weather

where *weather* (standard normal) is nobody's doing and seen by nobody. What the model sees is made by the very function
that makes it for real requests.

Bits: draws are Python's Mersenne Twister, normals are sums of twelve of them (no library's logarithm decides), chances
are rounded before they are compared. So a seed means the same applicants on every machine.
"""

import math
import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import TypeVar

from subgraphs.credit.domain.scorecard import Scorecard, Value
from subgraphs.credit.domain.scoring import features_of
from subgraphs.credit.models import Certification, CreditRequest, LandTenure
from subgraphs.credit.ports.bureau import BureauReport
from subgraphs.shared.vocabulary import Crop

Kind = TypeVar("Kind")

REPORTED_AT = datetime(2026, 1, 1, tzinfo=UTC)
AMOUNT_MIN_MINOR, AMOUNT_MAX_MINOR, AMOUNT_STEP_MINOR = 50_000, 50_000_000, 10_000
"""As the first credit policy has them."""

CROPS: Mapping[Crop, int] = dict.fromkeys(Crop, 3) | {
    Crop.SOY: 22, Crop.MAIZE: 18, Crop.COFFEE: 9, Crop.DAIRY: 9, Crop.CATTLE: 8, Crop.BEANS: 6, Crop.CASSAVA: 5,
}  # fmt: skip
TENURES_OF_SMALL: Mapping[LandTenure, int] = {
    LandTenure.OWNED: 48, LandTenure.SETTLEMENT: 18, LandTenure.PARTNERSHIP: 10, LandTenure.LEASED: 12,
    LandTenure.POSSESSION: 12,
}  # fmt: skip
TENURES_OF_LARGE: Mapping[LandTenure, int] = {
    LandTenure.OWNED: 66, LandTenure.SETTLEMENT: 3, LandTenure.PARTNERSHIP: 7, LandTenure.LEASED: 20,
    LandTenure.POSSESSION: 4,
}  # fmt: skip
SMALL_HECTARES_MAX = Decimal(20)
TENURE_RISK: Mapping[LandTenure, float] = {LandTenure.POSSESSION: 0.35, LandTenure.LEASED: 0.2}


@dataclass(frozen=True, kw_only=True)
class Applicant:
    features: Mapping[str, Value]
    """What a scorecard is given."""
    hectares: Decimal
    """Not given to it alone; to see how it treats the small."""
    chance: float
    """Of default, as the process has it: what no model can know better."""
    defaulted: bool


class Dice:
    """Draws in one order, the same on every machine."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - nothing here is secret

    def even(self) -> float:
        """Between 0 and 1, each value as likely."""
        return self._random.random()

    def normal(self) -> float:
        """Standard normal, nearly: between -6 and 6."""
        return sum(self._random.random() for _ in range(12)) - 6

    def pick(self, weights: Mapping[Kind, int]) -> Kind:
        """One of *weights*' keys, by their weight."""
        left = self.even() * sum(weights.values())
        for kind, weight in weights.items():
            left -= weight
            if left < 0:
                return kind
        return kind

    def count(self, mean: float) -> int:
        """Poisson."""
        number, left = 0, self.even()
        chance = math.exp(-mean)
        while left >= chance and number < 20:
            left -= chance
            number += 1
            chance *= mean / number
        return number


def draw_applicants(seed: int, number: int, *, scorecard: Scorecard) -> list[Applicant]:
    """*number* applicants as *seed* has them, with the features that *scorecard* looks at."""
    dice = Dice(seed)
    return [_draw_applicant(dice, scorecard) for _ in range(number)]


def _draw_applicant(dice: Dice, scorecard: Scorecard) -> Applicant:
    care, skill = dice.normal(), dice.normal()
    request = _draw_request(dice, care=care, skill=skill, scorecard=scorecard)
    report = _draw_report(dice, care=care, revenue_minor=request.last_cycle_revenue_minor)
    document_kinds = int(_within(round(2.2 + 1.4 * dice.normal() + 0.4 * care), 0, 7))
    settled = min(dice.count(math.exp(-1.2 + 0.4 * care)), 6) if report.years_active else 0
    features = features_of(request, report, scorecard=scorecard, document_kinds=document_kinds, settled_cprs=settled)
    log_odds = (
        -2.7
        - 0.6 * care
        - 0.35 * skill
        + 0.5 * _within(float(features["debt_to_revenue"]) - 0.6, -0.6, 2)
        + 1.2 * _within(float(features["area_use"]) - 0.6, -0.6, 2)
        + 0.35 * min(report.negative_records, 3)
        + TENURE_RISK.get(LandTenure(request.land_tenure), 0)
        - 0.03 * min(report.years_active, 15)
        - 0.1 * document_kinds
        - 0.3 * settled
        + 0.6 * dice.normal()
    )
    chance = round(1 / (1 + math.exp(-log_odds)), 9)
    return Applicant(features=features, hectares=request.hectares, chance=chance, defaulted=dice.even() < chance)


def _draw_request(dice: Dice, *, care: float, skill: float, scorecard: Scorecard) -> CreditRequest:
    crop = dice.pick(CROPS)
    hectares = Decimal(round(_within(math.exp(math.log(28) + 0.95 * dice.normal()), 1, 3_000) * 10)) / 10
    tenure = dice.pick(TENURES_OF_SMALL if hectares <= SMALL_HECTARES_MAX else TENURES_OF_LARGE)
    cost_minor = float(hectares * scorecard.cost_per_hectare[crop] * 100)
    revenue_minor = round(cost_minor * max(1.35 + 0.2 * skill + 0.4 * dice.normal(), 0.1))
    asked = revenue_minor * math.exp(math.log(0.38) + 0.55 * dice.normal() - 0.12 * care)
    steps = round(_within(asked, AMOUNT_MIN_MINOR, AMOUNT_MAX_MINOR) / AMOUNT_STEP_MINOR)
    certifications = int(_within(round(-0.4 + 0.8 * dice.normal() + 0.4 * skill), 0, 4))
    return CreditRequest(
        amount_minor=steps * AMOUNT_STEP_MINOR,
        crop=crop,
        hectares=hectares,
        land_tenure=tenure,
        certifications=list(Certification)[:certifications],
        last_cycle_revenue_minor=revenue_minor,
    )


def _draw_report(dice: Dice, *, care: float, revenue_minor: int) -> BureauReport:
    new_to_credit = dice.even() < 0.12
    years = 0 if new_to_credit else int(_within(round(8 + 4.5 * dice.normal()), 1, 40))
    unpaid = dice.count(math.exp(-1.9 - 0.8 * care))
    score = 640 + 95 * care - 85 * unpaid + 5 * min(years, 10) + 60 * dice.normal()
    debt = revenue_minor * _within(0.22 + 0.28 * dice.normal() - 0.12 * care, 0, 3)
    return BureauReport(
        bureau="invented",
        reference="",
        score=int(_within(round(score), 0, 1_000)),
        negative_records=unpaid,
        open_debt_minor=round(debt),
        years_active=years,
        about_cpf=True,
        reported_at=REPORTED_AT,
    )


def _within(value: float, least: float, most: float) -> float:
    return max(least, min(most, value))
