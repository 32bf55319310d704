"""Imports go one way; what each part may know is what the folders say."""

import ast
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOMAINS = sorted(
    folder.name
    for folder in (ROOT / "subgraphs").iterdir()
    if (folder / "__init__.py").exists() and folder.name != "shared"
)

ABOVE = ("bench", "builds", "deploy", "launch", "seeding", "story", "upkeep")
"""What knows both the router and the subgraphs, or runs what does."""
PRODUCT = ("subgraphs", *ABOVE)

LAYERS = {"api": 4, "domain": 3, "crud": 2, "models": 1}
"""A layer may import those below it (and its own)."""


def python_files(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


def imported(path: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.lineno, node.module
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def offences(folder: str, forbidden: tuple[str, ...]) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for path in python_files(folder)
        for line, name in imported(path)
        if any(name == prefix or name.startswith(f"{prefix}.") for prefix in forbidden)
    ]


def rooms_but(*known: str) -> tuple[str, ...]:
    """The router's rooms, except those that may be *known*."""
    rooms = {path.stem for path in (ROOT / "router" / "trevo").iterdir() if path.suffix in ("", ".py")} - {
        "__pycache__"
    }
    assert set(known) <= rooms
    return tuple(sorted(f"trevo.{room}" for room in rooms - set(known)))


def test_the_router_knows_nothing_of_the_product() -> None:
    assert offences("router", PRODUCT) == []


def test_subgraphs_know_the_routers_door_and_server_only() -> None:
    """A subgraph measures and serves by the same code as the router, and trusts and knows no router."""
    assert offences("subgraphs", (*rooms_but("door", "serving"), *ABOVE)) == []


def test_the_door_does_no_io() -> None:
    """What router and subgraphs both measure by is pure."""
    io = (
        "asyncio",
        "socket",
        "http",
        "aiohttp",
        "httptools",
        "fastapi",
        "sqlalchemy",
        "asyncpg",
        "logging",
        "structlog",
    )
    assert offences("router/trevo/door", (*rooms_but("door"), "prometheus_client", *io)) == []


def test_the_server_knows_not_what_it_serves() -> None:
    assert offences("router/trevo/serving", (*rooms_but("door", "serving"), "fastapi", "starlette")) == []


@pytest.mark.parametrize("domain", [*DOMAINS, "shared"])
def test_no_domain_imports_another(domain: str) -> None:
    others = tuple(f"subgraphs.{other}" for other in DOMAINS if other != domain)
    assert offences(f"subgraphs/{domain}", others) == []


@pytest.mark.parametrize("domain", DOMAINS)
def test_layers_import_downwards(domain: str) -> None:
    upward = [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for layer, height in LAYERS.items()
        for path in python_files(f"subgraphs/{domain}/{layer}")
        for line, name in imported(path)
        for higher, other_height in LAYERS.items()
        if other_height > height and name.startswith(f"subgraphs.{domain}.{higher}")
    ]
    assert upward == []


def test_only_the_kernel_commits() -> None:
    allowed = {"subgraphs/shared/database.py"}
    committing = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in python_files("subgraphs")
        if str(path.relative_to(ROOT)) not in allowed
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "commit"
    ]
    assert committing == []


def test_no_float_in_the_subgraphs() -> None:
    """Durations and settings may be floats; amounts and rates may not, so `float(` is never called on the way."""
    calls = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in python_files("subgraphs")
        if "/domain/" in str(path) or "/models/" in str(path) or "/crud/" in str(path)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Name) and node.id == "float"
    ]
    assert calls == []


def test_folders_say_what_they_hold() -> None:
    vague = {"utils", "helpers", "common", "base", "misc"}
    found = []
    for top in ("router", "subgraphs", *ABOVE, "tests"):
        for folder, folders, files in os.walk(ROOT / top):
            folders[:] = [name for name in folders if name != "node_modules"]
            found += [f"{folder}/{name}" for name in (*folders, *files) if Path(name).stem in vague]
    assert found == []
