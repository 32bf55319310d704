"""
Every case in `cases/*.md`: a graph with data, operations, and the one right answer to each.

The subgraphs are those of the differential test: they refuse whatever a router must not ask. Errors are compared by
path and message, in any order.
"""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.router.conformance.given_world import GivenStore, GivenTrouble
from tests.router.differential.ask import ask
from tests.router.differential.read_world import read_world
from tests.router.differential.subgraph import make_subgraphs
from tests.router.operation_tree import tree_of
from trevo.config.limits import Limits
from trevo.config.settings import Settings
from trevo.gateway.router import Router
from trevo.main import plan_with_planner
from trevo.plan.text import print_plan
from trevo.planner import Planner
from trevo.supergraph import load_supergraph

CASES = Path(__file__).parent / "cases"
HEADER = """
schema
  @link(url: "https://specs.apollo.dev/link/v1.0")
  @link(url: "https://specs.apollo.dev/join/v0.5", for: EXECUTION)
  @link(url: "https://specs.apollo.dev/inaccessible/v0.2", for: SECURITY)
  @link(url: "https://specs.apollo.dev/context/v0.1", for: SECURITY)
{ query: Query %s }
"""
_BLOCK = re.compile(r"```(?P<kind>\w+)\n(?P<text>.*?)```", re.DOTALL)


@dataclass(frozen=True)
class Case:
    file: Path
    title: str
    operation: str
    variables: dict[str, Any]
    answer: dict[str, Any]
    plan: str | None
    supergraph: str
    objects: dict[str, Any]


def read_cases(file: Path) -> list[Case]:
    head, *sections = file.read_text().split("\n## ")
    shared = {match["kind"]: match["text"] for match in _BLOCK.finditer(head)}
    roots = " ".join(
        f"{each.lower()}: {each}" for each in ("Mutation", "Subscription") if f"type {each}" in shared["supergraph"]
    )
    found = []
    for section in sections:
        blocks = {match["kind"]: match["text"].strip() for match in _BLOCK.finditer(section)}
        changes = json.loads(blocks.get("data", "{}"))
        objects = json.loads(shared["data"])
        for label, members in changes.items():
            objects.setdefault(label, {}).update(members)
        found.append(
            Case(
                file,
                section.split("\n", 1)[0],
                blocks["graphql"],
                json.loads(blocks.get("variables", "{}")),
                json.loads(blocks["json"]),
                blocks.get("plan"),
                HEADER % roots + shared["supergraph"],
                objects,
            )
        )
    return found


ALL_CASES = [case for file in sorted(CASES.glob("*.md")) for case in read_cases(file)]


@pytest.fixture
async def routers() -> AsyncIterator[list[Router]]:
    made: list[Router] = []
    yield made
    for router in made:
        await router.stop()


@pytest.mark.parametrize("case", ALL_CASES, ids=lambda case: f"{case.file.stem}: {case.title}")
async def test_answer(case: Case, routers: list[Router]) -> None:
    store = GivenStore(read_world(case.supergraph), objects=case.objects)
    subgraphs = make_subgraphs(store)
    for each in subgraphs.values():
        each.trouble = GivenTrouble("", case.objects)
    clients = {name: each.client() for name, each in subgraphs.items()}
    settings = Settings(limits=Limits(compile_after_uses=2))
    router = Router(settings, supergraph_text=case.supergraph, clients=clients, make_planner=plan_with_planner)
    routers.append(router)
    # The third time by code written for the plan, where there can be such.
    for _ in range(3):
        store.mutations = 0
        answer = await ask(router, case.operation, case.variables)
        # As text, because the order of keys counts.
        assert json.dumps(answer.get("data")) == json.dumps(case.answer["data"]), answer
        assert _told(answer) == _told(case.answer)
        assert [text for each in subgraphs.values() for text in each.violations] == []
        while under_way := list(router.engine._working.under_way.values()):
            await asyncio.wait(under_way)
    if case.plan is not None:
        assert _plan(case) == case.plan


def _told(answer: dict[str, Any]) -> list[tuple[str, str]]:
    return sorted((str(each.get("path")), each["message"]) for each in answer.get("errors", ()))


def _plan(case: Case) -> str:
    return print_plan(Planner(load_supergraph(case.supergraph)).plan(tree_of(case.operation))).strip()
