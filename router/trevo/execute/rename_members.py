"""
Giving members back the names the client knows.

A planner asks for a field under an internal alias where a subgraph would refuse two fields of one name, or where a
requirement reads the same field with other arguments. After the fetch the alias becomes the client's key again, in
the data and in the paths of errors.
"""

from typing import Any

from trevo.execute.long_work import watched
from trevo.execute.merge_response import merge_object
from trevo.execute.response_path import find_objects
from trevo.plan.nodes import Key, Rename


def rename_members(root: dict[str, Any], renames: tuple[Rename, ...]) -> None:
    """Apply *renames* below *root*, in order, in place."""
    for rename in renames:
        for node in watched(find_objects(root, rename.path)):
            if rename.source in node:
                # Another type's part of the same object may stand under the name already.
                merge_object(node, {rename.target: node.pop(rename.source)}, [])


def rename_path(path: tuple[str | int, ...], renames: tuple[Rename, ...]) -> tuple[str | int, ...]:
    """*path*, relative to the fetched object, with every internal alias replaced."""
    for rename in renames:
        index = _index_below(path, [segment.name for segment in rename.path if isinstance(segment, Key)])
        if index is not None and index < len(path) and path[index] == rename.source:
            path = (*path[:index], rename.target, *path[index + 1 :])
    return path


def _index_below(path: tuple[str | int, ...], keys: list[str]) -> int | None:
    """Where in *path* the member below *keys* stands; list indices are passed over."""
    remaining = iter(keys)
    expected = next(remaining, None)
    for index, part in enumerate(path):
        if isinstance(part, int):
            continue
        if expected is None:
            return index
        if part != expected:
            return None
        expected = next(remaining, None)
    return None
