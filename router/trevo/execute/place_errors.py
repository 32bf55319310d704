"""
From a path in a subgraph's answer to the places in the client's response.

    in the answer      _entities . 1 . _alias . text
    for the client     topProducts . 0 . reviews . 3 . body . text      and wherever else that entity stands

An answer to `_entities` knows only its own numbering; the entity behind a number may stand at many places of the tree.
"""

from collections.abc import Iterable
from typing import Any

from trevo.errors import ResponsePath
from trevo.execute.rename_members import rename_path
from trevo.execute.request import Asked, Request
from trevo.execute.response_path import locate_objects
from trevo.plan.nodes import Path

Place = tuple[ResponsePath | None, dict[str, Any] | None, ResponsePath]
"""The client's path (None: nowhere in particular), the object it goes through, and the rest of it below that object."""

NOWHERE: Place = (None, None, ())


class Places:
    """The places of one request. The tree is walked for them only when something has to be told."""

    def __init__(self, request: Request, data: dict[str, Any]) -> None:
        self._fetch = request.fetch.node
        self._calls = request.calls
        self._data = data
        self._found: dict[int, list[ResponsePath]] | None = None

    def of_object(self, node: dict[str, Any]) -> list[ResponsePath]:
        """Every place where the fetch found *node*."""
        if self._found is None:
            self._found = {}
            paths = [path for asked in self._calls.values() for path in asked.call.node.paths] or [self._fetch.path]
            for path in dict.fromkeys(paths):
                for found, trail in locate_objects(self._data, path):
                    trails = self._found.setdefault(id(found), [])
                    if trail not in trails:
                        trails.append(trail)
        return self._found.get(id(node), [])

    def of_error(self, path: ResponsePath | None) -> list[Place]:
        """Every place of the client's that *path*, in the subgraph's answer, stands for."""
        if path is None:
            return [NOWHERE]
        if not self._calls:
            rest = rename_path(path, self._fetch.renames)
            return [((*trail, *rest), node, rest) for node, trail in locate_objects(self._data, self._fetch.path)]
        asked = self._calls.get(str(path[0]))
        return [NOWHERE] if asked is None else self._in_call(asked, path[1:])

    def _in_call(self, asked: Asked, path: ResponsePath) -> list[Place]:
        index = path[0] if path else None
        if not isinstance(index, int) or not 0 <= index < len(asked.collected.waiting):
            return [NOWHERE]
        rest = rename_path(path[1:], asked.call.node.renames)
        # An object that two of the call's paths lead to waits twice.
        waiting = {id(node): node for node in asked.collected.waiting[index]}.values()
        return [((*trail, *rest), node, rest) for node in waiting for trail in self.of_object(node)]


def locate_object(node: dict[str, Any], paths: Iterable[Path], data: dict[str, Any]) -> ResponsePath | None:
    """The first place where one of *paths* finds *node*."""
    for path in paths:
        for found, trail in locate_objects(data, path):
            if found is node:
                return trail
    return None
