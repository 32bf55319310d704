"""Every domain calls alike things alike."""

import ast
from importlib import import_module
from pathlib import Path

import pytest
from sqlalchemy import Date, Table

from subgraphs.shared.named import Named

ROOT = Path(__file__).resolve().parents[2]
SUBGRAPHS = ROOT / "subgraphs"
DOMAINS = sorted(path.parent.name for path in SUBGRAPHS.glob("*/api"))


def statements(path: Path) -> list[ast.stmt]:
    return ast.parse(path.read_text()).body


@pytest.mark.parametrize("domain", DOMAINS)
def test_loaders_say_what_they_load_by_which_key(domain: str) -> None:
    """`<things>_by_<key>`, unless there is no key: what is the same for a whole request."""
    path = SUBGRAPHS / domain / "api" / "loaders.py"
    otherwise = [
        node.name
        for node in statements(path)
        if isinstance(node, ast.AsyncFunctionDef)
        and not node.name.startswith("_")
        and "_by_" not in node.name
        and ast.unparse(node.args.args[1].annotation or node) != "list[None]"
    ]
    assert otherwise == []


@pytest.mark.parametrize("domain", DOMAINS)
def test_what_enumerations_are_called_in_the_graph_is_said_in_its_vocabulary(domain: str) -> None:
    """Those that the graph alone has stand where they are declared."""
    elsewhere = [
        f"{path.relative_to(ROOT)}: {ast.unparse(node.value.args[0])}"
        for path in sorted((SUBGRAPHS / domain / "api").rglob("*.py"))
        for node in statements(path)
        if path != SUBGRAPHS / domain / "api" / "types" / "vocabulary.py"
        and isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Call)
        and ast.unparse(node.value.func) == "strawberry.enum"
    ]
    assert elsewhere == []


@pytest.mark.parametrize("domain", DOMAINS)
def test_who_uses_the_domains_services_knows_their_type(domain: str) -> None:
    """By the `Context` and the `Info` of the domain's own `api/context.py`."""
    untyped = [
        str(path.relative_to(ROOT))
        for path in sorted((SUBGRAPHS / domain / "api").rglob("*.py"))
        if ("context.services" in path.read_text() or (SUBGRAPHS / domain / "api" / "context.py").exists())
        and any(
            isinstance(node, ast.ImportFrom)
            and node.module == "subgraphs.shared.graphql.context"
            and {alias.name for alias in node.names} & {"Context", "Info"}
            for node in statements(path)
        )
    ]
    assert untyped == []


@pytest.mark.parametrize("path", sorted(SUBGRAPHS.glob("*/core/services.py")), ids=lambda path: path.parts[-3])
def test_what_a_domain_works_with_are_its_services(path: Path) -> None:
    declared = [node.name for node in statements(path) if isinstance(node, ast.ClassDef)]
    assert [name for name in declared if name.endswith("Services")] == ["Services"]


SANDBOXES = "sandbox_"
"""Their tables keep what other companies say, in their words."""


@pytest.mark.parametrize("domain", DOMAINS)
def test_a_status_is_one_of_its_enumeration(domain: str) -> None:
    tables = import_module(f"subgraphs.{domain}.models").Base.metadata.tables.values()
    untyped = [
        f"{table.name}.{column.name}"
        for table in tables
        if not table.name.startswith(SANDBOXES)
        for column in table.columns
        if column.name.endswith("status") and not isinstance(column.type, Named)
    ]
    assert untyped == []


DATED_BY = ("valid_from", "effective_from")
"""The day, in Brasília, from which a row holds."""

NO_RULES_OF_THE_DOMAIN = {
    "representations": "somebody's powers, which those whom they bind give and end",
    "deductions": "distribution's rules, as the marketplace heard of them",
    "told_consent_texts": "accounts' texts, as those who ask for consents heard of them",
}


def is_dated(table: Table) -> bool:
    return any(isinstance(column.type, Date) for column in table.columns if column.name in DATED_BY)


@pytest.mark.parametrize("domain", DOMAINS)
def test_a_rule_with_a_day_is_a_parameter(domain: str) -> None:
    """It is shown, proposed and approved through the graph, and recorded: decision 55."""
    tables = import_module(f"subgraphs.{domain}.models").Base.metadata.tables.values()
    has_parameters = (SUBGRAPHS / domain / "domain" / "parameters.py").exists()
    rules = import_module(f"subgraphs.{domain}.domain.parameters").PARAMETERS.rules if has_parameters else ()
    named = {table.name for rule in rules for table in rule.tables}
    assert {table.name for table in tables if is_dated(table)} - NO_RULES_OF_THE_DOMAIN.keys() == named
