"""
From a path in a subgraph's answer to the places in the client's response.

    in the answer      _entities . 1 . _alias . text
    for the client     topProducts . 0 . reviews . 3 . body . text      and wherever else that entity stands

An answer to `_entities` knows only its own numbering; the entity behind a number may stand at many places of the tree.
"""

from collections.abc import Iterable
from typing import Any

from trevo.core.errors import ResponsePath
from trevo.executor.rename_members import rename_path
from trevo.executor.representations import Collected
from trevo.executor.response_path import locate_objects
from trevo.plan.nodes import EntityCall, Fetch, Path

Place = tuple[ResponsePath | None, dict[str, Any] | None, ResponsePath]
"""The client's path (None: nowhere in particular), the object it goes through, and the rest of it below that object."""

NOWHERE: Place = (None, None, ())


class Places:
    """The places of one fetch. The tree is walked for them only when something has to be told."""

    def __init__(self, fetch: Fetch, collected: list[Collected], data: dict[str, Any]) -> None:
        self._fetch = fetch
        self._collected = collected
        self._data = data
        self._found: dict[int, list[ResponsePath]] | None = None

    def of_object(self, node: dict[str, Any]) -> list[ResponsePath]:
        """Every place where the fetch found *node*."""
        if self._found is None:
            self._found = {}
            paths = [path for call in self._fetch.calls for path in call.paths] or [self._fetch.path]
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
        if not self._fetch.calls:
            rest = rename_path(path, self._fetch.renames)
            return [((*trail, *rest), node, rest) for node, trail in locate_objects(self._data, self._fetch.path)]
        for call, one in zip(self._fetch.calls, self._collected, strict=True):
            if path[0] == call.response_key:
                return self._in_call(call, one, path[1:])
        return [NOWHERE]

    def _in_call(self, call: EntityCall, one: Collected, path: ResponsePath) -> list[Place]:
        index = path[0] if path else None
        if not isinstance(index, int) or not 0 <= index < len(one.waiting):
            return [NOWHERE]
        rest = rename_path(path[1:], call.renames)
        # An object that two of the call's paths lead to waits twice.
        waiting = {id(node): node for node in one.waiting[index]}.values()
        return [((*trail, *rest), node, rest) for node in waiting for trail in self.of_object(node)]


def locate_object(node: dict[str, Any], paths: Iterable[Path], data: dict[str, Any]) -> ResponsePath | None:
    """The first place where one of *paths* finds *node*."""
    for path in paths:
        for found, trail in locate_objects(data, path):
            if found is node:
                return trail
    return None
