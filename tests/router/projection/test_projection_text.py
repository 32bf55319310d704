from graphql import build_schema

from tests.router.operation_tree import tree_of
from trevo.projection.build import ResponseTypes, build_projection
from trevo.projection.text import print_projection

SCHEMA = build_schema(
    """
    type Query { media: [Media!] book: Book }
    union Media = Book | Movie
    type Book { id: ID! title: String next: [Book]! }
    type Movie { id: ID! }
    """
)


def test_a_projection_is_printed_with_the_fields_of_every_type():
    operation = tree_of(
        """
        query ($full: Boolean!) {
          media { __typename ... on Book { heading: title @include(if: $full) next { id } } ...F }
          __schema { description }
          book { kind: __typename id }
        }
        fragment F on Movie { id }
        """
    )
    assert operation.condition_names == ("full",)
    projection = build_projection(ResponseTypes(SCHEMA), operation, {"full": True})
    assert print_projection(projection) == (
        "Query\n"
        "  media: [Media!]\n"
        "    Book\n"
        '      __typename: "Book"\n'
        "      heading: String (title)\n"
        "      next: [Book]!\n"
        "        id: ID!\n"
        "    Movie\n"
        '      __typename: "Movie"\n'
        "      id: ID!\n"
        "  __schema: introspection\n"
        "  book: Book\n"
        '    kind: "Book" (__typename)\n'
        "    id: ID!\n"
    )
