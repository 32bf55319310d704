"""What the tree of an operation says of it."""

import gc
import weakref
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from graphql import DocumentNode, OperationDefinitionNode, build_schema, parse

from tests.count_calls import calls_of
from tests.router.operation_tree import print_tree, tree_of
from trevo.door.cost import CostRules, ListSize, price_operation
from trevo.door.documents import fragments_by_name
from trevo.operation.leave_out import leave_out, rule_of_operation
from trevo.operation.tree import OperationField, OperationFragment, both, build_tree
from trevo.projection.build import ResponseTypes, Selection, build_projection
from trevo.supergraph.authorization import AuthorizationRules, Clause


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("{ a b: c { d } }", "a b: c { d }"),
        ("{ a ...F } fragment F on T { b ... { c } }", "a ... on T { b ... { c } }"),
        ('{ a(z: [$n, 1], b: {c: "x"}) @loud(by: $m) }', 'a(b: { c: "x" }, z: [$n, 1]) @loud(by: $m)'),
        ("{ a @include(if: $x) @skip(if: $y) ...F @skip(if: $z) } fragment F on T { b }",
         "a @include(if: $x) @skip(if: $y) ... on T @skip(if: $z) { b }"),
        # What can never hold is not there; what always does stands without a condition.
        ("{ a @include(if: false) b @skip(if: true) c @include(if: true) ... @skip(if: false) { d } }", "c ... { d }"),
        ("{ a @include(if: $x) @skip(if: $x) b { c @include(if: false) } }", "b {}"),
        # Directives of a fragment's definition count where it is spread.
        ("{ ...F @loud } fragment F on T @often { a }", "... on T @loud @often { a }"),
    ],
)  # fmt: skip
def test_a_tree_says_what_was_written(text: str, tree: str) -> None:
    assert print_tree(tree_of(text).selections) == tree


def test_arguments_name_their_variables_once_and_those_of_directives_too() -> None:
    (field,) = tree_of("{ a(x: $n, y: {z: [$m, $n]}) @loud(by: $k) @skip(if: $no) }").selections
    assert isinstance(field, OperationField)
    assert (field.variables, field.directives) == (("n", "m", "k"), ("loud",))


def test_conditions_are_gathered_wherever_they_stand() -> None:
    operation = tree_of(
        "query ($b: Boolean!) { a @include(if: $b) ...F b { c @skip(if: $a) } } fragment F on T { d @skip(if: $b) }"
    )
    assert operation.conditions == {("a", False), ("b", True), ("b", False)}
    assert operation.condition_names == ("a", "b")


def test_one_fragment_is_one_object_wherever_it_is_spread() -> None:
    first, field = tree_of("{ ...F @skip(if: $a) a { ...F } } fragment F on T { b }").selections
    assert isinstance(first, OperationFragment)
    assert isinstance(field, OperationField)
    assert field.selections is not None
    (second,) = field.selections
    assert isinstance(second, OperationFragment)
    assert first.selections is second.selections


@pytest.mark.parametrize(
    ("text", "count", "is_answered_here"),
    [
        ("{ __schema { types { name } } ...F } fragment F on Query { t: __type(name: $n) { name } }", 2, True),
        ("{ again { __schema { description } } }", 1, False),
        ("{ __schema { description } a }", 1, False),
        ("{ __typename }", 0, False),
        ("{ a @include(if: false) }", 0, True),
    ],
)
def test_introspection_is_told_apart(text: str, count: int, *, is_answered_here: bool) -> None:
    operation = tree_of(text)
    assert len(operation.introspection) == count
    assert operation.is_answered_here is is_answered_here
    assert bool(operation.introspection_fragments) == ("fragment" in text)


def test_equal_words_are_one_object() -> None:
    """Those of the schema in all operations, a client's own in one."""
    names, aliases = [], []
    for number in (1, 2):
        for parent in tree_of(f"{{ a {{ name alias{number}: name }} b {{ name alias{number}: name }} }}").selections:
            assert isinstance(parent, OperationField)
            assert parent.selections is not None
            fields = [each for each in parent.selections if isinstance(each, OperationField)]
            names += [field.name for field in fields]
            aliases.append(fields[1].key)
    assert len({id(name) for name in names}) == 1
    assert [id(alias) for alias in aliases[1::2]] == [id(alias) for alias in aliases[::2]]


def test_conditions_that_exclude_each_other_never_hold_together() -> None:
    included, skipped = frozenset({("a", True)}), frozenset({("a", False)})
    assert both(included, skipped) is None
    assert both(included, included) == included
    assert both(included, frozenset({("b", False)})) == {("a", True), ("b", False)}


SCHEMA = build_schema(
    """
    type Query { me(first: Int, by: By): User list(first: Int): [User] }
    type User { id: ID! name: String friends: [User] }
    input By { name: String }
    """
)
RULES = AuthorizationRules(fields={("User", "name"): frozenset({Clause("authenticated")})})


def test_nothing_of_the_syntax_is_kept() -> None:
    """But for variables and introspection. What closures keep is not weighed, so it would weigh too little."""
    rules = CostRules(
        weights={"By": 1.0, "Query.me(first:)": 2.0},
        list_sizes={"Query.list": ListSize(slicing_arguments=("first",), require_one_slicing_argument=True)},
    )
    document = parse(
        "query ($n: Int, $by: By) { list(first: $n) { ...F } me(first: $n, by: $by) { ...F } } "
        "fragment F on User { id name friends { id } }"
    )
    operation = document.definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    kept = (
        build_tree(document, operation),
        price_operation(SCHEMA, rules, operation, fragments_by_name(document)),
    )
    nodes = [weakref.ref(node) for node in operation.selection_set.selections]
    del document, operation
    gc.collect()
    assert [node() for node in nodes] == [None, None]
    assert kept[1].estimate({"n": 3, "by": {"name": "x"}}) == 3 * (1 + 10) + (1 + 10) + 2 + 1


def wide(count: int) -> DocumentNode:
    return parse(
        "{" + " ".join(f"a{n}: me {{ name ...F{n} ...All }}" for n in range(count)) + "}"
        "fragment All on User { id }"
        + "".join(f"fragment F{n} on User {{ id friends {{ name }} }}" for n in range(count)),
        no_location=True,
    )


def _write_out(document: DocumentNode) -> None:
    leave_out(RULES, SCHEMA, tree_of(document), frozenset({Clause("authenticated")}))


def _rule(document: DocumentNode) -> None:
    rule_of_operation(RULES, SCHEMA, tree_of(document))


def _project(document: DocumentNode) -> None:
    waiting = [build_projection(ResponseTypes(SCHEMA), tree_of(document), {}).root]
    while waiting:
        selection = waiting.pop()
        shapes = [field.shape for field in selection.fields_of(selection.type.name)]
        waiting += [shape for shape in shapes if isinstance(shape, Selection)]


@pytest.mark.parametrize("work", [tree_of, _write_out, _rule, _project])
def test_work_grows_with_the_operation_and_no_faster(work: Callable[[DocumentNode], Any]) -> None:
    work(wide(1))
    calls = [calls_of(partial(work, wide(count))) for count in (10, 20, 1_000)]
    each = (calls[1] - calls[0]) // 10
    assert [count - calls[0] for count in calls] == [0, 10 * each, 990 * each]
