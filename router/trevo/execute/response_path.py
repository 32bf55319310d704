"""
Following a plan's path through the data tree.

    path      users . @ . reviews . @ . product . |[Book]
    finds     every Book that a review of a user points to, in the order of the tree

The plain walk goes level by level and keeps no account of where it is, because it runs on every fetch. The located
walk, which an error needs to say where it belongs, finds the same objects in the same order.
"""

from collections.abc import Iterator
from typing import Any

from trevo.errors import ResponsePath
from trevo.plan.nodes import Each, Key, OnTypes, Path

Located = tuple[Any, ResponsePath]


def find_objects(root: Any, path: Path) -> list[dict[str, Any]]:
    """The objects at *path* below *root*; nulls and what has another shape are passed over."""
    level: list[Any] = [root]
    for segment in path:
        match segment:
            case Key(name):
                level = [value for node in level if type(node) is dict and (value := node.get(name)) is not None]
            case Each():
                level = [item for node in level if type(node) is list for item in node if item is not None]
            case OnTypes(type_names):
                level = [node for node in level if type(node) is dict and _is_one_of(node, type_names)]
    return [node for node in level if type(node) is dict]


Above = tuple[dict[str, Any], "Above | None"]
"""The object whose field led somewhere, and what is above it."""


def find_objects_below(root: Any, path: Path) -> list[tuple[dict[str, Any], Above | None]]:
    """The same objects in the same order, each with those above it."""
    level: list[tuple[Any, Above | None]] = [(root, None)]
    for segment in path:
        match segment:
            case Key(name):
                level = [
                    (value, (node, above))
                    for node, above in level
                    if type(node) is dict and (value := node.get(name)) is not None
                ]
            case Each():
                level = [
                    (item, above) for node, above in level if type(node) is list for item in node if item is not None
                ]
            case OnTypes(type_names):
                level = [(node, above) for node, above in level if type(node) is dict and _is_one_of(node, type_names)]
    return [(node, above) for node, above in level if type(node) is dict]


def member_of(node: Any, part: str | int) -> Any:
    """What stands at *part* of an object or a list; None where there is nothing."""
    if isinstance(node, dict):
        return node.get(str(part))
    if isinstance(node, list) and isinstance(part, int) and 0 <= part < len(node):
        return node[part]
    return None


def objects_in(value: Any) -> Iterator[dict[str, Any]]:
    """The object that *value* is, or those in the list, or in the lists in the list."""
    if type(value) is dict:
        yield value
    elif type(value) is list:
        for item in value:
            yield from objects_in(item)


def locate_objects(root: Any, path: Path) -> list[tuple[dict[str, Any], ResponsePath]]:
    """The same objects in the same order, each with the keys and indices that lead to it."""
    level: list[Located] = [(root, ())]
    for segment in path:
        level = [found for node, trail in level for found in _step(node, trail, segment)]
    return [(node, trail) for node, trail in level if type(node) is dict]


def _step(node: Any, trail: ResponsePath, segment: Key | Each | OnTypes) -> Iterator[Located]:
    match segment:
        case Key(name):
            if type(node) is dict and (value := node.get(name)) is not None:
                yield value, (*trail, name)
        case Each():
            if type(node) is list:
                for index, item in enumerate(node):
                    if item is not None:
                        yield item, (*trail, index)
        case OnTypes(type_names):
            if type(node) is dict and _is_one_of(node, type_names):
                yield node, trail


def _is_one_of(node: dict[str, Any], type_names: frozenset[str]) -> bool:
    # Planners ask for __typename wherever types can differ, so an object without it is of the one possible type.
    type_name = node.get("__typename")
    return type_name is None or (type(type_name) is str and type_name in type_names)
