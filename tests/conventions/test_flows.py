"""What each flow promises is tried by a test that exists; `tests/flows/README.md` says by which."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FLOWS = ROOT / "tests" / "flows"
FILES = sorted(FLOWS.glob("test_*.py"))
NAMED = re.compile(r"`(?:(tests/[\w/]+\.py)::)?(test_\w+)`")


@cache
def tried_in(path: Path) -> frozenset[str]:
    tree = ast.parse(path.read_text())
    found = {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
    return frozenset(name for name in found if name.startswith("test_"))


def rows() -> list[tuple[Path | None, str]]:
    """Each row of the page, with the file of its section."""
    found = []
    parts = re.split(r"^## ", (FLOWS / "README.md").read_text(), flags=re.MULTILINE)[1:]
    for part in parts:
        number = re.match(r"\d+", part)
        own = next((path for path in FILES if number and path.name.startswith(f"test_{number.group()}_")), None)
        lines = [line for line in part.splitlines() if line.startswith("|")][2:]
        assert lines, f"nothing is said of {part.splitlines()[0]}"
        found += [(own, line) for line in lines]
    return found


def named_by(own: Path | None, row: str) -> set[tuple[Path, str]]:
    tried = row.split("|")[2]
    return {(ROOT / path if path else own or FLOWS, name) for path, name in NAMED.findall(tried)}


def name_of(value: object) -> str:
    return value.split("|")[1].strip() if isinstance(value, str) else "flow"


@pytest.mark.parametrize(("own", "row"), rows(), ids=name_of)
def test_a_promise_names_a_test_that_there_is(own: Path | None, row: str) -> None:
    named = named_by(own, row)
    assert named, "no test is named"
    missing = [f"{path.name}::{name}" for path, name in named if not path.is_file() or name not in tried_in(path)]
    assert missing == []


def test_each_test_of_a_flow_tries_a_promise() -> None:
    named = {pair for own, row in rows() for pair in named_by(own, row)}
    assert {f"{path.name}::{name}" for path in FILES for name in tried_in(path) if (path, name) not in named} == set()
