"""A scorecard as the file that it is read from."""

import json
from collections.abc import Iterator

from subgraphs.credit.domain.scorecard import Band, Factor, Scorecard

HEAD = """\
# {version}: points learnt from invented applicants by `make score-model`, which also wrote {version}.md beside it:
# read there what it can and cannot do. Written by a machine: change builds/agroscore/, not this file.
"""


def scorecard_text(scorecard: Scorecard) -> str:
    """*scorecard* as TOML, in the form of the ones written by hand."""
    return HEAD.format(version=scorecard.version) + "\n" + "\n".join(_lines(scorecard)) + "\n"


def _lines(scorecard: Scorecard) -> Iterator[str]:
    yield f"version = {_text(scorecard.version)}"
    yield f"base_points = {scorecard.base_points}"
    yield from ("", "[grades]", *(f"{grade} = {at_least}" for grade, at_least in scorecard.grades.items()))
    yield from ("", "# What one hectare of a cycle costs, in reais: the measure for `area_use`.", "[cost_per_hectare]")
    yield from (f'{crop} = "{cost}"' for crop, cost in scorecard.cost_per_hectare.items())
    for factor in scorecard.factors:
        yield from _factor(factor)


def _factor(factor: Factor) -> Iterator[str]:
    yield from ("", "[[factors]]", f"code = {_text(factor.code)}", f"feature = {_text(factor.feature)}")
    yield f"pt_improve = {_text(factor.pt_improve)}"
    yield f"en_improve = {_text(factor.en_improve)}"
    yield from ("bands = [", *(f"  {{ {', '.join(_band(band))} }}," for band in factor.bands), "]")


def _band(band: Band) -> Iterator[str]:
    if band.from_ is not None:
        yield f'from = "{band.from_}"'
    if band.values is not None:
        yield f"values = [{', '.join(_text(value) for value in sorted(band.values))}]"
    yield f"points = {band.points}"
    yield f"pt = {_text(band.pt)}"
    yield f"en = {_text(band.en)}"
    if band.to_improve:
        yield "to_improve = true"


def _text(text: str) -> str:
    # JSON's strings are TOML's.
    return json.dumps(text, ensure_ascii=False)
