"""
The configuration file: YAML that says where each of its values stands, and has no secrets in it.

    subgraph_urls:
      accounts: ${ACCOUNTS_URL:-http://accounts:8000/graphql}     from the environment, or else this
    headers:
      all:
        - insert: x-api-key
          value: ${API_KEY}                                       an error that names it where it is not set

`$${` stands for `${` itself. What YAML would pass over in silence, a key that is given twice, is refused.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

DEPTH_MAX = 20
"""Levels of lists and maps; an alias can be inside of what it stands for."""

Place = tuple[str | int, ...]
"""Keys, and positions in lists, from the top of the file."""

_REFERENCE = re.compile(r"\$(?P<escaped>\$)?\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)?(?P<default>:-[^}]*)?(?P<end>\})?")


class ConfigFault(ValueError):
    """A configuration that cannot be used; the message says where and why, and repeats no value."""


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """What a file says, and on which line."""

    path: Path
    values: dict[str, Any] = field(default_factory=dict)
    lines: dict[Place, int] = field(default_factory=dict)

    def line_of(self, place: Place) -> int | None:
        """The line of *place*, or of the nearest thing around it; None where the file does not speak of it at all."""
        return next((self.lines[place[:end]] for end in range(len(place), 0, -1) if place[:end] in self.lines), None)


def read_config(path: Path, environment: Mapping[str, str]) -> ConfigFile:
    """The file at *path*, with what it takes from *environment*. Raises ConfigFault and OSError."""
    with path.open("rb") as file:
        loader = yaml.SafeLoader(file)
        try:
            node = loader.get_single_node()
            reader = _Reader(path, loader, environment)
            values = {} if node is None else reader.read(node, ())
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            where = f"{path}, line {mark.line + 1}" if mark else f"{path}"
            raise ConfigFault(f"{where}: this is not YAML: {getattr(error, 'problem', None) or error}") from None
        finally:
            loader.dispose()
    if not isinstance(values, dict):
        raise ConfigFault(f"{path}: the file must be a map of settings, 'port: 4000'")
    return ConfigFile(path, values, reader.lines)


class _Reader:
    def __init__(self, path: Path, loader: yaml.SafeLoader, environment: Mapping[str, str]) -> None:
        self.lines: dict[Place, int] = {}
        self._path = path
        self._loader = loader
        self._environment = environment

    def read(self, node: yaml.Node, place: Place) -> Any:
        if len(place) > DEPTH_MAX:
            raise self._fault(node, f"more than {DEPTH_MAX} levels")
        if isinstance(node, yaml.MappingNode):
            return self._read_map(node, place)
        self.lines.setdefault(place, node.start_mark.line + 1)
        if isinstance(node, yaml.SequenceNode):
            return [self.read(item, (*place, position)) for position, item in enumerate(node.value)]
        value = self._loader.construct_object(node)
        return self._fill(node, value) if isinstance(value, str) else value

    def _read_map(self, node: yaml.MappingNode, place: Place) -> dict[str, Any]:
        self.lines.setdefault(place, node.start_mark.line + 1)
        values: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = key_node.value
            if not isinstance(key_node, yaml.ScalarNode) or key_node.tag.endswith(":merge"):
                raise self._fault(key_node, "a key must be a plain name")
            if key in values:
                raise self._fault(key_node, f"'{key}' is given twice")
            self.lines[(*place, key)] = key_node.start_mark.line + 1
            values[key] = self.read(value_node, (*place, key))
        return values

    def _fill(self, node: yaml.Node, text: str) -> str:
        def value_of(found: re.Match[str]) -> str:
            if found["escaped"]:
                return found[0][1:]
            if not found["name"] or not found["end"]:
                raise self._fault(node, "a reference is written ${NAME} or ${NAME:-default}")
            value = self._environment.get(found["name"])
            # As in a shell: an empty variable counts as unset where there is a default.
            if found["default"] is not None:
                return value or found["default"].removeprefix(":-")
            if value is None:
                raise self._fault(node, f"the environment has no {found['name']}")
            return value

        return _REFERENCE.sub(value_of, text)

    def _fault(self, node: yaml.Node, what: str) -> ConfigFault:
        return ConfigFault(f"{self._path}, line {node.start_mark.line + 1}: {what}")
