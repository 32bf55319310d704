"""Every setting is read, and every function is called, somewhere in the product: what nobody reads changes nothing."""

import ast
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = ("subgraphs", "router", "bench", "builds", "deploy", "launch", "seeding", "story", "upkeep")
MIGRATIONS = "alembic"
SETTINGS = (
    *sorted((ROOT / "subgraphs").glob("*/core/settings.py")),
    ROOT / "subgraphs" / "shared" / "settings.py",
    *(
        ROOT / "router" / "trevo" / name
        for name in (
            "config/settings.py",
            "config/limits.py",
            "config/issuers.py",
            "config/authorization_settings.py",
            "config/batching.py",
            "config/carriers.py",
            "config/compression.py",
            "config/csrf.py",
            "config/header_rules.py",
            "config/rates.py",
            "config/persisted_documents.py",
            "config/retries.py",
            "config/sharing.py",
            "config/shown_plans.py",
            "config/subgraph_tls.py",
            "config/extension_settings.py",
            "config/graphiql_settings.py",
            "door/connections.py",
            "door/cross_origin.py",
        )
    ),
)

CALLED_BY_LIBRARIES = {
    "capture_signals": "uvicorn's server",
    "BoundedWebSocket": "uvicorn, which looks it up by name",
    "send_400_response": "uvicorn's protocol",
    "settings_customise_sources": "pydantic's settings",
    "eof_received": "asyncio's transports",
    "on_url": "httptools' parser",
    "on_header": "httptools' parser",
    "on_headers_complete": "httptools' parser",
    "on_parse": "Strawberry's extensions",
    "process_errors": "Strawberry's schema",
    "entities_resolver": "Strawberry's federation",
    "AuditTrail": "the router that the example is installed beside",
    "remove_header": "extensions that others write",
    "field_nodes": "Strawberry's `info`",
    "raw_arguments": "code written for documents",
    "get_reset_query": "asyncpg's pool",
    "process_bind_param": "SQLAlchemy's column types",
    "process_result_value": "SQLAlchemy's column types",
}
FOR_TESTS = {
    "FixedClock": "time that a test moves",
    "advance": "moves it",
    "idle": "waits until the sandbox providers have delivered",
    "fail_next": "makes the sandbox carrier fail",
    "is_leaf": "how tests of the planner read a tree",
    "of_line": "reads back the line of a boleto",
    "quiesced": "waits until every event has been delivered",
    "all_queues": "what a test's broker is cleared of",
    "estimate_by_field": "explains a price field by field",
    "LEFT_OUT": "why a table that names people is not in their file",
    "TXID": "the form that a gateway's ids have",
}


@cache
def trees() -> dict[Path, ast.Module]:
    paths = [path for top in (*PRODUCT, MIGRATIONS) for path in sorted((ROOT / top).rglob("*.py"))]
    return {path: ast.parse(path.read_text(encoding="utf-8")) for path in paths}


@cache
def mentions() -> Counter[str]:
    """How often each name is read: as a variable, an attribute, or a text that is a name (`getattr`, mappings)."""
    found: Counter[str] = Counter()
    for node in (node for tree in trees().values() for node in ast.walk(tree)):
        match node:
            case ast.Name(id=name, ctx=ast.Load()) | ast.Attribute(attr=name, ctx=ast.Load()):
                found[name] += 1
            case ast.Constant(value=str(name)) if name.isidentifier():
                found[name] += 1
    return found


def settings_fields(path: Path) -> Iterator[str]:
    for statement in (child for node in trees()[path].body if isinstance(node, ast.ClassDef) for child in node.body):
        match statement:
            case ast.AnnAssign(target=ast.Name(id=name)):
                yield name


def attributes_read() -> set[str]:
    return {
        node.attr
        for tree in trees().values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load)
    }


def test_every_setting_is_read() -> None:
    read = attributes_read() | {"sandboxes"}
    ports = {node.args[1].value for node in port_loads()}
    unread = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in SETTINGS
        for name in settings_fields(path)
        if name not in read and name not in ports
    ]
    assert unread == [], "wire these settings, or remove them"


def port_loads() -> Iterator[ast.Call]:
    """`load_port(settings, "messenger", …)`: the setting is named by a text."""
    for node in (node for tree in trees().values() for node in ast.walk(tree)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "load_port":
            yield node


def definitions(path: Path) -> Iterator[tuple[int, str]]:
    """Functions, classes and constants that nothing registers by a decorator."""
    for node in ast.walk(trees()[path]):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef() if not registered(node):
                yield node.lineno, node.name
    for node in trees()[path].body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)) if name.isupper():
                yield node.lineno, name


QUIET = ("property", "classmethod", "staticmethod", "dataclass", "contextmanager", "cache")


def registered(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> bool:
    """Whether a decorator hands it to somebody who calls it (a route, a mutation, a reaction)."""
    return any(not any(quiet in ast.unparse(one) for quiet in QUIET) for one in node.decorator_list)


def test_everything_that_is_defined_is_used() -> None:
    known = CALLED_BY_LIBRARIES.keys() | FOR_TESTS.keys()
    unused = [
        f"{path.relative_to(ROOT)}:{line} {name}"
        for path in trees()
        if path.relative_to(ROOT).parts[0] in PRODUCT
        for line, name in definitions(path)
        if not mentions()[name] and name not in known and not name.startswith(("__", "visit_", "enter_", "leave_"))
    ]
    assert unused == [], "call these, or remove them"
