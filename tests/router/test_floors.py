"""The router's rooms lie on floors: imports go down only, and what plans pulls in nothing that reaches outside."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[2] / "router" / "trevo"

FLOORS = (
    ("door", "plan", "observability", "stores"),
    ("errors", "rates", "serving", "sharing", "supergraph"),
    ("config",),
    ("auth", "clients", "operation", "persisted"),
    ("extensions",),
    ("execute", "graph"),
    ("planner", "projection"),
    ("program",),
    ("gateway", "explain"),
    ("server",),
    ("main",),
    ("workers",),
    ("__main__",),
)
"""From the ground up. A room may import from the floors below it, and from itself."""
HEIGHTS = {room: height for height, rooms in enumerate(FLOORS) for room in rooms}


def modules() -> dict[str, ast.Module]:
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = ast.parse(path.read_text(encoding="utf-8"))
    return found


def imports(tree: ast.Module, known: set[str]) -> Iterator[str]:
    """The modules of the package that *tree* imports; of a package and a module in it, the module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in known)
        elif isinstance(node, ast.ImportFrom) and node.module in known:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield inner if inner in known else node.module


def room_of(module: str) -> str:
    return module.split(".")[1]


def test_every_room_has_its_floor() -> None:
    assert {room_of(module) for module in modules() if module != "trevo"} == HEIGHTS.keys()


def test_imports_go_down() -> None:
    trees = modules()
    upward = [
        f"{module} imports {name}"
        for module, tree in trees.items()
        if module != "trevo"
        for name in imports(tree, set(trees))
        if name != "trevo" and room_of(name) != room_of(module) and HEIGHTS[room_of(name)] >= HEIGHTS[room_of(module)]
    ]
    assert upward == []


def test_the_executor_knows_the_protocol_of_clients_and_no_client() -> None:
    trees = modules()
    known = {
        name
        for module, tree in trees.items()
        if room_of(f"{module}.") == "execute"
        for name in imports(tree, set(trees))
        if room_of(f"{name}.") == "clients"
    }
    assert known == {"trevo.clients.subgraph_client"}


def test_the_package_itself_imports_nothing() -> None:
    """Who wants the door alone does not load the router."""
    assert [node for node in ast.walk(modules()["trevo"]) if isinstance(node, (ast.Import, ast.ImportFrom))] == []


def test_no_module_is_in_a_cycle() -> None:
    trees = modules()
    order = TopologicalSorter({module: set(imports(tree, set(trees))) - {module} for module, tree in trees.items()})
    try:
        order.prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


@pytest.mark.parametrize(
    "room", ["door", "supergraph", "operation", "graph", "plan", "planner", "projection", "explain"]
)
def test_what_decides_pulls_in_nothing_that_reaches_outside(room: str) -> None:
    outside = ("aiohttp", "httptools", "uvicorn", "starlette", "websockets", "redis", "prometheus_client", "structlog")
    program = f"import sys, trevo.{room}; print([name for name in {outside} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
