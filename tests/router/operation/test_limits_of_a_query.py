"""What a client can ask of the router before anything is fetched."""

import pytest
from graphql import build_schema, get_introspection_query

from trevo.config.limits import Limits
from trevo.errors import RequestRefused
from trevo.operation.parse import read_valid_document

SCHEMA = build_schema(
    """
    type Query { a: Query b: Query list: [Query!]! leaf: String field(arg: [[Int]], input: In): String }
    input In { inner: In, word: String }
    """
)


def refusal(query: str, **limits) -> str:
    """The code that *query* is refused with."""
    with pytest.raises(RequestRefused) as caught:
        passes(query, **limits)
    return caught.value.errors[0].code


def passes(query: str, **limits) -> bool:
    read_valid_document(SCHEMA, query, Limits(**limits))
    return True


def nested(levels: int) -> str:
    return "{ a " * (levels - 1) + "{ leaf }" + " }" * (levels - 1)


def test_characters():
    assert passes("{ leaf }", query_characters_max=8)
    assert refusal("{ leaf } ", query_characters_max=8) == "QUERY_TOO_LONG"


def test_names_that_an_answer_repeats():
    assert passes("{ abcd: leaf }", name_characters_max=4)
    assert refusal("{ abcde: __typename }", name_characters_max=4) == "NAME_TOO_LONG"
    assert refusal("{ a { ...F } } fragment F on Query { b { abcde: leaf } }", name_characters_max=4) == "NAME_TOO_LONG"


def test_tokens():
    assert passes("{ leaf x: leaf }", tokens_max=6)
    assert refusal("{ leaf x: leaf }", tokens_max=5) == "QUERY_TOO_MANY_TOKENS"


def test_depth_counts_fields_and_expands_fragments():
    assert passes(nested(4), depth_max=4)
    assert refusal(nested(5), depth_max=4) == "QUERY_TOO_DEEP"
    fragments = "{ a { ...F } } fragment F on Query { a { ... on Query { a { ...G } } } } fragment G on Query { leaf }"
    assert passes(fragments, depth_max=4)
    assert refusal(fragments, depth_max=3) == "QUERY_TOO_DEEP"


def test_depth_that_the_parser_itself_cannot_take():
    assert refusal("{ a " * 5_000, tokens_max=20_000) == "QUERY_TOO_DEEP"
    assert refusal("{ field(arg: " + "[" * 5_000, tokens_max=20_000) == "QUERY_TOO_DEEP"
    chain = "".join(f"fragment F{n} on Query {{ ...F{n + 1} }} " for n in range(2_000))
    assert refusal(f"{{ ...F0 }} {chain} fragment F2000 on Query {{ leaf }}", tokens_max=20_000) == "QUERY_TOO_DEEP"


def test_root_fields():
    assert passes("{ a: leaf b: leaf ...F } fragment F on Query { c: leaf }", root_fields_max=3)
    assert (
        refusal("{ a: leaf b: leaf ...F } fragment F on Query { c: leaf d: leaf }", root_fields_max=3)
        == "QUERY_TOO_MANY_ROOT_FIELDS"
    )


def test_aliases_are_counted_wherever_their_fragment_is_spread():
    query = "{ a { ...F } b { ...F } } fragment F on Query { x: leaf y: leaf }"
    assert passes(query, aliases_max=4)
    assert refusal(query, aliases_max=3) == "QUERY_TOO_MANY_ALIASES"


def test_aliases_in_introspection_are_dearer():
    query = "{ x: __schema { a: types { name } } y: a { z: leaf } } "
    assert passes(query, introspection_aliases_max=2)
    assert refusal(query, introspection_aliases_max=1) == "QUERY_TOO_MANY_ALIASES"
    assert passes(get_introspection_query(specified_by_url=True, directive_is_repeatable=True))


def test_directives():
    query = "{ leaf @skip(if: true) a @include(if: true) { leaf } }"
    assert passes(query, directives_max=2)
    assert refusal(query, directives_max=1) == "QUERY_TOO_MANY_DIRECTIVES"
    assert refusal("{ leaf " + "@skip(if: true) " * 300 + "}") == "QUERY_TOO_MANY_DIRECTIVES"


def test_variables_in_conditions():
    query = "query ($x: Boolean!, $y: Boolean!) { leaf @skip(if: $x) a @include(if: $y) { leaf @skip(if: $x) } }"
    assert passes(query, conditions_max=2)
    assert refusal(query, conditions_max=1) == "QUERY_TOO_MANY_CONDITIONS"


def test_depth_of_values():
    assert passes("{ field(arg: [[1]]) }", value_depth_max=2)
    assert refusal("{ field(arg: [[1]]) }", value_depth_max=1) == "VALUE_TOO_DEEP"
    assert refusal("query ($i: In = {inner: {inner: {}}}) { field(input: $i) }", value_depth_max=1) == "VALUE_TOO_DEEP"


def test_a_fragment_bomb_is_refused_without_being_expanded():
    levels = 40
    bomb = "".join(
        f"fragment F{n} on Query {{ x: a {{ ...F{n + 1} }} y: a {{ ...F{n + 1} }} }} " for n in range(levels)
    )
    query = f"{{ ...F0 }} {bomb} fragment F{levels} on Query {{ leaf }}"
    assert refusal(query, depth_max=100) == "QUERY_TOO_LARGE"
    # Also where no operation uses it: validation walks every fragment.
    assert refusal(f"{{ leaf }} {bomb} fragment F{levels} on Query {{ leaf }}", depth_max=100) == "QUERY_TOO_LARGE"


def test_selected_fields():
    query = "{ ...F ...F } fragment F on Query { a { leaf } }"
    assert passes(query, fields_max=4)
    assert refusal(query, fields_max=3) == "QUERY_TOO_LARGE"


def test_fragments_in_a_circle_are_left_to_validation():
    assert refusal("{ ...F } fragment F on Query { a { ...F } }") == "GRAPHQL_VALIDATION_FAILED"
    assert refusal("{ ...Nobody }") == "GRAPHQL_VALIDATION_FAILED"


def test_comparing_repeated_fields_is_bounded():
    repeated = "{ a { " + "leaf " * 200 + "} }"
    assert passes(repeated, comparisons_max=20_000)
    assert refusal(repeated, comparisons_max=15_000) == "QUERY_TOO_COMPLEX"
    nested = "{ a { " + "list { a { leaf } } " * 900 + "} }"
    assert refusal(nested, tokens_max=10_000) == "QUERY_TOO_COMPLEX"


def test_errors_of_validation_are_bounded():
    with pytest.raises(RequestRefused) as caught:
        read_valid_document(
            SCHEMA, "{ " + " ".join(f"wrong{n}" for n in range(1000)) + "}", Limits(root_fields_max=2000)
        )
    assert len(caught.value.errors) == 21
    assert caught.value.errors[-1].message == "Too many validation errors, error limit reached. Validation aborted."


@pytest.mark.parametrize(
    "query", ["", "   ", "#only a comment", "{", "query", "\x00", "{ a \ud800 }", '{ a(b: "', "{ ...on }"]
)
def test_what_is_no_document(query):
    assert refusal(query) == "GRAPHQL_PARSE_FAILED"
