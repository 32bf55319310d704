"""
The one readable form of a projection, for `explain projection`, logs and tests.

    Query
      media: [Media!]
        Book
          id: ID!
          heading: String (title)
        Movie
          id: ID!
"""

from collections.abc import Iterator

from trevo.projection.build import (
    Denied,
    Introspection,
    LeafShape,
    ListOf,
    NonNull,
    Projection,
    ResponseField,
    Selection,
    Shape,
)


def print_projection(projection: Projection) -> str:
    """*projection* with the fields of every possible type."""
    return "\n".join([projection.root_type_name, *_fields(projection.root_fields, 1)]) + "\n"


def _fields(fields: tuple[ResponseField, ...], level: int) -> Iterator[str]:
    indent = "  " * level
    for field in fields:
        name = "" if field.key == field.name else f" ({field.name})"
        if field.type_name is not None:
            yield f'{indent}{field.key}: "{field.type_name}"{name}'
            continue
        yield f"{indent}{field.key}: {_shape(field.shape)}{name}"
        selection = _selection(field.shape)
        if selection is None:
            continue
        if selection.possible == {selection.type.name}:
            yield from _fields(selection.fields_of(selection.type.name), level + 1)
            continue
        for type_name in sorted(selection.possible):
            yield f"{indent}  {type_name}"
            yield from _fields(selection.fields_of(type_name), level + 2)


def _shape(shape: Shape) -> str:
    match shape:
        case NonNull():
            return f"{_shape(shape.of)}!"
        case ListOf():
            return f"[{_shape(shape.of)}]"
        case LeafShape():
            return shape.type_name
        case Introspection():
            return "introspection"
        case Denied():
            return "denied"
        case Selection():
            return shape.type.name


def _selection(shape: Shape) -> Selection | None:
    while isinstance(shape, (NonNull, ListOf)):
        shape = shape.of
    return shape if isinstance(shape, Selection) else None
