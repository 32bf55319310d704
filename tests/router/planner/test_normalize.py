"""What becomes of an operation's selections before planning."""

import pytest

from tests.router.operation_tree import tree_of
from trevo.operation.normalize import AliasError, normalize_field_set, normalize_operation
from trevo.operation.selection import FieldSelection, FragmentSelection, print_selections
from trevo.supergraph import load_supergraph

SUPERGRAPH = load_supergraph("""
schema
  @link(url: "https://specs.apollo.dev/link/v1.0")
  @link(url: "https://specs.apollo.dev/join/v0.4", for: EXECUTION)
  @link(url: "https://specs.apollo.dev/inaccessible/v0.2", for: SECURITY)
{ query: Query }
enum join__Graph { A @join__graph(name: "a", url: "") B @join__graph(name: "b", url: "") }
type Query @join__type(graph: A) { node(id: ID, first: Int, in: [Int], by: By): Node book: Book pet: Pet }
input By { name: String }
interface Node @join__type(graph: A) @join__type(graph: B) { id: ID! name: String }
interface Named @join__type(graph: A) { name: String }
type Book implements Node & Named
  @join__implements(graph: A, interface: "Node") @join__implements(graph: A, interface: "Named")
  @join__type(graph: A) @join__type(graph: B)
{ id: ID! name: String pages: Int twin: Book }
type Film implements Node & Named
  @join__implements(graph: A, interface: "Node") @join__implements(graph: A, interface: "Named")
  @join__type(graph: A) @join__type(graph: B)
{ id: ID! name: String @join__field(graph: A) @join__field(graph: B, external: true) }
type Ghost implements Node @inaccessible @join__implements(graph: A, interface: "Node") @join__type(graph: A)
{ id: ID! name: String }
union Pet @join__type(graph: A) @join__unionMember(graph: A, member: "Book") = Book
""")


def normalized(text: str) -> str:
    return print_selections(normalize_operation(SUPERGRAPH, tree_of(text)))


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        ("{ book { ...F } } fragment F on Book { id ... { name } }", "{ book { id name } }"),
        ("{ book { twin { id } twin { name } } }", "{ book { twin { id name } } }"),
        ("{ book { a: id id id } }", "{ book { a: id id } }"),
        ("{ node { id ... on Book { id pages } } }", "{ node { id ... on Book { pages } } }"),
        ("{ book { ... on Node { id } ... on Film { name } } }", "{ book { id } }"),
        ("{ pet { ... on Film { name } } }", "{ pet { __typename } }"),
        ("{ book { t: __typename __typename } x: __typename }", "{ book { __typename } }"),
        ("{ __schema { types { name } } book { id } }", "{ book { id } }"),
        ("{ book { id @skip(if: true) name @include(if: true) } }", "{ book { name } }"),
        ("{ book { twin @include(if: false) { id } } }", "{ book { __typename } }"),
        (
            "query ($a: Boolean!) { book @include(if: $a) { id ... @skip(if: $a) { name } } }",
            "{ book @include(if: $a) { id @include(if: $a) } }",
        ),
        (
            "query ($a: Boolean!) { book { ... @include(if: $a) { id pages } id } }",
            "{ book { pages @include(if: $a) id } }",
        ),
        (
            'query ($n: Int) { node(in: [1, $n], by: {name: "x"}, id: "1") { id } }',
            '{ node(by: { name: "x" }, id: "1", in: [1, $n]) { id } }',
        ),
    ],
)
def test_an_operation_is_brought_into_one_form(operation: str, expected: str) -> None:
    assert normalized(operation) == expected


def test_a_field_that_a_type_does_not_own_everywhere_carries_an_expansion_over_visible_types() -> None:
    (node,) = normalize_operation(SUPERGRAPH, tree_of("{ node { name id } }"))
    assert isinstance(node, FieldSelection)
    name, id_ = node.selections
    assert isinstance(name, FieldSelection)
    assert print_selections(name.expansion) == "{ ... on Book { name } ... on Film { name } }"
    assert isinstance(id_, FieldSelection)
    assert id_.expansion == ()


def test_a_fragment_on_another_interface_carries_its_object_types() -> None:
    (node,) = normalize_operation(SUPERGRAPH, tree_of("{ node { ... on Named { name } } }"))
    assert isinstance(node, FieldSelection)
    (fragment,) = node.selections
    assert isinstance(fragment, FragmentSelection)
    assert fragment.type_name == "Named"
    assert [each.type_name for each in fragment.expansion] == ["Book", "Film"]


def test_a_field_set_sees_what_is_hidden() -> None:
    selections = normalize_field_set(SUPERGRAPH, "Node", "id ... on Ghost { name }", expand=False)
    assert print_selections(selections) == "{ id ... on Ghost { name } }"


def test_an_alias_that_would_lie_about_the_type_is_refused() -> None:
    with pytest.raises(AliasError) as refusal:
        normalized("{ book { __typename: name } }")
    assert str(refusal.value) == "The alias __typename for name would hide what the object is. Choose another name."


def test_other_aliases_may_start_with_two_underscores() -> None:
    assert normalized("{ __schema: book { __type: name } }") == "{ __schema: book { __type: name } }"
