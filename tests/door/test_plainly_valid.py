"""What is plainly valid is valid by every rule; what is doubted is left to the rules."""

import random
import re
from functools import partial
from typing import Any

import pytest
from graphql import (
    DocumentNode,
    GraphQLError,
    build_schema,
    get_introspection_query,
    parse,
    specified_rules,
    validate,
)

from tests.count_calls import calls_of
from trevo.door.documents import DocumentBounds, read_document
from trevo.door.one_of import VariablesInOneOfRule
from trevo.door.plainly_valid import is_plainly_valid

SCHEMA = build_schema(
    """
    directive @loud(times: Int! = 1) on FIELD
    type Query {
      me: User
      node(id: ID!): Node
      find(by: By, sizes: [[Int!]], at: When, ratio: Float, only: [Color!] = [RED]): [Found!]!
      pick(one: One): User
      named(name: String!, loud: Boolean! = false): String
    }
    type Mutation { rename(id: ID!, name: String): User remove(id: ID!): Boolean }
    type Subscription { renamed: User removed: ID }
    interface Node { id: ID! }
    type User implements Node { id: ID! name(short: Boolean): String friends(first: Int): [User!] size: Int! }
    type Book implements Node { id: ID! name: String! pages: Int size: Float }
    type Shelf { size: [Int] }
    union Found = User | Book
    enum Color { RED GREEN }
    scalar When
    input By { name: String!, tags: [String!], inner: By, color: Color = RED }
    input One @oneOf { a: Int, b: String }
    """
)
ALL_RULES = (*specified_rules, VariablesInOneOfRule)
BOUNDS = DocumentBounds(
    query_characters_max=20_000,
    tokens_max=5_000,
    depth_max=50,
    value_depth_max=20,
    root_fields_max=500,
    aliases_max=5_000,
    introspection_aliases_max=10,
    directives_max=200,
    fields_max=10_000,
    comparisons_max=1_000,
    conditions_max=20,
    name_characters_max=200,
)

PLAIN = (
    "{ me { id name } }",
    "query A { me { id } } query B { me { id } }",
    "mutation ($id: ID!) { rename(id: $id, name: null) { name(short: true) } remove(id: 7) }",
    "query ($s: Boolean!, $n: Int) { me @skip(if: $s) { friends(first: $n) @include(if: true) { size } } }",
    "{ me { ...F friends { ...F } } } fragment F on User { id ...G } fragment G on User { name }",
    '{ find(by: {name: "x", tags: "a", inner: {name: "y", color: GREEN}}) { __typename ... on Book { pages } } }',
    '{ find(sizes: [[1, 2], [3], 4, null], at: "now", ratio: 1) { ... on Node { id } ... { __typename } } }',
    'query ($by: By = {name: "x"}) { a: find(by: $by, only: GREEN) { __typename } }',
    "query ($tag: String!) { b: find(by: {name: $tag, tags: [$tag]}) { __typename } }",
    '{ node(id: "1") { id ... on User { id: id name } ... on Book { id pages } } }',
    "{ me { name } me { name id } ... on Query { me { friends(first: 1) { id } friends(first: 1) { name } } } }",
    '{ named(name: "x") other: named(loud: true, name: "y") }',
)

DOUBTED_AND_WRONG = (
    "{ me }",
    "{ me { id { x } } }",
    "{ me { nothing } }",
    "{ me { id } } { me { id } }",
    "query A { me { id } } query A { me { id } }",
    "query A { me { id } } { me { id } }",
    "type T { a: Int } query { me { id } }",
    "{ me { ...F } }",
    "{ me { id } } fragment F on User { id }",
    "{ me { ...F } } fragment F on User { id } fragment F on User { name }",
    "{ me { ...F } } fragment F on User { friends { ...F } }",
    "{ me { ...F } } fragment F on User { ...G } fragment G on User { ...F }",
    "{ me { ...F } } fragment F on Color { id }",
    "{ me { ...F } } fragment F on Nobody { id }",
    "{ me { ... on Book { pages } } }",
    "{ me { ...F } } fragment F on Book { pages }",
    "query ($a: Int, $a: Int) { me { friends(first: $a) { id } } }",
    "query ($a: Int) { me { id } }",
    "{ me { friends(first: $a) { id } } }",
    "query A($a: Int) { me { ...F } } query B { me { ...F } } fragment F on User { friends(first: $a) { id } }",
    "query ($a: User) { me { friends(first: $a) { id } } }",
    "query ($a: String) { me { friends(first: $a) { id } } }",
    "query ($a: ID) { node(id: $a) { id } }",
    "query ($a: [Int]) { find(sizes: [$a]) { __typename } }",
    'query ($a: Int = "x") { me { friends(first: $a) { id } } }',
    "query ($a: Int! = null) { me { friends(first: $a) { id } } }",
    "{ node { id } }",
    "{ node(id: null) { id } }",
    "{ node(id: 1.5) { id } }",
    "{ node(id: 1, id: 1) { id } }",
    "{ node(id: 1, of: 1) { id } }",
    "{ me { friends(first: 3000000000) { id } } }",
    "{ find(by: {}) { __typename } }",
    '{ find(by: {name: "a", name: "b"}) { __typename } }',
    '{ find(by: {name: "a", other: 1}) { __typename } }',
    '{ find(by: "a") { __typename } }',
    "{ find(only: BLUE) { __typename } }",
    '{ find(only: "RED") { __typename } }',
    "{ find(sizes: [[null]]) { __typename } }",
    '{ pick(one: {a: 1, b: "x"}) { id } }',
    "query ($a: Int) { pick(one: {a: $a}) { id } }",
    "{ me { id @unknown } }",
    "{ me { id @skip(if: true) @skip(if: true) } }",
    "{ me { id @skip } }",
    '{ me { id @skip(if: "yes") } }',
    "{ me { id @skip(unless: true, if: true) } }",
    "query @skip(if: true) { me { id } }",
    "{ me { id: name id } }",
    "{ me { friends(first: 1) { id } friends(first: 2) { id } } }",
    "{ me { friends { id } ...F } } fragment F on User { friends(first: 2) { id } }",
    "{ me { friends { name } } me { ...F } } fragment F on User { friends { name(short: true) } }",
    "{ find { ... on User { name } ... on Book { name } } }",
    "{ find { ... on User { size } ... on Book { size } } }",
    "{ __typename { x } }",
    "{ __typename(a: 1) }",
    "{ find { id } }",
    "subscription { renamed { id } removed }",
    "subscription { __typename }",
    "{ __schema { types { fields { type { fields { type { fields { type { fields { name } } } } } } } } } }",
)

DOUBTED_AND_RIGHT = (
    "subscription { renamed { id } }",
    "{ __schema { queryType { name } } }",
    '{ __type(name: "User") { name } }',
    "{ me { id @loud } }",
    "{ pick(one: {a: 1}) { id } }",
    "{ find { ... on User { x: id } ... on Book { x: __typename } } }",
    'query ($loud: Boolean = true) { named(name: "x", loud: $loud) }',
    get_introspection_query(),
)


def plainly(text: str | DocumentNode) -> bool:
    document = parse(text, no_location=True) if isinstance(text, str) else text
    return is_plainly_valid(SCHEMA, document, comparisons_max=1_000)


def errors(text: str | DocumentNode) -> list[GraphQLError]:
    return validate(SCHEMA, parse(text) if isinstance(text, str) else text, ALL_RULES)


@pytest.mark.parametrize("text", PLAIN)
def test_what_is_plain(text: str) -> None:
    assert (plainly(text), errors(text)) == (True, [])


@pytest.mark.parametrize("text", DOUBTED_AND_WRONG)
def test_what_is_wrong_is_doubted(text: str) -> None:
    assert (plainly(text), errors(text) == []) == (False, False)


@pytest.mark.parametrize("text", DOUBTED_AND_RIGHT)
def test_what_is_rare_is_doubted_and_right_by_the_rules(text: str) -> None:
    assert (plainly(text), errors(text)) == (False, [])


TOKENS = re.compile(r'"[^"]*"|\.\.\.|\$?\w+|@\w+|[{}()\[\]:!=]')
VOCABULARY = sorted({token for text in (*PLAIN, *DOUBTED_AND_WRONG) for token in TOKENS.findall(text)})


def changed(text: str, choose: random.Random) -> str:
    """*text* with a few of its tokens left out, doubled, moved or exchanged."""
    tokens = TOKENS.findall(text)
    for _ in range(choose.randint(1, 3)):
        place, other = choose.randrange(len(tokens)), choose.randrange(len(tokens))
        match choose.randrange(5):
            case 0:
                tokens[place] = choose.choice(VOCABULARY)
            case 1:
                tokens[place] = tokens[other]
            case 2:
                tokens.insert(place, choose.choice(VOCABULARY))
            case 3:
                tokens[place], tokens[other] = tokens[other], tokens[place]
            case _:
                if len(tokens) > 1:
                    del tokens[place]
    return " ".join(tokens)


def test_nothing_that_is_wrong_is_plain(request: pytest.FixtureRequest) -> None:
    choose = random.Random(40)
    found = {True: 0, False: 0}
    for _ in range(max(4_000, (request.config.getoption("--fuzz", default=None) or 0) * 100)):
        try:
            document = parse(changed(choose.choice(PLAIN + DOUBTED_AND_RIGHT[:-1]), choose), no_location=True)
        except GraphQLError:
            continue
        if plainly(document):
            assert errors(document) == []
        found[plainly(document)] += 1
    # The comparison has looked at both kinds.
    assert all(found.values())


def test_work_grows_with_the_document_and_no_faster() -> None:
    def wide(count: int) -> DocumentNode:
        return parse(
            "{"
            + " ".join(f"a{n}: me {{ name ...F{n} }}" for n in range(count))
            + "}"
            + "".join(f"fragment F{n} on User {{ id friends {{ name }} }}" for n in range(count)),
            no_location=True,
        )

    calls = [calls_of(partial(plainly, wide(count))) for count in (10, 20, 1_000)]
    each = (calls[1] - calls[0]) // 10
    assert [count - calls[0] for count in calls] == [0, 10 * each, 990 * each]


def test_places_of_errors_are_told_whether_nodes_know_them_or_not() -> None:
    for needs_locations in (True, False):
        _, found = read_document(SCHEMA, "{\n  me { nmae }\n}", BOUNDS, needs_locations=needs_locations)
        assert [(error.locations[0].line, error.locations[0].column) for error in found if error.locations] == [(2, 8)]


def test_a_plain_document_knows_its_places_where_these_are_needed() -> None:
    located, _ = read_document(SCHEMA, "{ me { id } }", BOUNDS)
    unlocated, _ = read_document(SCHEMA, "{ me { id } }", BOUNDS, needs_locations=False)
    assert (located.loc is not None, unlocated.loc) == (True, None)


@pytest.mark.parametrize("text", DOUBTED_AND_RIGHT)
def test_a_document_that_was_doubted_and_is_right_does_not_know_its_places_either(text: str) -> None:
    """They hold all its tokens, and what is kept of a document is kept for long."""
    document, found = read_document(SCHEMA, text, BOUNDS, needs_locations=False)
    assert ([node.loc for node in (document, *document.definitions) if node.loc], found) == ([], [])


def test_a_plain_document_is_not_asked_about_by_every_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_given: Any, **_options: Any) -> list[GraphQLError]:
        pytest.fail("validated by the rules")

    monkeypatch.setattr("trevo.door.documents.validate", refuse)
    for text in PLAIN:
        assert read_document(SCHEMA, text, BOUNDS)[1] == []
