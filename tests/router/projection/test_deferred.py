"""An answer in pieces, from a data tree made by hand: what is told when, and what many places cost."""

import gc
from time import thread_time

import pytest
from graphql import DocumentNode, build_schema, parse

from trevo.errors import ClientError
from trevo.execute.errors import Failures
from trevo.execute.long_work import TimeIsOver
from trevo.operation.deferral import defer_parts
from trevo.operation.tree import build_tree
from trevo.projection.build import ResponseTypes, build_projection
from trevo.projection.deferred import ResponseInPieces

SCHEMA = build_schema("type Query { book: Book books: [Book] } type Book { id: ID title: String next: Book must: ID! }")
LATE = ClientError("Too late.", "LATE")


def in_pieces(query, data, *, places_max=1_000_000):
    written = defer_parts(parse(query).definitions[0], {}, {}, 100)
    tree = build_tree(DocumentNode(definitions=(written,)), written)
    projection = build_projection(ResponseTypes(SCHEMA), tree, {})
    return ResponseInPieces(projection, data, Failures(), places_max=places_max)


def told(delivery):
    return (
        [place.number for place in delivery.announced],
        [piece.written.data for _, piece in delivery.pieces],
        [(place.number, [error.code for error in place.failed or ()]) for place in delivery.over],
    )


NESTED = "{ book { id ... @defer { title ... @defer { next { id ... @defer { title } } } } } }"
BOOK = {"id": "1", "title": "t", "next": {"id": "2", "title": "u"}}


def test_what_was_found_before_the_time_was_over_is_told_when_it_is_given_up():
    response = in_pieces(NESTED, {"book": BOOK})
    assert response.first() == ({"book": {"id": "1"}}, [])
    assert told(response.announce()) == ([0], [], [])

    def has(deferral):
        if deferral.number == 2:
            raise TimeIsOver
        return True

    with pytest.raises(TimeIsOver):
        response.next(has)
    assert told(response.give_up(LATE)) == ([1], [{"title": "t"}], [(0, []), (1, ["LATE"])])
    assert response.is_complete


def test_what_stands_in_a_fragment_that_is_given_up_is_never_told():
    response = in_pieces(NESTED, {"book": BOOK})
    response.first()
    assert told(response.give_up(LATE)) == ([0], [], [(0, ["LATE"])])
    assert response.is_complete


def test_more_places_than_the_bound_are_not_made():
    query = "{ books { id ... @defer { title } } }"
    response = in_pieces(query, {"books": [BOOK, BOOK]}, places_max=1)
    assert response.first() is None
    whole = {"books": [{"id": "1", "title": "t"}] * 2}
    assert (response.first(), told(response.announce())) == ((whole, []), ([], [], []))
    assert response.is_complete
    response = in_pieces(query, {"books": [BOOK, BOOK]}, places_max=2)
    response.first()
    assert told(response.announce()) == ([0, 1], [], [])


def test_what_would_make_more_later_comes_with_what_is_around_it():
    response = in_pieces(NESTED, {"book": BOOK}, places_max=2)
    response.first()
    assert told(response.next(lambda deferral: deferral.number < 3)) == ([0, 1], [{"title": "t"}], [(0, [])])
    assert response.is_full
    assert told(response.next(lambda _: True)) == ([], [{"next": {"id": "2", "title": "u"}}], [(1, [])])
    assert response.is_complete


@pytest.mark.parametrize(
    ("selected", "end"),
    [
        ("... @defer { title } ... @defer { next { id } }", lambda response: response.next(lambda _: True)),
        ("... @defer { must } ... @defer { title }", lambda response: response.next(lambda _: True)),
        ("... @defer { title } ... @defer { next { id } }", lambda response: response.give_up(LATE)),
    ],
    ids=["all comes", "some fail", "given up"],
)
def test_the_time_it_takes_grows_as_the_places_do(selected, end):
    def seconds(books):
        response = in_pieces(f"{{ books {{ id {selected} }} }}", {"books": [dict(BOOK) for _ in range(books)]})
        gc.disable()
        begun = thread_time()
        response.first()
        response.announce()
        assert len(end(response).over) == 2 * books
        taken = thread_time() - begun
        gc.enable()
        return taken

    few, many = (min(seconds(books) for _ in range(3)) for books in (300, 2_400))
    # Eight times as many; each looking at all the others would make it 64.
    assert many < 24 * few
