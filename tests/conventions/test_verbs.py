"""A domain verb is `verb(session, command, *, actor, now)`, in every domain."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SUBGRAPHS = ROOT / "subgraphs"
DOMAINS = sorted(path.parent.name for path in SUBGRAPHS.glob("*/domain"))

Function = ast.FunctionDef | ast.AsyncFunctionDef

WORKS_ON = {"session", "services", "database", "letters"}
"""What a verb works on comes first. Those that open their own transactions, between which passwords are hashed or
others are asked, get the services."""

OF_TOKENS = {"is_in_good_standing"}
"""Where a token is looked at, and nobody acts."""


def functions_of(domain: str) -> Iterator[tuple[str, Function]]:
    for path in sorted((SUBGRAPHS / domain / "domain").glob("*.py")):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, Function):
                yield f"{path.stem}.{node.name}", node


def said_to(function: Function) -> list[ast.arg]:
    """What is given by its place."""
    return [*function.args.posonlyargs, *function.args.args]


def type_of(argument: ast.arg) -> str:
    return ast.unparse(argument.annotation) if argument.annotation else ""


def called_by_mutations(domain: str) -> set[str]:
    """The domain's functions, as `module.function`, that a mutation calls."""
    called = set()
    for path in sorted((SUBGRAPHS / domain / "api" / "mutations").glob("*.py")):
        tree = ast.parse(path.read_text())
        modules = {
            alias.asname or alias.name: alias.name
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and node.module == f"subgraphs.{domain}.domain"
            for alias in node.names
        }
        called |= {
            f"{modules[node.func.value.id]}.{node.func.attr}"
            for node in ast.walk(tree)
            if isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Name)
            and node.func.value.id in modules
        }
    return called


@pytest.mark.parametrize("domain", DOMAINS)
def test_instants_are_given_by_name(domain: str) -> None:
    """`now` is what the clock says; another instant has another name, and cannot be taken for it."""
    by_place = [
        name
        for name, function in functions_of(domain)
        if len(said_to(function)) > 1
        for argument in said_to(function)
        if argument.arg in ("now", "at") or (argument.arg.endswith("_at") and type_of(argument) == "datetime")
    ]
    assert by_place == []


@pytest.mark.parametrize("domain", DOMAINS)
def test_who_acts_is_the_actor(domain: str) -> None:
    otherwise = [
        name
        for name, function in functions_of(domain)
        for argument in (*said_to(function), *function.args.kwonlyargs)
        if type_of(argument) == "Identity"
        and (argument.arg != "actor" or argument in said_to(function))
        and function.name not in OF_TOKENS
    ]
    assert otherwise == []


@pytest.mark.parametrize("domain", DOMAINS)
def test_a_mutations_verb_takes_what_it_works_on_and_a_command(domain: str) -> None:
    """A command, or the id of what it is about where no more is to be said; the rest is given by name."""
    called = called_by_mutations(domain)
    otherwise = [
        f"{name}({', '.join(argument.arg for argument in said_to(function))})"
        for name, function in functions_of(domain)
        if isinstance(function, ast.AsyncFunctionDef) and name in called
        if not (said_to(function)[0].arg in WORKS_ON and len(said_to(function)) <= 2)
    ]
    assert otherwise == []
