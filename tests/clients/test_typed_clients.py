"""What `make clients` makes, judged by the tools that web developers have."""

import json
import re
from pathlib import Path

import pytest
from graphql import GraphQLScalarType, build_schema, is_specified_scalar_type, parse, validate

from builds import clients
from builds.node import Finished, Node
from builds.operations import SCHEMA, load
from trevo.supergraph import Supergraph

pytestmark = pytest.mark.timeout(300)  # of which one installs the tools

IDS = {
    each["name"]: each["id"] for each in json.loads((SCHEMA / "persisted" / "apollo.json").read_text())["operations"]
}
INSPECTOR = "node_modules/@graphql-inspector/cli/cjs/index.js"
ESLINT = "clients/web/node_modules/eslint/bin/eslint.js"


@pytest.fixture(scope="module")
def supergraph() -> Supergraph:
    return load()


def test_each_operation_is_a_typed_document_under_its_id(web_client: Node) -> None:
    script = """
        import * as made from './dist/graphql/graphql.js'
        const documents = Object.entries(made).filter(([, { definitions }]) => definitions?.[0].kind.startsWith('Op'))
        console.log(JSON.stringify(Object.fromEntries(documents.map(([name, { __meta__ }]) => [name, __meta__.id]))))
    """
    done = web_client.run("--input-type=module", "--eval", script, folder=clients.WEB)
    assert done.complained == ""
    assert json.loads(done.printed) == {f"{name}Document": id_ for name, id_ in IDS.items()}


def test_no_second_manifest_has_our_ids_with_other_texts(web_client: Node) -> None:
    assert [path.name for path in sorted(clients.TYPED.iterdir())] == [
        "gql.ts",
        "graphql.ts",
        "index.ts",
        "possible-types.ts",
    ]


def test_it_is_made_again_only_when_something_has_changed(web_client: Node, supergraph: Supergraph) -> None:
    before = clients.STAMP.stat().st_mtime_ns
    clients.build_web(web_client, supergraph)
    assert clients.STAMP.stat().st_mtime_ns == before


STATEMENTS = {
    "await ask(graph, InvestDocument, { input: { offeringId: 'o', quotaCount: 1, idempotencyKey: 'k' } })": [],
    "await ask(graph, InvestDocument, { input: { offeringId: 'o', quotaCount: 1 } })": ["TS2741"],  # a key is missing
    "await ask(graph, InvestDocument, { input: { ...order, quotaCount: '1' } })": ["TS2322"],  # is no number
    "(await openOfferings(graph))[0]!.quotaPrice.amount.toUpperCase()": [],
    "(await openOfferings(graph))[0]!.quotaPrice.amount * 2": ["TS2362"],  # money is no number
    "(await openOfferings(graph))[0].id": ["TS2532"],  # there may be none
    "(await invest(graph, order))!.quotaCount": ["TS2339"],  # a refusal has none
}
"""By what somebody writes: what the compiler complains of."""


def test_what_is_asked_and_answered_is_typed(web_client: Node, tmp_path: Path) -> None:
    dist = clients.COMPILED.as_posix()
    for number, statement in enumerate(STATEMENTS):
        (tmp_path / f"page{number}.mts").write_text(
            f"import {{ ask, type Graph }} from '{dist}/ask.js'\n"
            f"import {{ invest, openOfferings }} from '{dist}/investor.js'\n"
            f"import {{ InvestDocument, type InvestInput }} from '{dist}/graphql/graphql.js'\n"
            "declare const graph: Graph, order: InvestInput\n"
            f"export const used = [ask, invest, openOfferings, InvestDocument];\n{statement}\n"
        )
    options = {"extends": str(clients.WEB / "tsconfig.json"), "include": ["*.mts"]}
    (tmp_path / "tsconfig.json").write_text(
        json.dumps({**options, "compilerOptions": {"rootDir": "/", "noEmit": True, "declaration": False}})
    )
    done = web_client.run(clients.COMPILER, "--project", str(tmp_path), folder=clients.WEB)
    complaints = re.findall(r"page(\d)\.mts\(.*?\): error (TS\d+)", done.everything)
    assert {
        statement: [code for page, code in complaints if page == str(number)]
        for number, statement in enumerate(STATEMENTS)
    } == STATEMENTS


def test_the_codes_that_the_example_knows_are_the_routers() -> None:
    known = {
        code
        for name in ("ask", "listen")
        for code in re.findall(r"^  '([A-Z_]+)',$", (clients.WEB / "src" / f"{name}.ts").read_text(), re.MULTILINE)
    }
    router = "".join(path.read_text() for path in (clients.ROOT / "router" / "trevo").rglob("*.py"))
    assert len(known) == 11
    assert {code for code in known if f'"{code}"' in router} == known


def lint(node: Node, *what: str, stdin: str = "") -> Finished:
    return node.run(ESLINT, "--config", "clients/web/eslint.config.js", *what, folder=clients.ROOT, stdin=stdin)


def test_eslint_has_nothing_to_say_of_the_operations(web_client: Node) -> None:
    done = lint(web_client, "--max-warnings", "0", "schema/operations")
    assert (done.exit_code, done.everything) == (0, "")


def test_eslint_has_something_to_say_of_others(web_client: Node) -> None:
    done = lint(
        web_client, "--stdin", "--stdin-filename", "schema/operations/A.graphql", stdin="{ me { displayName } }"
    )
    assert done.exit_code == 1
    assert sorted(re.findall(r"@graphql-eslint/\S+", done.printed)) == [
        "@graphql-eslint/no-anonymous-operations",
        "@graphql-eslint/require-selections",
    ]


def inspect(node: Node, documents: str) -> Finished:
    return node.run(INSPECTOR, "validate", documents, clients.GRAPH, "--deprecated", folder=clients.WEB)


def test_inspector_finds_the_operations_valid(web_client: Node) -> None:
    done = inspect(web_client, "../../schema/operations/**/*.graphql")
    assert (done.exit_code, done.printed.strip()) == (0, "[success] All documents are valid")


def test_inspector_finds_others_invalid(web_client: Node, tmp_path: Path) -> None:
    (tmp_path / "A.graphql").write_text("query A { me { displayNames } }")
    done = inspect(web_client, str(tmp_path / "*.graphql"))
    assert done.exit_code == 1
    assert "Cannot query field displayNames on type User" in done.everything


def test_phones_are_given_the_graph_its_operations_and_their_manifest(supergraph: Supergraph, tmp_path: Path) -> None:
    clients.write_mobile(supergraph, tmp_path)
    (tmp_path / "operations" / "Gone.graphql").write_text("query Gone { gone }")
    clients.write_mobile(supergraph, tmp_path)
    graph = build_schema((tmp_path / clients.GRAPH).read_text())
    documents = {path.name: path.read_text() for path in (tmp_path / "operations").iterdir()}
    assert documents == {path.name: path.read_text() for path in (SCHEMA / "operations").rglob("*.graphql")}
    assert [error for text in documents.values() for error in validate(graph, parse(text))] == []
    manifest = json.loads((tmp_path / "persisted-documents.json").read_text())
    assert {each["name"]: each["id"] for each in manifest["operations"]} == IDS


@pytest.fixture(scope="module")
def scalars(supergraph: Supergraph) -> set[str]:
    types = supergraph.public_schema.type_map.items()
    return {name for name, kind in types if isinstance(kind, GraphQLScalarType) and not is_specified_scalar_type(kind)}


def test_android_maps_every_scalar_to_an_adapter_of_ours(scalars: set[str]) -> None:
    build = (clients.MOBILE / "android" / "build.gradle.kts").read_text()
    mapped = re.findall(r'mapScalar\("(.+)", "(.+)", "(.+)"\)', build)
    assert {scalar for scalar, _, _ in mapped} == scalars
    code = (clients.MOBILE / "android" / "Scalars.kt").read_text()
    for _, kind, adapter in mapped:
        package, _, name = adapter.rpartition(".")
        assert f"package {package}\n" in code
        assert f"object {name} : Adapter<{kind.rpartition('.')[2]}>" in code
        assert f"import {kind}\n" in code


def test_the_settings_of_phones_name_what_is_made(supergraph: Supergraph, tmp_path: Path) -> None:
    clients.write_mobile(supergraph, tmp_path)
    settings = json.loads((clients.MOBILE / "apollo-codegen-config.json").read_text())
    found = {path for each in settings["input"].values() for pattern in each for path in tmp_path.glob(pattern)}
    assert found == {tmp_path / clients.GRAPH, *(tmp_path / "operations").iterdir()}
    build = (clients.MOBILE / "android" / "build.gradle.kts").read_text()
    assert re.findall(r'"mobile/(\S+)"', build) == [clients.GRAPH, "operations", "android"]


def test_newcomers_are_told_of_every_scalar(scalars: set[str]) -> None:
    table = (clients.ROOT / "clients" / "README.md").read_text()
    assert {name for name in scalars if f"| `{name}` |" in table} == scalars
