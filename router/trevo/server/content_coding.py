"""
Bodies that are smaller on their way (RFC 9110, 8.4): answers as clients take them, requests as they send them.

A usual answer is packed at once, which takes some hundredths of a millisecond; a large one in a thread, so that nobody
waits for it. An answer that several clients share is packed once for each coding. Nothing is looked at for a client
that does not ask for a coding.
"""

from asyncio import to_thread
from functools import lru_cache
from typing import NamedTuple

from trevo.config.compression import Compression
from trevo.config.limits import Limits
from trevo.door.content_codings import Coding, NotPacked, UnpacksToMore, canonical, find_coding, readable, unpack
from trevo.execute.long_work import LARGE_BYTES
from trevo.gateway.result import Result
from trevo.server.media_types import KNOWN_CHARACTERS_MAX, quality_of, unsupported
from trevo.server.read_request import bad_request, too_large

IDENTITY = "identity"
_READ = ("gzip", "deflate", "br", "zstd")


class Chosen(NamedTuple):
    """What a client takes of what there is."""

    coding: str
    is_needed: bool = False
    """Whether it does not take a body as it is."""


def choose_coding(accept_encoding: str, offered: tuple[str, ...]) -> Chosen:
    """
    The coding of *offered* that a client likes best, the first among equals; or the body as it is (RFC 9110, 12.5.3).

    Where nothing that there is would be taken, it is the body as it is all the same: to be refused for that after the
    work has been done would help nobody.
    """
    choosing = _choose_known if len(accept_encoding) <= KNOWN_CHARACTERS_MAX else _choose
    return choosing(accept_encoding, offered)


def _choose(accept_encoding: str, offered: tuple[str, ...]) -> Chosen:
    qualities: dict[str, float] = {}
    for part in accept_encoding.split(","):
        name, _, parameter = part.partition(";")
        key, _, value = parameter.partition("=")
        qualities[canonical(name)] = quality_of(value.strip() if key.strip().lower() == "q" else None)
    others = qualities.get("*", 0.0)
    best = max(offered, key=lambda name: qualities.get(name, others), default=IDENTITY)
    quality = qualities.get(best, others)
    of_identity = qualities.get(IDENTITY)
    # Not named, it is taken, but whoever names a coding and not it would rather have that.
    if best == IDENTITY or quality == 0 or (of_identity is not None and of_identity > quality):
        return Chosen(IDENTITY)
    is_refused = of_identity == 0 or (of_identity is None and qualities.get("*") == 0)
    return Chosen(best, is_needed=is_refused)


_choose_known = lru_cache(maxsize=500)(_choose)


class Packing:
    """Packs answers and unpacks requests, by the settings."""

    def __init__(self, settings: Compression, limits: Limits) -> None:
        self._settings = settings
        self._limits = limits
        found = [coding for name in settings.answers if (coding := find_coding(name)) is not None]
        self._codings = {coding.name: coding for coding in found}
        self._offered = tuple(self._codings)
        self._readable = readable(_READ) if settings.requests else ()

    def of_answer(self, accept_encoding: str | None, size: int) -> Coding | None:
        """How an answer of *size* bytes is packed; None: not at all."""
        if accept_encoding is None:
            return None
        chosen = choose_coding(accept_encoding, self._offered)
        return self._codings.get(chosen.coding) if size >= self._settings.bytes_min or chosen.is_needed else None

    def of_parts(self, accept_encoding: str | None) -> Coding | None:
        """How an answer in parts is packed."""
        return None if accept_encoding is None else self.of_answer(accept_encoding, self._settings.bytes_min)

    def of_events(self, accept_encoding: str | None) -> Coding | None:
        """How an event stream is packed."""
        return self.of_parts(accept_encoding) if self._settings.events else None

    def check_request(self, content_encoding: str | None) -> str | None:
        """
        The coding of a request's body; None where it comes as it is.

        Refuses what is not read with `UNSUPPORTED_MEDIA_TYPE` (415), and says what is (RFC 9110, 15.5.16).
        """
        if content_encoding is None or (coding := canonical(content_encoding)) in ("", IDENTITY):
            return None
        if coding not in self._readable:
            known = ", ".join(self._readable)
            message = "Send the request uncompressed, without 'content-encoding'"
            message += f", or in one of {known}." if known else "."
            raise unsupported(message, headers={"accept-encoding": known or IDENTITY})
        return coding

    def unpack_request(self, body: bytes, coding: str) -> bytes:
        """
        *body* as it was before it was packed in *coding*.

        Refuses with `REQUEST_TOO_LARGE` (413), while it is unpacked, and `BAD_REQUEST`.
        """
        try:
            return unpack(body, coding, self._limits.body_bytes_max)
        except UnpacksToMore:
            raise too_large(self._limits) from None
        except NotPacked as error:
            raise bad_request(f"The body is not {coding}, as 'content-encoding' says: {error}.") from None


async def pack_answer(body: bytes, coding: Coding, result: Result) -> bytes:
    """*body*, that of *result*, in *coding*."""
    answered = result.answered
    if answered is None or answered.written is not body:
        return await _pack(body, coding)
    if answered.packed is None:
        answered.packed = {}
    packed = answered.packed.get(coding.name)
    if packed is None:
        packed = answered.packed[coding.name] = await _pack(body, coding)
    return packed


async def _pack(body: bytes, coding: Coding) -> bytes:
    return coding.pack(body) if len(body) < LARGE_BYTES else await to_thread(coding.pack, body)
