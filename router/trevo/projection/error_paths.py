"""
Paths of errors, as far as the client can follow them.

A subgraph may fail at a key or a requirement that the client never selected, and it may name places that do not exist
at all. The error then belongs to the deepest place of its path that the client's response has, or had if the error
had not made it null.
"""

from functools import reduce
from typing import Any

from trevo.errors import ResponsePath
from trevo.operation.deferral import NOW, Mark, sooner
from trevo.projection.build import ListOf, NonNull, Projection, ResponseField, Selection, Shape


def known_path(projection: Projection, path: ResponsePath | None, data: dict[str, Any]) -> ResponsePath | None:
    """*path* cut off before the first part that has no place in the response of *data*; None if nothing is left."""
    if path is None:
        return None
    fields: list[ResponseField] = list(projection.root_fields)
    shapes: list[Shape] = []
    node: Any = data
    for position, part in enumerate(path):
        if isinstance(part, str):
            # Whatever a client calls `__typename`, no subgraph answers it under that name: it was something of ours;
            # and so was what the client may not read.
            answered = [
                field for field in fields if field.key == part and field.name != "__typename" and not field.is_denied
            ]
            shapes = [_nullable(field.shape) for field in answered]
        else:
            shapes = [_nullable(shape.of) for shape in shapes if isinstance(shape, ListOf)]
        if not shapes or not _may_have(node, part):
            return path[:position] or None
        fields = [below for shape in shapes if isinstance(shape, Selection) for below in _fields_of(shape)]
        node = _member(node, part)
    return path


def owner_of(projection: Projection, path: ResponsePath, data: dict[str, Any]) -> tuple[ResponsePath, Mark]:
    """The deepest field on *path*, which is known, of an object that is there; and for whom that is wanted."""
    fields: list[ResponseField] = list(projection.root_fields)
    found: list[ResponseField] = []
    owner, mark = path[:1], NOW
    node: Any = data
    for position, part in enumerate(path):
        if node is None:
            break
        node = _member(node, part)
        if isinstance(part, str):
            found = [field for field in fields if field.key == part]
            owner, mark = path[: position + 1], reduce(sooner, (field.deferred for field in found)) if found else mark
        fields = [each for field in found for each in _fields_at(field.shape, node)]
    return owner, mark


def _fields_at(shape: Shape, node: Any) -> list[ResponseField]:
    """The fields of *node* itself, where it is an object and says which."""
    selection = _selection(shape)
    if selection is None or not isinstance(node, dict):
        return []
    type_name = node.get("__typename")
    if type(type_name) is str and type_name in selection.possible:
        return list(selection.fields_of(type_name))
    return _fields_of(selection)


def _selection(shape: Shape) -> Selection | None:
    while isinstance(shape, (NonNull, ListOf)):
        shape = shape.of
    return shape if isinstance(shape, Selection) else None


def _may_have(node: Any, part: str | int) -> bool:
    """Whether *node* of the data tree has a member *part*, or is null: then the error may be the reason."""
    if isinstance(part, int):
        return node is None or (isinstance(node, list) and 0 <= part < len(node))
    return node is None or isinstance(node, dict)


def _member(node: Any, part: str | int) -> Any:
    if isinstance(node, dict):
        return node.get(part)
    return node[part] if isinstance(node, list) and isinstance(part, int) else None


def _nullable(shape: Shape) -> Shape:
    return shape.of if isinstance(shape, NonNull) else shape


def _fields_of(selection: Selection) -> list[ResponseField]:
    """The fields below, whatever the runtime type."""
    return [field for type_name in selection.possible for field in selection.fields_of(type_name)]
