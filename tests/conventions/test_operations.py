"""What clients are given to send: documents that select ids, one for each mutation, and the manifests of all."""

import json
from pathlib import Path

import pytest
from graphql import (
    DocumentNode,
    FieldNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    SelectionNode,
    SelectionSetNode,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    is_input_type,
    parse,
    print_ast,
    type_from_ast,
    validate,
    visit,
)
from graphql.utilities import coerce_input_value

from builds.operations import SCHEMA, AddTypenames, find_stale_files, load, write_files
from tests.fixtures.screens import definition_of
from tests.router.operation_tree import tree_of
from trevo.door.documents import fragments_by_name
from trevo.persisted.manifest import hash_of, read_manifests
from trevo.plan.text import print_plan
from trevo.planner import Planner
from trevo.supergraph import Supergraph

DOCUMENTS = sorted((SCHEMA / "operations").rglob("*.graphql"))
MUTATIONS = [path for path in DOCUMENTS if path.parent.name == "mutations"]


@pytest.fixture(scope="module")
def supergraph() -> Supergraph:
    return load()


def test_what_is_written_from_the_graph_and_the_operations_is_current(supergraph: Supergraph) -> None:
    assert find_stale_files(supergraph) == [], "`make operations` writes them anew"


def test_what_is_stale_is_named_and_written_anew(supergraph: Supergraph, tmp_path: Path) -> None:
    (tmp_path / "operations").mkdir()
    (tmp_path / "operations" / "Mine.graphql").write_text("query Mine { me { id } }")
    write_files(supergraph, tmp_path)
    assert find_stale_files(supergraph, tmp_path) == []
    (tmp_path / "operations" / "Mine.graphql").write_text("query Mine { me { id displayName } }")
    (tmp_path / "operations" / "mutations" / "Invest.graphql").unlink()
    (tmp_path / "operations" / "mutations" / "Gone.json").write_text("{}")
    assert sorted(find_stale_files(supergraph, tmp_path)) == [
        "operations/mutations/Gone.json follows from nothing",
        "operations/mutations/Invest.graphql is missing",
        "persisted/apollo.json is not what follows from the graph and the operations",
        "persisted/relay.json is not what follows from the graph and the operations",
    ]
    write_files(supergraph, tmp_path)
    assert find_stale_files(supergraph, tmp_path) == []


def test_each_mutation_has_a_ready_document(supergraph: Supergraph) -> None:
    mutations = supergraph.public_schema.mutation_type
    assert mutations is not None
    ready = {field.name.value for path in MUTATIONS for field in fields_of(definition_of(path).selection_set)}
    assert set(mutations.fields) - ready == set(), "`make operations` writes one for each of these"
    assert ready - set(mutations.fields) == set()


def fields_of(selections: SelectionSetNode) -> list[FieldNode]:
    return [node for node in selections.selections if isinstance(node, FieldNode)]


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_a_document_is_valid_and_named_as_its_file(path: Path, supergraph: Supergraph) -> None:
    assert validate(supergraph.public_schema, parse(path.read_text())) == []
    name = definition_of(path).name
    assert name is not None
    assert name.value == path.stem


class WithoutId(Visitor):
    """The selections that leave out the id of what they select from."""

    def __init__(self, types: TypeInfo, document: DocumentNode) -> None:
        super().__init__()
        self._types = types
        self._fragments = fragments_by_name(document)
        self.found: list[str] = []

    def enter_selection_set(self, node: SelectionSetNode, *_args: object) -> None:
        type_ = self._types.get_parent_type()
        if "id" in getattr(type_, "fields", {}) and not self._selects_id(node):
            self.found.append(f"{type_} {print_ast(node)}")

    def _selects_id(self, selections: SelectionSetNode) -> bool:
        return any(map(self._is_id, selections.selections))

    def _is_id(self, node: SelectionNode) -> bool:
        if isinstance(node, FieldNode):
            return node.name.value == "id" and node.alias is None
        if isinstance(node, FragmentSpreadNode):
            return self._selects_id(self._fragments[node.name.value].selection_set)
        assert isinstance(node, InlineFragmentNode)
        return self._selects_id(node.selection_set)


def without_id(document: DocumentNode, supergraph: Supergraph) -> list[str]:
    types = TypeInfo(supergraph.public_schema)
    looking = WithoutId(types, document)
    visit(document, TypeInfoVisitor(types, looking))
    return looking.found


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_a_document_selects_the_id_wherever_there_is_one(path: Path, supergraph: Supergraph) -> None:
    """A cache that keeps things by their ids would else keep one thing twice, and ask for it again."""
    assert without_id(parse(path.read_text()), supergraph) == []


@pytest.mark.parametrize(
    ("text", "left_out"),
    [
        ("{ me { id wallet { available { amount } } } }", ["Wallet {\n  available {\n    amount\n  }\n}"]),
        ("{ me { key: id } }", ["User {\n  key: id\n}"]),
        ("{ me { ...F } } fragment F on User { displayName }", ["User {\n  ...F\n}", "User {\n  displayName\n}"]),
        ("{ me { ...F } } fragment F on User { id displayName }", []),
        ("{ me { displayName ... { id } } }", []),
    ],
)
def test_an_id_that_is_left_out_is_found(text: str, left_out: list[str], supergraph: Supergraph) -> None:
    assert without_id(parse(text), supergraph) == left_out


WITH_VARIABLES = [path for path in MUTATIONS if definition_of(path).variable_definitions]


@pytest.mark.parametrize("path", WITH_VARIABLES, ids=lambda path: path.stem)
def test_example_variables_are_what_the_document_takes(path: Path, supergraph: Supergraph) -> None:
    given = json.loads(path.with_suffix(".json").read_text())
    declared = {node.variable.name.value: node.type for node in definition_of(path).variable_definitions or ()}
    assert given.keys() == declared.keys()
    for name, value in given.items():
        type_ = type_from_ast(supergraph.public_schema, declared[name])
        assert is_input_type(type_)
        coerce_input_value(value, type_)  # raises where it does not fit


@pytest.mark.parametrize("path", MUTATIONS, ids=lambda path: path.stem)
def test_a_ready_mutation_asks_nobody_but_who_does_it(path: Path, supergraph: Supergraph) -> None:
    plan = Planner(supergraph).plan(tree_of(path.read_text(), supergraph.public_schema))
    assert print_plan(plan).count("Fetch(") == 1


def test_both_manifests_have_all_documents_by_their_hashes() -> None:
    bounds = {"bytes_max": 10_000_000, "documents_max": 1_000, "characters_max": 100_000}
    apollo, relay = [read_manifests([SCHEMA / "persisted" / f"{form}.json"], **bounds) for form in ("apollo", "relay")]
    documents = [parse(path.read_text()) for path in DOCUMENTS]
    for manifest, added in ((apollo, AddTypenames()), (relay, Visitor())):
        texts = [print_ast(visit(document, added)) for document in documents]
        assert dict(manifest.texts) == {hash_of(text): text for text in texts}


def test_apollos_documents_ask_what_everything_is_as_its_client_does() -> None:
    asked = "{ __typename me { id ...F } } fragment F on User { wallet { kind: __typename id } payouts { id } }"
    done = print_ast(visit(parse(asked), AddTypenames()))
    assert " ".join(done.split()) == (
        "{ __typename me { id ...F __typename } } "
        "fragment F on User { wallet { kind: __typename id } payouts { id __typename } __typename }"
    )
