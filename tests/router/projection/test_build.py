"""What projections have in common, and what of them is there at once."""

from collections.abc import Iterator

import pytest
from graphql import build_schema

from tests.router.operation_tree import tree_of
from trevo.projection.build import NonNull, Projection, ResponseField, ResponseTypes, Selection, build_projection

SCHEMA = build_schema(
    """
    type Query { book: Book other: Book media: Media }
    union Media = Book | Film
    type Book { id: ID! title: String next: Book author: Person! }
    type Film { id: ID! lead: Person }
    type Person { id: ID! name: String books: [Book] }
    """
)
TYPES = ResponseTypes(SCHEMA)


def projection_of(text: str) -> Projection:
    return build_projection(TYPES, tree_of(text, SCHEMA), {})


def selection_of(field: ResponseField) -> Selection:
    shape = field.shape.of if isinstance(field.shape, NonNull) else field.shape
    assert isinstance(shape, Selection)
    return shape


def test_what_is_selected_alike_in_two_places_is_one_object() -> None:
    projection = projection_of(
        """{ book { author { ...P } next { author { ...P } ...B } } other { ...B author { ...P name } } }
        fragment P on Person { id name } fragment B on Book { next { title } }"""
    )
    book, other = projection.root_fields
    author, further = selection_of(book).fields_of("Book")
    _, next_of_next = selection_of(further).fields_of("Book")
    next_of_other, longer = selection_of(other).fields_of("Book")
    assert next_of_next is next_of_other
    # These stand in different places of the text, and one of them selects more.
    assert [each.name for each in selection_of(author).fields_of("Person")] == ["id", "name"]
    assert longer is not author


def test_where_an_object_type_stands_everything_is_there_at_once_and_where_an_abstract_one_does_by_type() -> None:
    book, media = projection_of("{ book { author { name } } media { ... on Film { lead { id } } } }").root_fields
    (author,) = selection_of(book).fields or ()
    assert [each.name for each in selection_of(author).fields or ()] == ["name"]
    assert (selection_of(media).fields, selection_of(media).by_type) == (None, None)
    (lead,) = selection_of(media).fields_of("Film")
    assert [each.name for each in selection_of(lead).fields or ()] == ["id"]
    assert list(selection_of(media).by_type or ()) == ["Film"]
    assert selection_of(media).fields_of("Book") == ()


@pytest.mark.parametrize("depth", [3, 20])
def test_fragments_that_are_spread_twice_at_each_level_are_worked_out_once(depth: int) -> None:
    """Written out they would be a million."""
    fragments = (
        f"fragment F{level} on Book {{ next {{ ...F{level + 1} }} again: next {{ ...F{level + 1} }} }}"
        for level in range(depth)
    )
    text = f"{{ book {{ ...F0 }} }} fragment F{depth} on Book {{ title }} {' '.join(fragments)}"
    (book,) = projection_of(text).root_fields
    assert len({id(each) for each in _all_below(book)}) == 1 + 2 * depth + 2


def _all_below(field: ResponseField) -> Iterator[ResponseField]:
    seen, waiting = set(), [field]
    while waiting:
        each = waiting.pop()
        if id(each) in seen:
            continue
        seen.add(id(each))
        yield each
        if isinstance(each.shape, Selection):
            waiting += each.shape.fields_of(each.shape.type.name)


def test_leaves_of_one_type_are_one_for_all_operations() -> None:
    (first,), (second,) = (
        projection_of(text).root_fields for text in ("{ book { id title } }", "{ other { id title } }")
    )
    for one, other in zip(selection_of(first).fields_of("Book"), selection_of(second).fields_of("Book"), strict=True):
        assert one.shape is other.shape
