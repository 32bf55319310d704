"""
Documents that clients make known by sending them once with their hash (Apollo's automatic persisted queries).

Anybody can do that, so it is bounded and nothing is believed: a document is kept under the hash that was worked out
here, once it has proved to be one that this graph answers, and one that comes out of a store that others write to is
hashed again. Where a client invents documents, those that nobody asks for again make way first.
"""

from typing import cast

from trevo.config.persisted_documents import AutomaticDocumentSettings
from trevo.door.cache import BoundedCache
from trevo.persisted.manifest import hash_of
from trevo.stores.redis_link import RedisLink, Tell

KEY_PREFIX = "router:document:"
UTF8_BYTES_MAX = 4
"""Of one character."""
SHARE_OF_UNASKED = 4


class AutomaticDocuments:
    """
    Those of one process, and of a store that several share, where there is one.

    *characters_max* is of one document; *tell* is called with whether the store answers.
    """

    def __init__(self, settings: AutomaticDocumentSettings, *, characters_max: int, tell: Tell) -> None:
        self._texts: BoundedCache[str, str] = BoundedCache(
            bytes_max=settings.bytes_max,
            once_bytes_max=settings.bytes_max // SHARE_OF_UNASKED,
            entries_max=settings.documents_max,
        )
        self._bytes_max = characters_max * UTF8_BYTES_MAX
        self._stored_seconds = settings.stored_seconds
        self._link: RedisLink | None = None
        if settings.store_url is not None:
            self._link = RedisLink(
                settings.store_url.get_secret_value(),
                what="documents",
                meanwhile="this process knows those that it was sent itself",
                seconds_max=settings.store_seconds_max,
                tell=tell,
            )

    def __len__(self) -> int:
        return len(self._texts)

    def get(self, hash_: str) -> str | None:
        """What this process knows by *hash_*, for somebody who names it."""
        return self._texts.get(hash_)

    def look(self, hash_: str) -> str | None:
        """The same, for nobody: to send a document again is not to name it."""
        return self._texts.look(hash_)

    async def fetch(self, hash_: str) -> str | None:
        """What the store knows by *hash_*, and this process from now on."""
        link = self._link
        if link is None:
            return None

        async def ask() -> bytes:
            # One byte more than may be: so much is never a document of ours.
            return cast("bytes", await link.redis.getrange(f"{KEY_PREFIX}{hash_}", 0, self._bytes_max))

        found = await link.ask(ask, _nothing)
        try:
            text = found.decode("utf-8", "surrogatepass")
        except UnicodeDecodeError:
            return None
        if not text or hash_of(text) != hash_:
            return None
        self._texts.put(hash_, text)
        return text

    async def keep(self, hash_: str, text: str) -> None:
        """Know *text* by *hash_*, which is its own."""
        if self.look(hash_) is not None:
            return
        self._texts.put(hash_, text)
        link = self._link
        if link is None:
            return

        async def store() -> bytes:
            await link.redis.set(f"{KEY_PREFIX}{hash_}", text.encode("utf-8", "surrogatepass"), ex=self._stored_seconds)
            return b""

        await link.ask(store, _nothing)

    async def close(self) -> None:
        if self._link is not None:
            await self._link.close()


async def _nothing() -> bytes:
    return b""
