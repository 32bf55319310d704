"""
Every case in `cases/*.md`: a supergraph, operations, and the plan of each.

`UPDATE_PLANS=1` (`make plans`) writes the plans anew; what changed is read in the diff.
"""

import os
import re
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from graphql import DocumentNode, parse, validate

from tests.router.operation_tree import tree_of
from tests.router.written_outputs import written_outputs
from trevo.operation.deferral import defer_parts
from trevo.plan.text import print_plan
from trevo.planner import Planner, PlanningError
from trevo.supergraph import Supergraph, load_supergraph
from trevo.supergraph.public_schema import with_defer

CASES = Path(__file__).parent / "cases"
HEADER = """
schema
  @link(url: "https://specs.apollo.dev/link/v1.0")
  @link(url: "https://specs.apollo.dev/join/v0.4", for: EXECUTION)
  @link(url: "https://specs.apollo.dev/inaccessible/v0.2", for: SECURITY)
{ query: Query %s }
"""
_BLOCK = re.compile(r"```(?P<kind>\w+)\n(?P<text>.*?)```", re.DOTALL)


@dataclass(frozen=True)
class Case:
    file: Path
    title: str
    operation: str
    labels: frozenset[str]
    expected: str


def read_cases(file: Path) -> list[Case]:
    found = []
    for section in file.read_text().split("\n## ")[1:]:
        blocks = {match["kind"]: match["text"].strip() for match in _BLOCK.finditer(section)}
        title = section.split("\n", 1)[0]
        labels = frozenset(blocks.get("labels", "").split())
        found.append(Case(file, title, blocks["graphql"], labels, blocks["plan"]))
    return found


@cache
def supergraph_of(file: Path) -> Supergraph:
    match = re.search(r"```supergraph\n(.*?)```", file.read_text(), re.DOTALL)
    assert match, f"{file.name} has no supergraph"
    roots = [f"{name.lower()}: {name}" for name in ("Mutation", "Subscription") if f"type {name}" in match[1]]
    return load_supergraph(HEADER % " ".join(roots) + match[1])


def plan_of(case: Case) -> str:
    supergraph = supergraph_of(case.file)
    document = parse(case.operation, no_location=True)
    if "@defer" in case.operation:
        assert validate(with_defer(supergraph.public_schema), document) == []
        (syntax,) = document.definitions
        document = DocumentNode(definitions=(defer_parts(syntax, {}, {}, 100),))
    operation = tree_of(document, None if "@defer" in case.operation else supergraph.public_schema)
    try:
        return print_plan(Planner(supergraph).plan(operation, case.labels))
    except PlanningError as error:
        return f"{error.code}: {error}"


def write_plan(case: Case, plan: str) -> None:
    text = case.file.read_text()
    start = text.index("```plan\n", text.index(f"\n## {case.title}\n")) + len("```plan\n")
    end = text.index("```", start)
    case.file.write_text(f"{text[:start]}{plan}\n{text[end:]}")


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, id=f"{file.stem}: {case.title}")
        for file in sorted(CASES.glob("*.md"))
        for case in read_cases(file)
    ],
)
def test_plan(case: Case) -> None:
    plan = plan_of(case)
    if os.environ.get("UPDATE_PLANS"):
        write_plan(case, plan)
    else:
        assert plan == case.expected


@pytest.mark.parametrize("file", sorted(CASES.glob("*.md")), ids=lambda file: file.stem)
def test_what_a_request_should_bring_is_what_its_text_asks(file: Path) -> None:
    supergraph = supergraph_of(file)
    for case in read_cases(file):
        with suppress(PlanningError):
            plan = Planner(supergraph).plan(tree_of(case.operation), case.labels)
            for fetch in (plan.primary, *plan.fetches) if plan.primary else plan.fetches:
                if not fetch.calls:
                    assert fetch.outputs == written_outputs(fetch.document, fetch.renames)
                for call in (*fetch.calls, *(part.alone for part in fetch.parts if part.alone)):
                    assert call.outputs == written_outputs(call.selections, call.renames)
