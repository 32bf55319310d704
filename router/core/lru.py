"""A cache that forgets the least recently used."""

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class LruCache(Generic[K, V]):
    """
    At most *entries_max* entries that weigh at most *weight_max* together.

    The weight keeps few very large entries from costing as much memory as the many small ones that *entries_max*
    is meant for. An entry heavier than the whole cache is not kept.
    """

    def __init__(self, *, entries_max: int, weight_max: int) -> None:
        self._entries_max = entries_max
        self._weight_max = weight_max
        self._entries: OrderedDict[K, tuple[V, int]] = OrderedDict()
        self.weight = 0

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: K) -> V | None:
        entry = self._entries.get(key)
        if entry is None:
            return None
        self._entries.move_to_end(key)
        return entry[0]

    def put(self, key: K, value: V, *, weight: int) -> None:
        if weight > self._weight_max:
            return
        if key in self._entries:
            self.weight -= self._entries.pop(key)[1]
        self._entries[key] = (value, weight)
        self.weight += weight
        while len(self._entries) > self._entries_max or self.weight > self._weight_max:
            _, (_, forgotten) = self._entries.popitem(last=False)
            self.weight -= forgotten
