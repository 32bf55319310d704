"""The written code against the interpreter: where the code answers at all, both answer alike."""

import json
from contextlib import suppress
from typing import Any

import pytest
from graphql import build_schema
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.router.operation_tree import tree_of
from trevo.execute.errors import Failure, Failures
from trevo.projection import project_response as module
from trevo.projection.build import Projection, ResponseTypes, build_projection
from trevo.projection.compile import Unusual, compile_projection
from trevo.projection.project_response import USES_BEFORE_COMPILING, project_response

SCHEMA = build_schema(
    """
    type Query { media: Media node: Node must: Book! list: [Book] musts: [Book!]! grid: [[Int!]]! any: Anything! }
    union Media = Book | Movie
    interface Node { id: ID! }
    type Book implements Node {
      id: ID! title: String pages: Int next: Book must: Media! genre: Genre! flag: Boolean price: Float tags: [String!]
    }
    type Movie implements Node { id: ID! title: String }
    enum Genre { FICTION FACT }
    scalar Anything
    """
)
QUERY = """
{
  a: __typename media { ...M } node { id ... on Movie { title } } must { ...B } list { ...B } musts { id } grid any
}
fragment M on Media { __typename ... on Book { ...B } ... on Movie { name: title } }
fragment B on Book { id title pages genre flag price tags next { id __typename } must { ... on Node { id } } }
"""


def projection_of(query: str = QUERY) -> Projection:
    return build_projection(ResponseTypes(SCHEMA), tree_of(query, SCHEMA), {})


COMPILED = compile_projection(projection_of())

FRAGMENTS = QUERY[QUERY.index("fragment M") :]
PARTS = [
    "{ media { ...M } } " + FRAGMENTS,
    "{ node { id ... on Movie { title } } }",
    "{ list { ...B } } " + FRAGMENTS[FRAGMENTS.index("fragment B") :],
    "{ musts { id title } must { id price } }",
    "{ grid any }",
]
PROJECTIONS = [projection_of(part) for part in PARTS]
WRITTEN = [compile_projection(projection) for projection in PROJECTIONS]

odd = st.sampled_from([None, "", "text", 7, 2**31, -1, 1.5, True, [], {}, [None], "FACT", "SECRET"])


def mostly(usual: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(*[usual] * 15, odd)


def objects(deeper: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    members = {
        "__typename": mostly(st.sampled_from(["Book", "Movie"])),
        "id": mostly(st.sampled_from(["1", "2"])),
        "genre": mostly(st.sampled_from(["FACT", "FICTION"])),
        "must": mostly(deeper),
    }
    optional = {
        "title": mostly(st.sampled_from(["t", None])),
        "name": mostly(st.sampled_from(["n", None])),
        "pages": mostly(st.integers(-5, 5)),
        "flag": mostly(st.booleans()),
        "price": mostly(st.floats(0, 9)),
        "tags": mostly(st.lists(mostly(st.sampled_from(["x", "y"])), max_size=2)),
        "next": mostly(deeper),
    }
    return st.fixed_dictionaries(members, optional=optional)


nodes = mostly(objects(objects(objects(odd))))
lists = mostly(st.lists(nodes, max_size=2))
trees = st.fixed_dictionaries(
    {
        "media": nodes,
        "node": nodes,
        "must": nodes,
        "list": lists,
        "musts": lists,
        "grid": mostly(st.lists(mostly(st.lists(mostly(st.integers(0, 3)), max_size=2)), max_size=2)),
        "any": mostly(st.just({"x": [1]})),
    },
)


@settings(max_examples=300, deadline=None)
@given(trees)
def test_where_the_code_answers_the_interpreter_answers_the_same_without_an_error(tree):
    for part, project in zip(PARTS, WRITTEN, strict=True):
        # Its first use, for which there is no code yet.
        interpreted, errors = project_response(projection_of(part), tree, Failures())
        with suppress(Exception):  # whatever it stumbles on, the interpreter takes over
            written = project(tree)
            if (repr(written), errors) != (repr(interpreted), []):
                pytest.fail(f"{written} is not {interpreted} with {errors}")


BOOK = {
    "__typename": "Book",
    "id": "1",
    "title": "t",
    "pages": 3,
    "genre": "FACT",
    "flag": False,
    "price": 1.5,
    "tags": ["x"],
    "next": {"id": "2"},
    "must": {"__typename": "Movie", "id": "3", "name": "n"},
    "_requires_more": {"x": 1},
}
TREE = {
    "media": BOOK,
    "node": {"id": "9"},
    "must": BOOK,
    "list": [BOOK, None],
    "musts": [BOOK],
    "grid": [[1, 2], None],
    "any": {"x": None},
}


def test_usual_data_is_written_by_the_code():
    written = COMPILED(TREE)
    assert written["media"] == {
        "__typename": "Book",
        "id": "1",
        "title": "t",
        "pages": 3,
        "genre": "FACT",
        "flag": False,
        "price": 1.5,
        "tags": ["x"],
        "next": {"id": "2", "__typename": "Book"},
        "must": {"id": "3"},
    }
    assert list(written) == ["a", "media", "node", "must", "list", "musts", "grid", "any"]


FAULTS = [
    ("must", None),
    ("must", {**BOOK, "id": None}),
    ("must", {**BOOK, "id": True}),
    ("must", {**BOOK, "id": 7.0}),
    ("must", {**BOOK, "price": True}),
    ("must", {**BOOK, "genre": "SECRET"}),
    ("must", {**BOOK, "pages": 2**31}),
    ("must", {**BOOK, "pages": True}),
    ("must", {**BOOK, "flag": 1}),
    ("must", {**BOOK, "tags": ["x", None]}),
    ("must", {**BOOK, "tags": "xy"}),
    ("must", {**BOOK, "next": "text"}),
    ("must", {**BOOK, "must": {"__typename": "Hidden"}}),
    ("media", {**BOOK, "__typename": "Hidden"}),
    ("media", {"id": "1"}),
    ("list", {}),
    ("grid", [[None]]),
    ("any", None),
]


@pytest.mark.parametrize(("key", "value"), FAULTS)
def test_the_code_leaves_every_fault_to_the_interpreter(key, value):
    with pytest.raises((Unusual, AttributeError, TypeError, KeyError)):
        COMPILED({**TREE, key: value})


def test_numbers_without_a_point_are_left_to_nobody_else():
    written = COMPILED({**TREE, "must": {**BOOK, "id": 7, "price": 2}})
    assert json.dumps([written["must"]["id"], written["must"]["price"]]) == '["7", 2]'


def test_code_is_written_for_an_operation_that_comes_back(monkeypatch):
    projection = projection_of("{ must { id } }")
    tree = {"must": {"id": "1"}}
    for _ in range(USES_BEFORE_COMPILING - 1):
        assert project_response(projection, tree, Failures()) == ({"must": {"id": "1"}}, [])
    assert projection.compiled is None
    assert project_response(projection, tree, Failures()) == ({"must": {"id": "1"}}, [])
    assert projection.compiled is not None

    def interpreter(*_args):
        raise AssertionError("the interpreter was asked")

    monkeypatch.setattr(module, "Projecting", interpreter)
    assert project_response(projection, tree, Failures()) == ({"must": {"id": "1"}}, [])
    failures = Failures(failures=[Failure("m", "C")])
    with pytest.raises(AssertionError, match="the interpreter was asked"):
        project_response(projection, tree, failures)
