"""What is left of an operation for whom, and what the answer's shape still has."""

import pytest
from graphql import build_schema

from tests.router.operation_tree import print_tree, tree_of
from trevo.operation.leave_out import Allowed, leave_out, rule_of_operation
from trevo.supergraph.authorization import AuthorizationRules, Clause

SCHEMA = build_schema(
    """
    type Query { me: User self: Query search: [Result!] media: [Media] book: Book count: Int! }
    type Mutation { rename: User drop: Boolean }
    type User { id: ID! email: String friend: User }
    union Result = User | Book | Secret
    interface Media { id: ID! title: String }
    type Book implements Media { id: ID! title: String pages: Int }
    type Film implements Media { id: ID! title: String }
    type Secret { code: Int }
    """
)
MEMBER = frozenset({Clause("authenticated")})
RULES = AuthorizationRules(
    types={"Secret": MEMBER},
    fields={
        ("User", "email"): MEMBER,
        ("User", "friend"): MEMBER,
        ("Mutation", "drop"): MEMBER,
        ("Film", "title"): MEMBER,
        ("Query", "count"): frozenset({Clause("scopes", frozenset({frozenset({"counts"})}))}),
    },
)


def left(text: str, failing: frozenset[Clause] = MEMBER) -> Allowed:
    return leave_out(RULES, SCHEMA, tree_of(text), failing)


def asked(text: str) -> str:
    """What is left of *text*, on one line."""
    return print_tree(left(text).asked.selections)


@pytest.mark.parametrize(
    ("text", "remains", "left_out"),
    [
        ("{ me { id email } }", "me { id }", ["User.email"]),
        ("{ me { id mail: email } }", "me { id }", ["User.email"]),
        ("{ me { id friend { id friend { id } } } }", "me { id }", ["User.friend"]),
        # What is left of nothing is nothing.
        ("{ me { email } book { id } }", "book { id }", ["User.email"]),
        ("{ self { self { me { email } } } }", "", ["User.email"]),
        ("mutation { drop rename { email } }", "", ["Mutation.drop", "User.email"]),
        ("mutation { drop rename { id } }", "rename { id }", ["Mutation.drop"]),
        # Everybody may ask what something is, and what there is.
        ("{ me { __typename email } }", "me { __typename }", ["User.email"]),
        ("{ search { __typename ... on Secret { __typename code } } }",
         "search { __typename ... on Secret { __typename } __typename }", ["Secret.code"]),
        ('{ __schema { queryType { name } } me { email } }', "__schema { queryType { name } }", ["User.email"]),
        # On an interface, what is for all of its types; on one type, what is for that.
        ("{ media { id title } }", "media { id __typename }", ["Media.title"]),
        ("{ media { title } }", "", ["Media.title"]),
        ("{ media { ... on Book { title } ... on Film { title } } }",
         "media { ... on Book { title } __typename }", ["Film.title"]),
        ("{ book { ... on Media { title } } }", "book { ... on Media { title } }", []),
        ("{ search { ... on Media { title } } }", "search { ... on Media { title } }", []),
        ("{ media { ... on Media { ... on Book { title } } } }",
         "media { ... on Media { ... on Book { title } } }", []),
        # The same fragment, at places where not the same may be had.
        ("{ book { ...F } media { id ...F } } fragment F on Media { title }",
         "book { ... on Media { title } } media { id __typename }", ["Media.title"]),
        # Conditions.
        ("query ($a: Boolean!) { me { email @include(if: $a) } }", "me {}", ["User.email"]),
        ("query ($a: Boolean!) { me { email id @include(if: $a) } }", "me { id @include(if: $a) }", ["User.email"]),
        ("query ($a: Boolean!) { me { ... @skip(if: $a) { email } id } }", "me { id }", ["User.email"]),
        ("query ($a: Boolean!) { me @include(if: $a) { email } book { id } }", "book { id }", ["User.email"]),
        ("{ me { id email @include(if: false) } }", "me { id }", []),
        ("{ me { id email @include(if: true) } }", "me { id }", ["User.email"]),
    ],
)  # fmt: skip
def test_what_is_left(text: str, remains: str, left_out: list[str]) -> None:
    allowed = left(text)
    assert asked(text) == remains
    assert [each.coordinate for each in allowed.left_out] == left_out


def test_a_field_is_left_out_where_its_condition_holds() -> None:
    allowed = left("query ($a: Boolean!, $b: Boolean!) { me @include(if: $a) { ... @skip(if: $b) { id email } } }")
    assert [each.condition for each in allowed.left_out] == [frozenset({("a", True), ("b", False)})]


def test_only_clauses_that_fail_count() -> None:
    allowed = left("{ count me { email } }", frozenset({Clause("scopes", frozenset({frozenset({"counts"})}))}))
    assert [each.coordinate for each in allowed.left_out] == ["Query.count"]


def test_fragments_with_directives_for_subgraphs_are_still_refused() -> None:
    schema_directive = "fragment F on User @loud { id }"
    assert "@loud" in asked("{ me { email ...F } } " + schema_directive)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("{ me { id } }", []),
        ("{ me { id email } count }", ["authenticated", "scopes counts"]),
        ("{ search { ...F } } fragment F on Secret { code }", ["authenticated"]),
        ("{ book { ...F } } fragment F on Media { title }", []),
        ("{ media { ...F } book { ...F } } fragment F on Media { title }", ["authenticated"]),
        ("{ media { __typename } __typename __schema { description } }", []),
    ],
)
def test_an_operation_needs_what_its_fields_need(text: str, rule: list[str]) -> None:
    needed = rule_of_operation(RULES, SCHEMA, tree_of(text))
    assert sorted(map(str, needed)) == rule
