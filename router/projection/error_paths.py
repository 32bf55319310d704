"""
Paths of errors, as far as the client can follow them.

A subgraph may fail at a key or a requirement that the client never selected. The error then belongs to the object
above it: the deepest place of the path that exists in the client's response.
"""

from router.core.errors import ResponsePath
from router.projection.build import Field, ListOf, NonNull, Projection, Selection, Shape


def known_path(projection: Projection, path: ResponsePath | None) -> ResponsePath | None:
    """*path* cut off before the first part that the client did not select; None if nothing is left."""
    if path is None:
        return None
    fields = list(projection.root_fields)
    for position, part in enumerate(path):
        if isinstance(part, int):
            continue
        matching = [field for field in fields if field.key == part]
        if not matching:
            return path[:position] or None
        fields = [below for field in matching for below in _fields_below(field)]
    return path


def _fields_below(field: Field) -> list[Field]:
    shape: Shape = field.shape
    while isinstance(shape, (NonNull, ListOf)):
        shape = shape.of
    if not isinstance(shape, Selection):
        return []
    return [field for type_name in shape.possible for field in shape.fields_of(type_name)]
