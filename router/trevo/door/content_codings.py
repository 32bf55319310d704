"""
Content codings (RFC 9110, 8.4.1): bodies made smaller for their way, and read again within a bound.

gzip and deflate are Python's own. Brotli and Zstandard are there where their libraries are; nobody loads these who
does not use them.
"""

import sys
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from importlib import import_module
from types import ModuleType
from typing import Any, Protocol

GZIP_LEVEL, BROTLI_QUALITY, ZSTD_LEVEL = 1, 3, 1
"""Quick ones. `docs/compression.md` has what more would give, and cost."""
SMALL_GZIP_LEVEL = 6
"""Of a body that fits zlib's window: what `_gzip_whole` saves there pays for it twice over."""
ZSTD_WINDOW_LOG_MAX = 23
"""8 MB (RFC 8878, 3.1.1.1.2): what is packed with a wider window would need as much memory to be read."""
_GZIP, _ZLIB = 16 + zlib.MAX_WBITS, zlib.MAX_WBITS
_WINDOW_BITS_MIN = 9
_ALIASES = {"x-gzip": "gzip"}


class NotPacked(ValueError):
    """A body is not packed in the way that was said, or not wholly."""


class UnpacksToMore(Exception):
    """What a body stands for is larger than it may be."""


class Packer(Protocol):
    """Packs what comes piece by piece; whoever has a piece packed can read all of it."""

    def add(self, piece: bytes) -> bytes:
        """*piece*, packed."""
        ...

    def end(self) -> bytes:
        """What ends the whole."""
        ...


@dataclass(frozen=True, slots=True)
class Coding:
    """One content coding."""

    name: str
    """As headers have it."""
    pack: Callable[[bytes], bytes]
    begin: Callable[[], Packer]
    """A packer for a body that comes in pieces."""


def find_coding(name: str) -> Coding | None:
    """The coding called *name*, of those that bodies are packed in; None where its library is not there."""
    try:
        return _PACKED[name]()
    except ModuleNotFoundError:
        return None


def readable(names: Sequence[str]) -> tuple[str, ...]:
    """Those of *names* that `unpack` reads here."""
    return tuple(name for name in names if name == "deflate" or find_coding(name) is not None)


def canonical(name: str) -> str:
    """The coding that a header means by *name*."""
    lower = name.strip().lower()
    return _ALIASES.get(lower, lower)


def unpack(body: bytes, coding: str, bytes_max: int) -> bytes:
    """
    What *body* stands for in *coding* (as `canonical` gives it), unpacked no further than to *bytes_max*.

    Raises UnpacksToMore, and NotPacked, also where it breaks off, or something follows it.
    """
    reading, errors = _UNPACKED[coding](body)
    try:
        read: bytes = reading.read(body, bytes_max + 1)
    except errors as error:
        raise NotPacked(str(error)) from None
    if len(read) > bytes_max:
        raise UnpacksToMore
    if not reading.is_whole():
        raise NotPacked("cut off, or more than one")
    return read


# ── gzip and deflate ──


def _gzip() -> Coding:
    return Coding("gzip", _gzip_whole, _GzipPacker)


def _gzip_whole(body: bytes) -> bytes:
    """
    *body* packed at once.

    Most of what it costs to pack some kilobytes is to make and clear zlib's tables, a quarter of a megabyte. So they
    are as large as the body asks for: its size is known here.
    """
    bits = max(len(body).bit_length(), _WINDOW_BITS_MIN)
    if bits > zlib.MAX_WBITS:
        return zlib.compress(body, level=GZIP_LEVEL, wbits=_GZIP)
    packing = zlib.compressobj(SMALL_GZIP_LEVEL, zlib.DEFLATED, 16 + bits, min(bits - 6, zlib.DEF_MEM_LEVEL))
    return packing.compress(body) + packing.flush()


class _GzipPacker:
    def __init__(self) -> None:
        self._packing = zlib.compressobj(GZIP_LEVEL, zlib.DEFLATED, _GZIP)

    def add(self, piece: bytes) -> bytes:
        packed: bytes = self._packing.compress(piece) + self._packing.flush(zlib.Z_SYNC_FLUSH)
        return packed

    def end(self) -> bytes:
        return self._packing.flush()


@dataclass(slots=True)
class _Reading:
    """Unpacks one body: zlib's way, which Python's own Zstandard has too."""

    unpacking: Any

    def read(self, body: bytes, most: int) -> bytes:
        read: bytes = self.unpacking.decompress(body, most)
        return read

    def is_whole(self) -> bool:
        return bool(self.unpacking.eof) and not self.unpacking.unused_data


def _read_gzip(_body: bytes) -> tuple[_Reading, type[Exception]]:
    return _Reading(zlib.decompressobj(_GZIP)), zlib.error


def _read_deflate(body: bytes) -> tuple[_Reading, type[Exception]]:
    # With zlib's own two bytes in front, as the standard wants it, or without, as many did.
    has_front = bool(body) and body[0] & 0x0F == zlib.DEFLATED
    return _Reading(zlib.decompressobj(_ZLIB if has_front else -_ZLIB)), zlib.error


# ── Brotli ──


@cache
def _brotli_library() -> ModuleType:
    return import_module("brotli")


@cache
def _brotli() -> Coding:
    library = _brotli_library()
    return Coding("br", partial(library.compress, quality=BROTLI_QUALITY), lambda: _BrotliPacker(library))


class _BrotliPacker:
    def __init__(self, library: ModuleType) -> None:
        self._packing = library.Compressor(quality=BROTLI_QUALITY)

    def add(self, piece: bytes) -> bytes:
        packed: bytes = self._packing.process(piece) + self._packing.flush()
        return packed

    def end(self) -> bytes:
        end: bytes = self._packing.finish()
        return end


@dataclass(slots=True)
class _BrotliReading:
    unpacking: Any

    def read(self, body: bytes, most: int) -> bytes:
        read: bytes = self.unpacking.process(body, output_buffer_limit=most)
        return read

    def is_whole(self) -> bool:
        return bool(self.unpacking.is_finished())


def _read_brotli(_body: bytes) -> tuple[_BrotliReading, type[Exception]]:
    library = _brotli_library()
    return _BrotliReading(library.Decompressor()), library.error


# ── Zstandard ──


@cache
def _zstd_library() -> ModuleType:
    return import_module("compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd")


@cache
def _zstd() -> Coding:
    library = _zstd_library()
    return Coding("zstd", partial(library.compress, level=ZSTD_LEVEL), lambda: _ZstdPacker(library))


class _ZstdPacker:
    def __init__(self, library: ModuleType) -> None:
        self._packing = library.ZstdCompressor(level=ZSTD_LEVEL)

    def add(self, piece: bytes) -> bytes:
        packed: bytes = self._packing.compress(piece, self._packing.FLUSH_BLOCK)
        return packed

    def end(self) -> bytes:
        end: bytes = self._packing.flush()
        return end


def _read_zstd(_body: bytes) -> tuple[_Reading, type[Exception]]:
    library = _zstd_library()
    widest = {library.DecompressionParameter.window_log_max: ZSTD_WINDOW_LOG_MAX}
    return _Reading(library.ZstdDecompressor(options=widest)), library.ZstdError


_PACKED: dict[str, Callable[[], Coding]] = {"gzip": cache(_gzip), "br": _brotli, "zstd": _zstd}
_UNPACKED: dict[str, Callable[[bytes], tuple[Any, type[Exception]]]] = {
    "gzip": _read_gzip,
    "deflate": _read_deflate,
    "br": _read_brotli,
    "zstd": _read_zstd,
}
