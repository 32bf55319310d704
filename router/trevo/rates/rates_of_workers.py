"""
Buckets that several processes of one machine count in together: a table in memory that they share.

A bucket may lie in one of the eight slots of its row; the fullest makes way, which is the one that would be missed
least. A row is locked while one bucket is taken from, by a lock of the system's, which a process that dies lets go.
The rows are found by a keyed hash, so that nobody can choose whose bucket theirs makes way for.
"""

import fcntl
import mmap
import os
import struct
import tempfile
import time
from hashlib import blake2b

from trevo.door.rates import Rate, take

_SLOT = struct.Struct("<Qd")
"""Whose it is, and when it is full again."""
_SLOTS = 8
_ROW_BYTES = _SLOT.size * _SLOTS


def _size(buckets_max: int) -> int:
    return max(buckets_max // _SLOTS, 1) * _ROW_BYTES


def make_table(buckets_max: int) -> int:
    """A file descriptor of an empty table for `WorkersStore`, to be handed to the processes that count in it."""
    if hasattr(os, "memfd_create"):
        table = os.memfd_create("rates")
    else:
        with tempfile.TemporaryFile() as file:
            table = os.dup(file.fileno())
    os.truncate(table, _size(buckets_max))
    return table


class WorkersStore:
    """The buckets in *table*, of which *buckets_max* are remembered, for all who have it and know *key*."""

    def __init__(self, table: int, buckets_max: int, key: bytes) -> None:
        self._file = table
        self._key = key
        self._rows = _size(buckets_max) // _ROW_BYTES
        self._table = mmap.mmap(table, _size(buckets_max))

    async def take(self, key: str, rate: Rate, tokens: int) -> float:
        """Take *tokens* out of the bucket *key*; seconds to wait where there were not enough, else 0."""
        digest = blake2b(key.encode("utf-8", "surrogatepass"), digest_size=8, key=self._key).digest()
        number = int.from_bytes(digest, "little") | 1  # 0 is a slot that nobody has
        start = (number >> 1) % self._rows * _ROW_BYTES
        fcntl.lockf(self._file, fcntl.LOCK_EX, _ROW_BYTES, start)
        try:
            slots = list(_SLOT.iter_unpack(self._table[start : start + _ROW_BYTES]))
            position = next((at for at, (whose, _) in enumerate(slots) if whose == number), None)
            full_at = 0.0 if position is None else slots[position][1]
            if position is None:
                position = min(range(_SLOTS), key=lambda at: slots[at][1])
            # The monotonic clock is the machine's, so it is the same for all.
            taken = take(rate, full_at, time.monotonic(), tokens)
            _SLOT.pack_into(self._table, start + position * _SLOT.size, number, taken.full_at)
        finally:
            fcntl.lockf(self._file, fcntl.LOCK_UN, _ROW_BYTES, start)
        return taken.retry_after

    async def close(self) -> None:
        self._table.close()
