"""Composing small subgraphs with the real composer, and telling when what it wrote is stale."""

from dataclasses import replace
from pathlib import Path

import pytest
from graphql import EnumTypeDefinitionNode, parse

from builds.node import NodeFailed, find_node
from builds.supergraph import (
    CompositionFailed,
    SchemaUnreadable,
    Subgraph,
    export_subgraphs,
    find_stale_files,
    write_schema,
)

LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable"])\n'
ACCOUNTS = Subgraph(
    "accounts",
    "http://127.0.0.1:4001/graphql",
    LINK + 'type Query { me: User }\ntype User @key(fields: "id") { id: ID! name: String! }\n',
)
WALLET = Subgraph(
    "wallet",
    "http://127.0.0.1:4005/graphql",
    LINK + 'type User @key(fields: "id") { id: ID! balance: String! }\n',
)


@pytest.fixture(scope="module", autouse=True)
def _needs_node() -> None:
    try:
        find_node()
    except NodeFailed as failure:
        pytest.skip(f"COMPOSITION NOT TESTED: {failure}")


def test_a_supergraph_names_each_subgraph_and_its_url(tmp_path: Path) -> None:
    write_schema([ACCOUNTS, WALLET], tmp_path)
    document = parse((tmp_path / "supergraph.graphql").read_text())
    graphs = next(
        node
        for node in document.definitions
        if isinstance(node, EnumTypeDefinitionNode) and node.name.value == "join__Graph"
    )
    arguments = [
        {argument.name.value: argument.value.value for argument in value.directives[0].arguments}
        for value in graphs.values
    ]
    assert arguments == [{"name": each.name, "url": each.url} for each in (ACCOUNTS, WALLET)]
    assert (tmp_path / "subgraphs" / "accounts.graphql").read_text() == ACCOUNTS.sdl


def test_composing_twice_writes_the_same_bytes(tmp_path: Path) -> None:
    write_schema([ACCOUNTS, WALLET], tmp_path / "first")
    write_schema([ACCOUNTS, WALLET], tmp_path / "second")
    written = [(tmp_path / folder / "supergraph.graphql").read_bytes() for folder in ("first", "second")]
    assert written[0] == written[1]


def test_what_was_just_written_is_not_stale(tmp_path: Path) -> None:
    write_schema([ACCOUNTS, WALLET], tmp_path)
    assert find_stale_files([ACCOUNTS, WALLET], tmp_path) == []


def test_a_changed_subgraph_makes_its_file_and_the_supergraph_stale(tmp_path: Path) -> None:
    write_schema([ACCOUNTS, WALLET], tmp_path)
    changed = replace(WALLET, sdl=WALLET.sdl.replace("balance: String!", "balance: String"))
    assert find_stale_files([ACCOUNTS, changed], tmp_path) == [
        "subgraphs/wallet.graphql is not what the code of wallet says",
        "supergraph.graphql was composed from something else",
    ]


def test_a_changed_url_makes_the_supergraph_stale(tmp_path: Path) -> None:
    write_schema([ACCOUNTS, WALLET], tmp_path)
    moved = replace(WALLET, url="http://wallet:8000/graphql")
    assert find_stale_files([ACCOUNTS, moved], tmp_path) == ["supergraph.graphql was composed from something else"]


def test_a_supergraph_changed_by_hand_in_its_header_is_stale(tmp_path: Path) -> None:
    write_schema([ACCOUNTS], tmp_path)
    composed = tmp_path / "supergraph.graphql"
    composed.write_text(composed.read_text().replace("# inputs", "# nothing"))
    assert find_stale_files([ACCOUNTS], tmp_path) == ["supergraph.graphql was composed from something else"]


def test_the_file_of_a_subgraph_that_is_gone_is_removed(tmp_path: Path) -> None:
    write_schema([ACCOUNTS, WALLET], tmp_path)
    assert "subgraphs/wallet.graphql belongs to no subgraph" in find_stale_files([ACCOUNTS], tmp_path)
    write_schema([ACCOUNTS], tmp_path)
    assert [file.name for file in (tmp_path / "subgraphs").iterdir()] == ["accounts.graphql"]


def test_subgraphs_that_do_not_fit_are_refused_with_codes_and_the_old_files_stay(tmp_path: Path) -> None:
    write_schema([ACCOUNTS, WALLET], tmp_path)
    before = {file: file.read_bytes() for file in tmp_path.rglob("*.graphql")}
    clashing = replace(WALLET, sdl=LINK + 'type User @key(fields: "id") { id: ID! name: Int! }\n')
    with pytest.raises(CompositionFailed) as failure:
        write_schema([ACCOUNTS, clashing], tmp_path)
    assert {error.code for error in failure.value.errors} == {"FIELD_TYPE_MISMATCH", "INVALID_FIELD_SHARING"}
    assert str(failure.value).startswith('FIELD_TYPE_MISMATCH\n  - Type of field "User.name" is incompatible')
    assert {file: file.read_bytes() for file in tmp_path.rglob("*.graphql")} == before


def test_a_subgraph_that_does_not_parse_is_named_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(CompositionFailed) as failure:
        write_schema([ACCOUNTS, replace(WALLET, sdl="type User {\n  id: \n}\n")], tmp_path)
    assert str(failure.value) == 'INVALID_GRAPHQL\n  - [wallet] Syntax Error: Expected Name, found "}". (line 3)'


def test_a_subgraph_without_a_schema_is_refused_by_name(tmp_path: Path) -> None:
    configuration = tmp_path / "supergraph.yaml"
    configuration.write_text("subgraphs:\n  harvest:\n    routing_url: http://127.0.0.1:4999/graphql\n")
    with pytest.raises(SchemaUnreadable, match=r"^subgraphs\.harvest\.api\.schema gives no schema: ModuleNotFound"):
        export_subgraphs(configuration)
