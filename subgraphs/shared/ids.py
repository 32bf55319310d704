"""Identifiers: time-ordered UUIDs (RFC 9562, version 7), made by the code that makes the thing."""

import os
import time
import uuid
from datetime import datetime

_MILLISECONDS = 1_000_000


def new_id() -> uuid.UUID:
    """A new identifier; later ones sort after earlier ones (to the millisecond), which keeps indexes compact."""
    milliseconds = time.time_ns() // _MILLISECONDS
    random = int.from_bytes(os.urandom(10))
    value = (milliseconds & 0xFFFF_FFFF_FFFF) << 80
    value |= 0x7 << 76 | (random >> 68 & 0xFFF) << 64
    value |= 0b10 << 62 | random & 0x3FFF_FFFF_FFFF_FFFF
    return uuid.UUID(int=value)


def least_id_at(instant: datetime) -> uuid.UUID:
    """No identifier made at *instant* or later sorts before this one."""
    return uuid.UUID(int=int(instant.timestamp() * 1000) << 80)
