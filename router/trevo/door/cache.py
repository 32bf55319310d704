"""
A cache that knows what it holds in memory, and forgets the least recently used.

Counting entries, or the length of the text they were made of, bounds nothing: an answer of two megabytes may lie under
a key of ten bytes. So each entry is weighed once, when it is put in: its key and everything that it alone refers to.
"""

import sys
from collections import OrderedDict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from types import (
    BuiltinFunctionType,
    CodeType,
    FunctionType,
    GeneratorType,
    MethodType,
    ModuleType,
    NoneType,
)
from typing import Any, Generic, TypeVar

from graphql import GraphQLNamedType, GraphQLSchema

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

SHARED: tuple[type, ...] = (
    NoneType,
    type,
    ModuleType,
    FunctionType,
    BuiltinFunctionType,
    MethodType,
    CodeType,
    GeneratorType,
    GraphQLSchema,
    GraphQLNamedType,
)
"""What many entries refer to and none owns: it would be there without the cache."""


@dataclass(slots=True)
class _Entry(Generic[V]):
    value: V
    weight: int


class BoundedCache(Generic[K, V]):
    """
    Entries that weigh at most *bytes_max* together, and are at most *entries_max*.

    An entry heavier than the whole cache is not kept.
    """

    def __init__(self, *, bytes_max: int, entries_max: int) -> None:
        self._bytes_max = bytes_max
        self._entries_max = entries_max
        self._entries: OrderedDict[K, _Entry[V]] = OrderedDict()
        self.weight = 0
        """In bytes, of all entries."""

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: K) -> V | None:
        entry = self._entries.get(key)
        if entry is None:
            return None
        self._entries.move_to_end(key)
        return entry.value

    def put(self, key: K, value: V, *, weight: int | None = None) -> None:
        """
        Keep *value* under *key*.

        Weighing takes about as long as copying would. *weight* is `memory_of(key, value)` where that was worked out
        already, by the thread that made the value.
        """
        if weight is None:
            weight = memory_of(key, value)
        self.forget(key)
        if weight > self._bytes_max:
            return
        self._entries[key] = _Entry(value, weight)
        self.weight += weight
        while len(self._entries) > self._entries_max or self.weight > self._bytes_max:
            self.forget(next(iter(self._entries)))

    def forget(self, key: K) -> None:
        """Drop *key*; harmless where it is not kept."""
        entry = self._entries.pop(key, None)
        if entry is not None:
            self.weight -= entry.weight


def memory_of(*values: Any) -> int:
    """
    The bytes that *values* take with all that they refer to, each object counted once.

    What is shared (classes, functions, schemas and their types) is not counted, nor what is behind it.
    """
    seen: set[int] = set()
    waiting: list[Any] = list(values)
    total = 0
    while waiting:
        value = waiting.pop()
        if id(value) in seen:
            continue
        cls = type(value)
        members = _MEMBERS.get(cls)
        if members is None:
            members = _MEMBERS[cls] = _members_of(cls)
        if members is _SHARED:
            continue
        seen.add(id(value))
        total += sys.getsizeof(value)
        if members is _DICT:
            waiting += value.keys()
            waiting += value.values()
        elif members is _SEQUENCE:
            waiting += value
        else:
            waiting += [getattr(value, name, None) for name in members]
    return total


_SHARED: tuple[str, ...] = ("shared",)
_DICT: tuple[str, ...] = ("keys", "values")
_SEQUENCE: tuple[str, ...] = ("items",)

_MEMBERS: dict[type, tuple[str, ...]] = {}
"""By class, the names under which an object refers to others; or one of the three marks above."""


def _members_of(cls: type) -> tuple[str, ...]:
    if issubclass(cls, SHARED):
        return _SHARED
    if issubclass(cls, dict):
        return _DICT
    if issubclass(cls, (list, tuple, set, frozenset)):
        return _SEQUENCE
    names = [name for base in cls.__mro__ for name in _as_names(base.__dict__.get("__slots__", ()))]
    if hasattr(cls, "__dict__") and cls.__dictoffset__:
        names.append("__dict__")
    return tuple(name for name in names if name != "__weakref__")


def _as_names(slots: str | Iterable[str]) -> Iterable[str]:
    return (slots,) if isinstance(slots, str) else slots
