"""
Inboxes that people look at right now.

    tell() commits ─NOTIFY, the person's id→ every process ─wakes→ who follows that inbox ─reads→ the inbox itself

The table is the queue. Who follows an inbox remembers the last place it has had and reads on from there, so a notice
need only wake it: nothing is lost with a missed one, nothing piles up for a slow follower, and two devices of one
person do not disturb each other.
"""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager
from uuid import UUID

import structlog

from subgraphs.notifications import models
from subgraphs.notifications.crud import notifications as inbox
from subgraphs.shared.availability import is_unavailable
from subgraphs.shared.database import Database
from subgraphs.shared.listener import Listener
from subgraphs.shared.messaging.outages import backoff_s

log = structlog.get_logger()

CHANNEL = "inbox"
"""Notified by the table itself, with the id of the person; see the migration `0003_places`."""
READ_AT_ONCE = 50


class LiveInboxes:
    """Wakes those who follow an inbox in this process. Listens from the first of them on."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._followers: dict[UUID, set[asyncio.Event]] = {}
        self._listener = Listener(database.url, CHANNEL, on_notice=self._wake, on_listening=self._wake_all)

    async def follow(self, user_id: UUID, *, after: int | None) -> AsyncGenerator[models.Notification, None]:
        """
        The person's notifications behind the place *after*, then every new one, in the order of their places.

        Without *after* only new ones. While the database is away it waits; what was told meanwhile comes then.
        """
        with self._woken(user_id) as news:
            place = await self._last_place(user_id) if after is None else after
            while True:
                news.clear()
                following = await self._read_on(user_id, place)
                for notification in following:
                    yield notification
                    place = notification.place
                if len(following) < READ_AT_ONCE:
                    await news.wait()

    async def stop(self) -> None:
        await self._listener.stop()

    @contextmanager
    def _woken(self, user_id: UUID) -> Iterator[asyncio.Event]:
        """An event that is set whenever there may be news for *user_id*."""
        self._listener.start()
        news = asyncio.Event()
        self._followers.setdefault(user_id, set()).add(news)
        try:
            yield news
        finally:
            self._followers[user_id].discard(news)
            if not self._followers[user_id]:
                del self._followers[user_id]

    def _wake(self, user_id: str) -> None:
        for news in self._followers.get(UUID(user_id), ()):
            news.set()

    def _wake_all(self) -> None:
        for followers in self._followers.values():
            for news in followers:
                news.set()

    async def _last_place(self, user_id: UUID) -> int:
        async with self._database.read() as session:
            return await inbox.last_place(session, user_id)

    async def _read_on(self, user_id: UUID, place: int) -> list[models.Notification]:
        failures = 0
        while True:
            try:
                async with self._database.read() as session:
                    return list(await inbox.list_behind(session, user_id, place, limit=READ_AT_ONCE))
            except Exception as error:
                if not is_unavailable(error):
                    raise
                failures += 1
                log.warning("an inbox cannot be read; it tries again", error=str(error))
                await asyncio.sleep(backoff_s(failures, longest_s=5.0))
