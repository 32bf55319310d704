"""
A cache that knows what it holds in memory, and forgets the least recently used.

Where anybody can put entries in, most may never be asked for again: a client that writes values into its texts sends
another text each time. Such entries would take all the room, and push out those that are asked for again and again. So
what was not asked for since it was put in may be bounded more tightly than what was. Those that go by this bound are
remembered for a while by a number: what is put in again after all was worth keeping. (The field calls this 2Q.)

Counting entries, or the length of the text they were made of, bounds nothing: an answer of two megabytes may lie under
a key of ten bytes. So each entry is weighed once, when it is put in: its key and everything that it alone refers to.
"""

import sys
from collections import OrderedDict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from math import inf
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

    Those that nobody has asked for since they were put in weigh at most *once_bytes_max* of it; without it there is no
    such bound, and the least recently used go first. An entry heavier than the whole cache is not kept.
    """

    def __init__(self, *, bytes_max: int, entries_max: int, once_bytes_max: int | None = None) -> None:
        self._bytes_max = bytes_max
        self._entries_max = entries_max
        self._once_bytes_max = inf if once_bytes_max is None else once_bytes_max
        self._entries: OrderedDict[K, _Entry[V]] = OrderedDict()
        self._once: OrderedDict[K, None] = OrderedDict()
        """The keys of those that nobody has asked for yet, in the order in which they came."""
        self._once_weight = 0
        self._gone: OrderedDict[int, None] = OrderedDict()
        """The hashes of keys that went before anybody asked for them again."""
        self.weight = 0
        """In bytes, of all entries."""

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: K) -> V | None:
        entry = self._entries.get(key)
        if entry is None:
            return None
        self._entries.move_to_end(key)
        self._leave_once(key, entry)
        return entry.value

    def look(self, key: K) -> V | None:
        """What is kept under *key*, without asking for it."""
        entry = self._entries.get(key)
        return None if entry is None else entry.value

    def put(self, key: K, value: V, *, weight: int | None = None) -> None:
        """
        Keep *value* under *key*.

        Weighing takes about as long as copying would. *weight* is `memory_of(key, value)` where that was worked out
        already, by the thread that made the value.
        """
        if weight is None:
            weight = memory_of(key, value)
        is_first = key in self._once if key in self._entries else hash(key) not in self._gone
        self.forget(key)
        if weight > self._bytes_max:
            return
        self._entries[key] = _Entry(value, weight)
        self.weight += weight
        if is_first:
            self._once[key] = None
            self._once_weight += weight
            self._bound_once()
        while len(self._entries) > self._entries_max or self.weight > self._bytes_max:
            self.forget(next(iter(self._entries)))

    def forget(self, key: K) -> None:
        """Drop *key*; harmless where it is not kept."""
        entry = self._entries.pop(key, None)
        if entry is not None:
            self.weight -= entry.weight
            self._leave_once(key, entry)

    def _bound_once(self) -> None:
        # The newest stays, however heavy: nobody can have asked for it again yet.
        while self._once_weight > self._once_bytes_max and len(self._once) > 1:
            key = next(iter(self._once))
            self.forget(key)
            self._gone[hash(key)] = None
            if len(self._gone) > self._entries_max:
                self._gone.popitem(last=False)

    def _leave_once(self, key: K, entry: _Entry[V]) -> None:
        """Count *key* no longer among those that nobody has asked for again."""
        if key in self._once:
            del self._once[key]
            self._once_weight -= entry.weight


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
