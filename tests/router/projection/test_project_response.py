"""The response's shape from a data tree made by hand: the operation, the tree, and what the client gets."""

import pytest
from graphql import build_schema

from tests.router.operation_tree import tree_of
from trevo.errors import ClientError
from trevo.execute.errors import Failure, Failures
from trevo.projection.build import ResponseTypes, build_projection
from trevo.projection.project_response import project_response

SCHEMA = build_schema(
    """
    type Query { media: Media node: Node must: Book! list: [Book] musts: [Book!]! grid: [[Int!]]! book: Book odd: Odd }
    union Media = Book | Movie
    interface Node { id: ID! }
    type Book implements Node { id: ID! title: String pages: Int next: Book must: Book! genre: Genre flag: Boolean }
    type Movie implements Node { id: ID! title: String length: Float }
    enum Genre { FICTION FACT }
    scalar Anything
    type Odd { any: Anything, genres: [Genre!] }
    """
)


def project(query, data, *, failures=None, **conditions):
    projection = build_projection(ResponseTypes(SCHEMA), tree_of(query, SCHEMA), conditions)
    result, errors = project_response(projection, data, failures or Failures())
    return result, [(error.path, error.code) for error in errors]


def test_only_what_was_selected_leaves_in_the_order_of_the_selection():
    data = {"book": {"__typename": "Book", "id": "1", "_requires_x": 1, "title": "t", "pages": 3}, "must": {"id": "2"}}
    result, errors = project("{ book { title id } }", data)
    assert (result, errors) == ({"book": {"title": "t", "id": "1"}}, [])
    assert list(result["book"]) == ["title", "id"]


def test_a_repeated_field_stands_where_it_was_first_selected():
    query = "{ book { title } must { id } book { id ...F } } fragment F on Book { title pages }"
    data = {"book": {"id": "1", "title": "t", "pages": 3}, "must": {"id": "2"}}
    result, _ = project(query, data)
    assert result == {"book": {"title": "t", "id": "1", "pages": 3}, "must": {"id": "2"}}
    assert [list(result), list(result["book"])] == [["book", "must"], ["title", "id", "pages"]]


def test_the_runtime_type_decides_which_fragments_count():
    query = (
        "{ media { a: __typename ... on Book { title pages } ... on Movie { name: title length } ... on Node { id } } }"
    )
    book = {"__typename": "Book", "title": "t", "pages": 1, "name": "wrong", "id": "1"}
    movie = {"__typename": "Movie", "name": "m", "length": 2.5, "title": "wrong", "id": "2"}
    assert project(query, {"media": book}) == ({"media": {"a": "Book", "title": "t", "pages": 1, "id": "1"}}, [])
    assert project(query, {"media": movie}) == ({"media": {"a": "Movie", "name": "m", "length": 2.5, "id": "2"}}, [])


def test_fields_of_an_interface_need_no_type_name():
    assert project("{ node { id ... on Book { title } } }", {"node": {"id": "1", "title": "t"}}) == (
        {"node": {"id": "1"}},
        [],
    )


@pytest.mark.parametrize("type_name", ["Hidden", "Query", "Genre", 7])
def test_a_type_that_may_not_stand_here_is_null_and_its_name_stays_here(type_name):
    result, errors = project("{ media { __typename } }", {"media": {"__typename": type_name}})
    assert (result, errors) == ({"media": None}, [(("media",), "INVALID_TYPE")])


def test_a_type_name_that_nobody_gave_is_an_error_not_an_invention():
    for node in ({"id": "1"}, {"__typename": "Node", "id": "1"}):
        assert project("{ node { __typename id } }", {"node": node}) == (
            {"node": None},
            [(("node", "__typename"), "UNEXPECTED_NULL")],
        )


def test_type_names_of_object_types_are_known_without_asking():
    assert project("{ __typename q: __typename book { __typename } }", {"book": {}}) == (
        {"__typename": "Query", "q": "Query", "book": {"__typename": "Book"}},
        [],
    )


def test_conditions():
    query = """
      query ($yes: Boolean!, $no: Boolean!) {
        book { id @skip(if: $yes) title @include(if: $yes) @skip(if: $no) ... @include(if: $no) { pages }
               ...F @include(if: $yes) next @skip(if: true) { id } }
        book @include(if: $no) { flag }
      } fragment F on Book { genre @include(if: true) }
    """
    data = {"book": {"id": "1", "title": "t", "pages": 1, "genre": "FACT", "flag": True}}
    assert project(query, data, yes=True, no=False) == ({"book": {"title": "t", "genre": "FACT"}}, [])
    assert project(query, data, yes=False, no=True) == ({"book": {"id": "1", "pages": 1, "flag": True}}, [])


NULLS = [
    # a null where it may stand
    ("{ book { id } }", {"book": None}, {"book": None}, []),
    ("{ list { id } }", {"list": [None, {"id": "1"}]}, {"list": [None, {"id": "1"}]}, []),
    # up to the nearest nullable field, item or data
    ("{ book { id } }", {"book": {"id": None}}, {"book": None}, [("book", "id")]),
    ("{ book { title must { id } } }", {"book": {"title": "t", "must": {}}}, {"book": None}, [("book", "must", "id")]),
    ("{ list { id } }", {"list": [{"id": None}, {"id": "1"}]}, {"list": [None, {"id": "1"}]}, [("list", 0, "id")]),
    ("{ must { id } }", {"must": {"id": None}}, None, [("must", "id")]),
    ("{ must { id } }", {}, None, [("must",)]),
    ("{ musts { id } }", {"musts": [{"id": "1"}, None]}, None, [("musts", 1)]),
    ("{ musts { id } }", {"musts": None}, None, [("musts",)]),
    ("{ grid }", {"grid": [[1, None], [2], None]}, {"grid": [None, [2], None]}, [("grid", 0, 1)]),
    ("{ grid }", {"grid": [[1], None]}, {"grid": [[1], None]}, []),
    # the other members go on being looked at only as far as they can still be seen
    ("{ a: must { id } book { id } }", {"a": {"id": None}, "book": {"id": None}}, None, [("a", "id")]),
]


@pytest.mark.parametrize(("query", "data", "expected", "places"), NULLS)
def test_null_goes_up_to_the_nearest_place_that_may_be_null(query, data, expected, places):
    assert project(query, data) == (expected, [(place, "UNEXPECTED_NULL") for place in places])


@pytest.mark.parametrize(
    "place", [("book", "must", "id"), ("book", "must"), ("book",), ("book", "must", "id", "deeper")]
)
def test_a_null_that_some_error_explains_gets_no_second_one(place):
    failures = Failures(errors=[ClientError("why", "WHY", path=place)])
    known = place[:3]
    assert project("{ book { must { id } } }", {"book": {"must": {"id": None}}}, failures=failures) == (
        {"book": None},
        [(known, "WHY")],
    )


def test_an_error_elsewhere_explains_nothing():
    failures = Failures(errors=[ClientError("why", "WHY", path=("list", 1)), ClientError("no place", "WHERE")])
    data = {"book": {"id": None}, "list": [{"id": "1"}, None]}
    assert project("{ book { id } list { id } }", data, failures=failures) == (
        {"book": None, "list": [{"id": "1"}, None]},
        [(("list", 1), "WHY"), (None, "WHERE"), (("book", "id"), "UNEXPECTED_NULL")],
    )


def test_errors_at_what_the_client_never_selected_move_to_the_object_above():
    failures = Failures(
        errors=[ClientError("a", "A", path=("list", 0, "_requires_price")), ClientError("b", "B", path=("x",))]
    )
    assert project("{ list { id } }", {"list": [{"id": "1"}]}, failures=failures) == (
        {"list": [{"id": "1"}]},
        [(("list", 0), "A"), (None, "B")],
    )


PLACES = [
    (("list", 0, "id"), ("list", 0, "id")),
    (("list", 1, "id"), ("list", 1, "id")),
    (("list", 0), ("list", 0)),
    (("list", 7, "id"), ("list",)),
    (("list", -1), ("list",)),
    (("list", "id"), ("list",)),
    (("list", 0, 0), ("list", 0)),
    (("list", 0, "id", "x"), ("list", 0, "id")),
    (("book", 0, "id"), ("book",)),
    (("book", "id"), ("book", "id")),
    (("grid", 0, 1), ("grid", 0, 1)),
    (("grid", 0, 1, 2), ("grid", 0, 1)),
    ((0,), None),
]


@pytest.mark.parametrize(("given", "known"), PLACES)
def test_errors_at_places_that_do_not_exist_move_to_the_nearest_that_does(given, known):
    failures = Failures(errors=[ClientError("m", "C", path=given)])
    data = {"list": [{"id": "1"}, None], "book": None, "grid": [[1, 2]]}
    _, errors = project("{ list { id } book { id } grid }", data, failures=failures)
    assert errors == [(known, "C")]


def test_a_failure_is_told_at_every_field_it_should_have_brought_also_below_objects_that_are_there():
    tree = {"book": {"id": "1", "next": {"id": "2"}}}
    failures = Failures()
    failures.add(Failure("down", "DOWN", "s"), [tree["book"]], {"title": {}, "next": {"pages": {}}})
    query = "{ book { id title pages next { id pages title } } }"
    assert project(query, tree, failures=failures) == (
        {"book": {"id": "1", "title": None, "pages": None, "next": {"id": "2", "pages": None, "title": None}}},
        [
            (("book", "title"), "DOWN"),
            (("book", "next", "pages"), "DOWN"),
            # That it was not even asked for may follow from what the failure left out.
            (("book", "next", "title"), "DEPENDENCY_FAILED"),
        ],
    )


def test_a_failure_that_no_field_shows_is_told_all_the_same():
    tree = {"book": {"id": "1"}}
    failures = Failures()
    failures.add(Failure("down", "DOWN", "s", path=("book",)), [tree["book"]], {"_requires_price": {}})
    assert project("{ book { id } }", tree, failures=failures) == ({"book": {"id": "1"}}, [(("book",), "DOWN")])


LEAVES = [
    ("{ book { id } }", {"id": 7}, {"id": "7"}),
    ("{ book { pages } }", {"pages": 3.0}, {"pages": 3}),
    (
        "{ odd { any genres } }",
        {"any": {"x": [1, None, "y"]}, "genres": ["FACT"]},
        {"any": {"x": [1, None, "y"]}, "genres": ["FACT"]},
    ),
    ("{ odd { any } }", {"any": 0}, {"any": 0}),
    ("{ node { ... on Movie { length } } }", {"__typename": "Movie", "length": 2}, {"length": 2}),
]


@pytest.mark.parametrize(("query", "node", "expected"), LEAVES)
def test_leaves_that_pass(query, node, expected):
    key = query.split()[1]
    assert project(query, {key: node}) == ({key: expected}, [])


WRONG_LEAVES = [
    ("title", 7, "INVALID_VALUE"),
    ("title", {"a": 1}, "INVALID_VALUE"),
    ("title", ["t"], "INVALID_VALUE"),
    ("pages", "3", "INVALID_VALUE"),
    ("pages", 3.5, "INVALID_VALUE"),
    ("pages", True, "INVALID_VALUE"),
    ("pages", 2**31, "INVALID_VALUE"),
    ("flag", 1, "INVALID_VALUE"),
    ("genre", "SECRET", "INVALID_ENUM_VALUE"),
    ("genre", 3, "INVALID_ENUM_VALUE"),
]


@pytest.mark.parametrize(("field", "value", "code"), WRONG_LEAVES)
def test_leaves_that_are_none_are_null_with_an_error(field, value, code):
    assert project(f"{{ book {{ {field} }} }}", {"book": {field: value}}) == (
        {"book": {field: None}},
        [(("book", field), code)],
    )


def test_a_wrong_value_is_not_repeated_in_its_error():
    projection = build_projection(ResponseTypes(SCHEMA), tree_of("{ book { genre } }"), {})
    _, (error,) = project_response(projection, {"book": {"genre": "SECRET"}}, Failures())
    assert error.message == "Book.genre: The value is not one of the enum Genre."


SHAPES = [
    ("{ book { id } }", {"book": [1]}),
    ("{ book { id } }", {"book": "x"}),
    ("{ list { id } }", {"list": {"id": "1"}}),
]


@pytest.mark.parametrize(("query", "data"), SHAPES)
def test_what_has_another_shape_is_null_with_an_error(query, data):
    (key,) = data
    assert project(query, data) == ({key: None}, [((key,), "INVALID_VALUE")])
