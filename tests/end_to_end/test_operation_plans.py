"""
Each operation that clients ship has its golden plan beside it: `schema/operations/NAME.plan`.

`make plans` rewrites them; the difference is what a review reads.
"""

import os
from pathlib import Path

import pytest

from launch.home import ROOT
from tests.router.operation_tree import tree_of
from trevo.plan.text import print_plan
from trevo.planner import Planner
from trevo.supergraph import Supergraph, load_supergraph

OPERATIONS = sorted((ROOT / "schema" / "operations").glob("*.graphql"))


@pytest.fixture(scope="module")
def supergraph() -> Supergraph:
    return load_supergraph((ROOT / "schema" / "supergraph.graphql").read_text())


@pytest.mark.parametrize("path", OPERATIONS, ids=lambda path: path.stem)
def test_an_operation_is_planned_as_its_golden_plan_says(path: Path, supergraph: Supergraph) -> None:
    operation = tree_of(path.read_text(), supergraph.public_schema)
    plan = print_plan(Planner(supergraph).plan(operation)).rstrip() + "\n"
    golden = path.with_suffix(".plan")
    if os.environ.get("UPDATE_PLANS"):
        golden.write_text(plan)
    assert golden.read_text() == plan, "the plan changed; `make plans` rewrites it for review"
