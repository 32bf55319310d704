"""What the README shows of the graph is what one sees."""

import re
import shlex
import subprocess

from launch.home import ROOT
from tests.end_to_end.conftest import World
from tests.router.operation_tree import tree_of
from trevo.plan.text import print_plan
from trevo.planner import Planner
from trevo.supergraph import load_supergraph

README = (ROOT / "README.md").read_text(encoding="utf-8")
SECTION = README.split("## One query and its plan")[1].split("\n## ")[0]
QUERY, PLAN, COMMAND = re.findall(r"```\w*\n(.*?)```", SECTION, re.DOTALL)


def test_the_plan_is_the_querys() -> None:
    supergraph = load_supergraph((ROOT / "schema" / "supergraph.graphql").read_text())
    assert print_plan(Planner(supergraph).plan(tree_of(QUERY, supergraph.public_schema))).strip() == PLAN.strip()


def test_the_command_shows_the_plan() -> None:
    shown = subprocess.run(shlex.split(COMMAND), cwd=ROOT, capture_output=True, text=True, check=True)
    golden = next(ROOT / word for word in shlex.split(COMMAND) if word.endswith(".graphql")).with_suffix(".plan")
    assert shown.stdout.strip() == golden.read_text().strip()


async def test_the_query_shows_an_investors_money_and_newest_payout(world: World) -> None:
    data = await world.client.graphql(QUERY, token=world.told.investors[0].token)
    assert data == {
        "me": {
            "displayName": "Marina C.",
            "wallet": {"available": {"amount": "8596.90"}},
            "payouts": {"nodes": [{"net": {"amount": "1096.90"}, "cpr": {"crop": "SOY"}}]},
        }
    }
