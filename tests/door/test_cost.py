"""What operations cost by the rules of a small schema, to the figure."""

from typing import Any

import pytest
from graphql import build_schema, parse

from trevo.door.cost import CostRules, OperationPrice, check_cost, price_operation, print_price, read_cost_rules
from trevo.door.documents import fragments_by_name
from trevo.door.too_much import TooMuch

SDL = """
directive @cost(weight: Int!) on FIELD_DEFINITION | ARGUMENT_DEFINITION | INPUT_FIELD_DEFINITION | OBJECT | ENUM
directive @listSize(
  assumedSize: Int, slicingArguments: [String!], sizedFields: [String!], requireOneSlicingArgument: Boolean = true
) on FIELD_DEFINITION

type Query {
  book(id: ID): Book
  books(first: Int = 5, last: Int): [Book!]!
    @listSize(slicingArguments: ["first", "last"], requireOneSlicingArgument: false)
  page(first: Int, after: String): BookPage
    @listSize(slicingArguments: ["first"], sizedFields: ["nodes"], assumedSize: 20, requireOneSlicingArgument: false)
  paged(input: Paging): Paged
    @listSize(slicingArguments: ["input.first"], sizedFields: ["page.nodes"], requireOneSlicingArgument: false)
  strict(first: Int, last: Int): [Book] @listSize(slicingArguments: ["first", "last"])
  byIds(ids: [ID!]!): [Book] @listSize(slicingArguments: ["ids"])
  search(filter: Filter, filters: [Filter!], cheap: Boolean @cost(weight: -3)): String
  heavy: String @cost(weight: 50)
  node: Node
  matrix: [[Book]]
}
input Paging { first: Int after: String }
input Filter { word: String @cost(weight: 7) inner: Filter }
type Paged { page: BookPage }
type BookPage { nodes: [Book!]! total: Int }
interface Node { id: ID! tags: [Tag] }
type Book implements Node { id: ID! title: String tags: [Tag] @listSize(assumedSize: 4) author: Author series: [Book] }
type Author implements Node @cost(weight: 3) { id: ID! tags: [Tag] books: [Book] tone: Tone }
type Tag { name: String }
enum Tone @cost(weight: 2) { DRY }
"""

SCHEMA = build_schema(SDL)
RULES = read_cost_rules(parse(SDL))


def priced(text: str, rules: CostRules = RULES) -> OperationPrice:
    document = parse(text)
    operation = next(node for node in document.definitions if node.kind == "operation_definition")
    return price_operation(SCHEMA, rules, operation, fragments_by_name(document))  # type: ignore[arg-type]  # it is one


def cost(text: str, **variables: Any) -> float:
    return priced(text).estimate(variables)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{ __typename }", 0),
        ("{ book { id title } }", 1),
        ("{ book { author { id } } }", 1 + 3),
        ("{ book { author { tone } } }", 1 + 3 + 2),
        ("{ heavy }", 50),
        ("{ a: heavy b: heavy }", 100),
        ("{ books { id } }", 5),
        ("{ books(first: 7) { id } }", 7),
        ("{ books(first: 7, last: 9) { id } }", 9),
        ("{ books(first: 0) { author { id } } }", 0),
        ("{ books(first: -3) { author { id } } }", 0),
        ("{ books(first: 2) { tags { name } } }", 2 * (1 + 4)),
        ("{ book { series { series { id } } } }", 1 + 10 * (1 + 10)),
        ("{ matrix { id } }", 10 * 10),
        ("{ page { nodes { id } total } }", 1 + 20),
        ("{ page(first: 3) { nodes { author { id } } } }", 1 + 3 * (1 + 3)),
        ("{ page(first: null) { nodes { id } } }", 1 + 20),
        ("{ paged(input: {first: 4}) { page { nodes { id } } } }", 1 + 1 + 1 + 4),
        ("{ byIds(ids: [1, 2, 3]) { id } }", 3),
        ("{ __schema { types { name } } }", 1),
        ('{ search(filter: {word: "x"}) }', 1 + 7),
        ('{ search(filter: {word: "x", inner: {word: "y"}}) }', 1 + 7 + 1 + 7),
        ('{ search(filters: [{word: "x"}, {}]) }', 1 + 7 + 1),
        ("{ search(filter: null) }", 0),
        ('{ search(filter: {word: "x"}, cheap: true) }', 1 + 7 - 3),
        ("{ search(cheap: true) }", 0),
    ],
)
def test_cost(text: str, expected: float) -> None:
    assert cost(text) == expected


def test_lists_in_lists_multiply() -> None:
    levels = "{ book { series { series { series { series { series { id } } } } } } }"
    assert cost(levels) == 1 + 10 + 100 + 1_000 + 10_000 + 100_000


def test_what_is_selected_twice_under_one_key_costs_once() -> None:
    fragments = (
        "{ book { ...A ...B ...A } } fragment A on Book { tags { name } } fragment B on Node { tags { __typename } }"
    )
    assert cost(fragments) == 1 + 4
    assert cost("{ book { tags { name } more: tags { name } } }") == 1 + 4 + 4


def test_an_abstract_type_costs_what_its_dearest_type_costs() -> None:
    assert cost("{ node { id } }") == 1
    assert cost("{ node { tags { name } } }") == 1 + 10
    assert cost("{ node { ... on Book { tags { name } } } }") == 1 + 4
    assert cost("{ node { ... on Book { tags { name } } ... on Author { books { id } tone } } }") == 1 + 10 + 2


def test_variables_count_with_their_values() -> None:
    text = (
        "query ($n: Int = 6, $filter: Filter, $ids: [ID!]! = []) "
        "{ page(first: $n) { nodes { id } } search(filter: $filter) byIds(ids: $ids) { id } }"
    )
    assert cost(text) == 1 + 6
    assert cost(text, n=100) == 1 + 100
    assert cost(text, n=None) == 1 + 20
    assert cost(text, filter={"word": "x", "inner": {"word": "y", "unknown": 1}}) == 1 + 6 + 1 + 7 + 1 + 7
    assert cost(text, ids=["1", "2", "3", "4"]) == 1 + 6 + 4
    assert cost("query ($i: Paging) { paged(input: $i) { page { nodes { id } } } }", i={"first": 9}) == 1 + 1 + 1 + 9


@pytest.mark.parametrize("value", ["12", [], {}, True, float("nan"), 10**400])
def test_a_variable_of_the_wrong_type_is_left_to_execution(value: Any) -> None:
    assert cost("query ($n: Int) { page(first: $n) { nodes { id } } }", n=value) >= 0


def test_what_a_condition_leaves_out_costs_nothing() -> None:
    text = (
        "query ($a: Boolean!, $b: Boolean!) "
        "{ heavy @include(if: $a) book @skip(if: $b) { ... @include(if: $a) { tags { name } } } }"
    )
    assert cost(text, a=True, b=False) == 50 + 1 + 4
    assert cost(text, a=False, b=False) == 1
    assert cost(text, a=True, b=True) == 50
    assert cost("{ heavy @include(if: false) more: heavy @skip(if: true) }") == 0
    assert cost("query ($a: Boolean!) { heavy @include(if: $a) heavy }", a=False) == 50


def test_a_list_may_want_to_be_told_its_length() -> None:
    assert cost("{ strict(last: 3) { id } }") == 3
    for text in ("{ strict { id } }", "{ strict(first: 1, last: 1) { id } }"):
        with pytest.raises(TooMuch) as refused:
            cost(text)
        assert refused.value.code == "COST_SLICING_ARGUMENT_REQUIRED"


def test_the_assumed_size_of_lists_is_for_whoever_keeps_the_door() -> None:
    rules = read_cost_rules(parse(SDL), list_size_assumed=3)
    assert priced("{ book { series { id } } }", rules).estimate({}) == 1 + 3


def test_the_directives_go_by_the_names_they_were_given() -> None:
    renamed = SDL.replace("@cost", "@federation__cost").replace("@listSize", "@size")
    assert read_cost_rules(parse(renamed), cost="federation__cost", list_size="size") == RULES
    assert read_cost_rules(parse(renamed)).weights == {}


def test_weights_may_be_texts_as_ibm_writes_them() -> None:
    rules = read_cost_rules(parse('type A { b: Int @cost(weight: "2.5") }'))
    assert rules.weights == {"A.b": 2.5}


def test_each_root_field_has_its_own_cost() -> None:
    assert priced("{ heavy a: book { id } b: book { tags { name } } }").estimate_by_field({}) == {
        "heavy": 50,
        "book": 6,
    }


def test_root_fields_that_no_variable_has_a_part_in_are_priced_once() -> None:
    price = priced("{ heavy }")
    assert price.estimate_by_field({}) is price.estimate_by_field({"n": 7})
    depends = priced("query ($n: Int) { page(first: $n) { nodes { id } } heavy }")
    assert depends.estimate_by_field({"n": 2}) == {"page": 1 + 2, "heavy": 50}
    assert depends.estimate_by_field({"n": 3}) == {"page": 1 + 3, "heavy": 50}


def test_what_an_answer_came_to() -> None:
    price = priced("query ($n: Int) { page(first: $n) { nodes { id tags { name } } } heavy }")
    nodes = [{"id": "1", "tags": [{"name": "x"}] * 3}, {"id": "2", "tags": None}, None]
    assert price.estimate({"n": 100}) == 1 + 100 * 5 + 50
    assert price.measure({"page": {"nodes": nodes}, "heavy": "x"}, {"n": 100}) == 1 + 2 + 3 + 50
    assert price.measure({"page": None, "heavy": None}, {}) == 0
    assert price.measure(None, {}) == 0


def test_a_bound_names_both_figures() -> None:
    check_cost(100, 100)
    with pytest.raises(TooMuch) as refused:
        check_cost(100.5, 100)
    assert refused.value.code == "COST_ESTIMATED_TOO_EXPENSIVE"
    assert refused.value.extensions == {"cost": {"estimated": 100.5, "max": 100}}
    assert "100.5" in refused.value.message


def test_a_price_prints_itself() -> None:
    text = (
        "query ($n: Int, $no: Boolean!) "
        '{ mine: page(first: $n) { nodes { tags { name } } } search(filter: {word: "x"}) '
        "node { id } heavy @include(if: $no) }"
    )
    assert print_price(priced(text), {"n": 3, "no": False}) == (
        "cost: 25\n"
        "  mine: page: 1 × (1 + 15) = 16\n"
        "    nodes: 3 × (1 + 4) = 15\n"
        "      tags: 4 × 1 = 4\n"
        "  search: 1 × 0 + 8 = 8\n"
        "  node: 1 × 1 = 1\n"
        "  heavy: skipped"
    )


def test_interwoven_fragments_end() -> None:
    """Types that differ below each level make more combinations than anybody could look at."""
    types = 6
    sdl = "interface I { x: I } " + " ".join(f"interface J{n} {{ x: I }}" for n in range(types))
    for number in range(2**types):
        implemented = " & ".join(["I", *(f"J{n}" for n in range(types) if number >> n & 1)])
        sdl += f" type T{number} implements {implemented} {{ x: I }}"
    schema = build_schema(sdl + " type Query { i: I }")

    def level(depth: int) -> str:
        return (
            "leaf: __typename"
            if not depth
            else " ".join(f"... on J{n} {{ x {{ {level(depth - 1)} }} }}" for n in range(types))
        )

    document = parse(f"{{ i {{ {level(4)} }} }}")
    with pytest.raises(TooMuch) as refused:
        price_operation(schema, CostRules(), document.definitions[0], {})  # type: ignore[arg-type]  # it is an operation
    assert refused.value.code == "QUERY_TOO_COMPLEX"
