"""
The public keys that tokens are verified with.

Keys come from a source (a URL, or a callable of the embedder) and are kept for a while. A token with an unknown key id
makes us look again, at most every few seconds, because anyone can invent key ids. While the source does not answer,
the keys we have go on being used: an outage of the issuer must not log everybody out.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import jwt
import orjson
import structlog

log = structlog.get_logger()

KeySource = Callable[[], Awaitable[dict[str, Any]]]
"""Gives a JSON Web Key Set (RFC 7517, 5)."""

REFRESH_SECONDS_MIN = 5.0
"""Between two looks for an unknown key id, or after a failure."""
FETCH_SECONDS_MAX = 5.0
WAIT_SECONDS_MAX = 0.5
"""For fresh keys where a known one can be used, or the last look was in vain: requests do not hang because the issuer
does, and take up no place that those with tokens of another issuer need."""
KEY_SET_BYTES_MAX = 256_000


class KeysUnavailable(Exception):
    """No keys at all can be had; nothing can be said about any token."""


class KeySet:
    """The keys of one issuer, by key id."""

    def __init__(self, source: KeySource, *, fresh_seconds: float, stale_seconds_max: float) -> None:
        self._source = source
        self._fresh_seconds = fresh_seconds
        self._stale_seconds_max = stale_seconds_max
        self._document: Any = None
        self._keys: dict[str | None, jwt.PyJWK] = {}
        self._loaded_at: float | None = None
        self._tried_at: float | None = None
        self._has_failed = False
        self._loading: asyncio.Task[None] | None = None
        """One at a time, however many requests wait for it."""

    async def find(self, key_id: str | None) -> jwt.PyJWK | None:
        """
        The key called *key_id*, or the only key when a token names none. As long as the issuer publishes it unchanged
        it is the same object.

        Raises KeysUnavailable when no key set could ever be loaded, or the last one is too old to be trusted.
        """
        if not self._is_younger_than(self._fresh_seconds) or self._look_up(key_id) is None:
            await self._refresh(is_usable=self._look_up(key_id) is not None)
        if not self._is_younger_than(self._stale_seconds_max):
            raise KeysUnavailable
        return self._look_up(key_id)

    def _look_up(self, key_id: str | None) -> jwt.PyJWK | None:
        if key_id is None and len(self._keys) == 1:
            return next(iter(self._keys.values()))
        return self._keys.get(key_id)

    def _is_younger_than(self, seconds: float) -> bool:
        return self._loaded_at is not None and time.monotonic() - self._loaded_at < seconds

    async def _refresh(self, *, is_usable: bool) -> None:
        if self._loading is None or (self._loading.done() and self._may_try(is_usable=is_usable)):
            self._tried_at = time.monotonic()
            self._loading = asyncio.create_task(self._load(), name="loads token keys")
        known = is_usable and self._is_younger_than(self._stale_seconds_max)
        await asyncio.wait({self._loading}, timeout=WAIT_SECONDS_MAX if known or self._has_failed else None)

    def _may_try(self, *, is_usable: bool) -> bool:
        """At most every few seconds, but for a key set that was loaded when it was last tried, and has grown old."""
        assert self._tried_at is not None  # noqa: S101  # something was loaded before
        has_succeeded = self._loaded_at is not None and self._loaded_at >= self._tried_at
        return (has_succeeded and is_usable) or time.monotonic() - self._tried_at >= REFRESH_SECONDS_MIN

    async def _load(self) -> None:
        try:
            async with asyncio.timeout(FETCH_SECONDS_MAX):
                document = await self._source()
            if self._loaded_at is None or document != self._document:
                self._keys, self._document = read_key_set(document), document
        except Exception as error:  # noqa: BLE001  # whatever the source did, the keys we have remain
            log.warning("token keys not refreshed", error=f"{type(error).__name__}: {error}")
            self._has_failed = True
            return
        self._has_failed = False
        self._loaded_at = time.monotonic()


def read_key_set(document: Any) -> dict[str | None, jwt.PyJWK]:
    """The signature keys of a key set; keys of kinds we do not know are left out. Raises ValueError if none is left."""
    entries = document.get("keys") if isinstance(document, dict) else None
    keys: dict[str | None, jwt.PyJWK] = {}
    for entry in entries if isinstance(entries, list) else ():
        # A symmetric key in a public set would let every reader forge tokens.
        if not isinstance(entry, dict) or entry.get("use", "sig") != "sig" or entry.get("kty") == "oct":
            continue
        try:
            keys[entry.get("kid")] = jwt.PyJWK(entry)
        except jwt.PyJWTError as error:
            log.warning("token key passed over", kid=entry.get("kid"), error=str(error))
    if not keys:
        raise ValueError("the key set contains no usable key")
    return keys


def keys_from_url(url: str) -> KeySource:
    """A source that asks *url*."""

    async def fetch() -> dict[str, Any]:
        timeout = aiohttp.ClientTimeout(total=FETCH_SECONDS_MAX)
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.get(url, headers={"accept": "application/json"}, allow_redirects=False) as response,
        ):
            if response.status != 200:
                raise ValueError(f"HTTP status {response.status}")
            body = await response.content.read(KEY_SET_BYTES_MAX + 1)
            if len(body) > KEY_SET_BYTES_MAX:
                raise ValueError("the key set is too large")
            document: dict[str, Any] = orjson.loads(body)
        return document

    return fetch
