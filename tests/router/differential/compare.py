"""
In what an answer is not as good as the one expected.

`differences` is strict. Data must be equal, the order of keys included. Errors must explain the same nulls: each error
is followed down the data to the null it stands at, and both answers must come to the same places. A router may add an
error about a requirement, which no client selected, above the field that failed because of it.

`unexplained` is for answers from subgraphs in trouble, where nothing says how much may be lost: whatever is there must
be right, and whatever is not must have an error that stands at it, above it or below it.
"""

from collections.abc import Iterator
from typing import Any

import orjson

Place = tuple[str | int, ...]


def differences(expected: dict[str, Any], actual: dict[str, Any]) -> list[str]:
    if "data" not in actual:
        return _refusals(actual)
    # Not sorted: the order of the keys is part of the answer.
    if orjson.dumps(expected["data"]) != orjson.dumps(actual.get("data")):
        return ["the data differ"]
    wanted = {_null_place(expected["data"], each) for each in _paths(expected)}
    found = {_null_place(actual["data"], each) for each in _paths(actual)}
    problems = [f"no error explains the null at {place}" for place in sorted(wanted - found, key=str)]
    return problems + [
        f"an error at {place}, where the plain schema has none"
        for place in sorted(found - wanted, key=str)
        if not _stands_above_a_failure(place, wanted, actual["data"])
    ]


def unexplained(expected: dict[str, Any], actual: dict[str, Any]) -> list[str]:
    if "data" not in actual:
        return _refusals(actual)
    paths = [path for path in _paths(actual) if path is not None]
    return list(_unexplained(expected["data"], actual["data"], (), paths))


def _refusals(actual: dict[str, Any]) -> list[str]:
    return [f"the router refuses: {each['message']}" for each in actual["errors"]]


def _unexplained(expected: Any, actual: Any, place: Place, paths: list[Place]) -> Iterator[str]:
    if actual is None and expected is not None:
        if not any(path[: len(place)] == place[: len(path)] for path in paths):
            yield f"in trouble, nothing explains the null at {place}"
    elif isinstance(actual, dict) and isinstance(expected, dict) and list(actual) == list(expected):
        for key, value in actual.items():
            yield from _unexplained(expected[key], value, (*place, key), paths)
    elif isinstance(actual, list) and isinstance(expected, list) and len(actual) == len(expected):
        for index, value in enumerate(actual):
            yield from _unexplained(expected[index], value, (*place, index), paths)
    elif orjson.dumps(actual) != orjson.dumps(expected):
        yield f"in trouble, a wrong value stands at {place}"


def _stands_above_a_failure(place: Place | None, wanted: set[Place | None], data: Any) -> bool:
    """Whether an error at *place*, where nothing is null, is about what a failed field below depends on."""
    if place is None or _at(data, place) is None:
        return False
    return any(other is not None and other[: len(place)] == place for other in wanted)


def _paths(answer: dict[str, Any]) -> list[Place | None]:
    paths = (each.get("path") for each in answer.get("errors") or ())
    return [None if path is None else tuple(path) for path in paths]


def _null_place(data: Any, path: Place | None) -> Place | None:
    """The first part of *path* that leads to a null of *data*; as much of it as exists where there is none."""
    if path is None:
        return None
    for length, part in enumerate(path):
        if data is None:
            return path[:length]
        is_there = (isinstance(data, dict) and part in data) or (
            isinstance(data, list) and isinstance(part, int) and part < len(data)
        )
        if not is_there:
            return path[:length]
        data = data[part]
    return path


def _at(data: Any, place: Place) -> Any:
    for part in place:
        data = data[part]
    return data
