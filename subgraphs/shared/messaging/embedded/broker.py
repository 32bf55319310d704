"""One process's connections to the broker database, and the proof that it is alive."""

import asyncio
import secrets
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

import asyncpg

from subgraphs.shared.messaging.embedded.schema import declare_bindings, ensure_tables
from subgraphs.shared.messaging.outages import backoff_s
from subgraphs.shared.messaging.transport import Binding, Presence, TransportUnavailable
from subgraphs.shared.tasks import end

CHANNEL = "peerseed_broker"
"""Notified with a queue's name when it has something new."""

BROKER_ERRORS = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
"""What a database that is away, or going away, makes asyncpg raise. (`TimeoutError` is an `OSError`.)"""

_CONNECTIONS_MAX = 8
_COMMAND_SECONDS_MAX = 15.0

# Leases whose owner's lock nobody holds. A bigint advisory lock shows in pg_locks as its two halves.
_FREE_LEASES_OF_THE_DEAD = """
UPDATE message SET owner = NULL, leased_until = NULL
WHERE owner IS NOT NULL AND owner <> $1 AND NOT EXISTS (
    SELECT FROM pg_locks
    WHERE locktype = 'advisory' AND objsubid = 1
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
      AND classid = (owner >> 32)::oid AND objid = (owner & 4294967295)::oid
)
RETURNING queue
"""


class _StatelessConnection(asyncpg.Connection):  # type: ignore[misc]  # it comes without types
    """Nothing done on it outlives its statement, so there is nothing to reset for the next: that was a round trip."""

    def get_reset_query(self) -> str:
        return ""


class Broker:
    """
    A pool for statements and one connection that listens.

    The listening connection also holds the advisory lock that marks our leases as
    those of a living process, and renews them.
    """

    def __init__(self, url: str, *, lease_s: float) -> None:
        self._url = url
        self.lease_s = lease_s
        self.owner = secrets.randbits(62)
        self.is_listening = False
        self.declared: dict[str, Binding] = {}
        """What must exist, by queue; declared again whenever the listening connection begins."""
        self._presence = Presence("embedded")
        self._pool: asyncpg.Pool | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._listened = asyncio.Event()
        self._wakers: dict[str, list[Callable[[], None]]] = {}
        self._leased: list[Callable[[], Iterable[int]]] = []

    @property
    def pool(self) -> asyncpg.Pool:
        """Raises TransportUnavailable unless started."""
        if self._pool is None:
            raise TransportUnavailable("the embedded transport has not been started")
        return self._pool

    async def start(self) -> None:
        try:
            self._pool = await asyncpg.create_pool(
                self._url,
                min_size=0,
                max_size=_CONNECTIONS_MAX,
                timeout=5,
                command_timeout=_COMMAND_SECONDS_MAX,
                server_settings={"application_name": "peerseed messages"},
                connection_class=_StatelessConnection,
            )
            async with self._pool.acquire() as connection:
                await ensure_tables(connection)
        except BROKER_ERRORS as error:
            await self._close_pool()
            self._presence.went(error)
            raise TransportUnavailable(f"the message database does not answer: {error}") from error
        self._keeper = asyncio.create_task(self._keep_listening(), name="message database listener")
        try:
            async with asyncio.timeout(_COMMAND_SECONDS_MAX):
                await self._listened.wait()
        except TimeoutError:
            await self.stop()
            raise TransportUnavailable("the message database does not let us listen") from None

    async def stop(self) -> None:
        if self._keeper is not None:
            await end(self._keeper)
            self._keeper = None
        self._listened.clear()
        await self._close_pool()

    async def _close_pool(self) -> None:
        if self._pool is not None:
            pool, self._pool = self._pool, None
            try:
                async with asyncio.timeout(5):
                    await pool.close()
            except TimeoutError:
                pool.terminate()

    def attach(self, queue: str, *, wake: Callable[[], None], leased: Callable[[], Iterable[int]]) -> None:
        """Call *wake* whenever *queue* may have something; keep the leases that *leased* names."""
        self._wakers.setdefault(queue, []).append(wake)
        self._leased.append(leased)

    def detach(self, queue: str, *, wake: Callable[[], None], leased: Callable[[], Iterable[int]]) -> None:
        self._wakers[queue].remove(wake)
        self._leased.remove(leased)

    def leased(self) -> list[int]:
        """The messages that callbacks of this process have."""
        return [message for ids in self._leased for message in ids()]

    def _wake(self, queue: str) -> None:
        for wake in self._wakers.get(queue, ()):
            wake()

    def _on_notify(self, _connection: Any, _pid: int, _channel: str, queue: Any) -> None:
        self._wake(str(queue))

    async def _keep_listening(self) -> None:
        failures = 0
        while True:
            try:
                connection = await asyncpg.connect(self._url, timeout=5, command_timeout=_COMMAND_SECONDS_MAX)
                try:
                    await self._begin_listening(connection)
                    failures = 0
                    await self._renew_until_lost(connection)
                finally:
                    self.is_listening = False
                    connection.terminate()
            except Exception as error:  # noqa: BLE001  # without this task nothing would be delivered any more
                failures += 1
                self._presence.went(error)
                await asyncio.sleep(backoff_s(failures, longest_s=5.0))

    async def _begin_listening(self, connection: asyncpg.Connection) -> None:
        await ensure_tables(connection)
        await declare_bindings(connection, self.declared.values())
        # After a broken network the server may hold our old connection, and its lock, for a while yet.
        # The lock then still says what it should: that the owner lives.
        await connection.execute("SELECT pg_try_advisory_lock_shared($1)", self.owner)
        await connection.add_listener(CHANNEL, self._on_notify)
        freed = await connection.fetch(_FREE_LEASES_OF_THE_DEAD, self.owner)
        for queue in {row["queue"] for row in freed}:
            await connection.execute("SELECT pg_notify($1, $2)", CHANNEL, queue)
        self.is_listening = True
        self._presence.came()
        self._listened.set()
        for queue in self._wakers:  # what was notified while nobody listened
            self._wake(queue)

    async def _renew_until_lost(self, connection: asyncpg.Connection) -> None:
        lost = asyncio.Event()
        connection.add_termination_listener(lambda _connection: lost.set())
        if connection.is_closed():
            lost.set()
        while not lost.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(self.lease_s / 3):
                    await lost.wait()
            if lost.is_set():
                raise ConnectionError("the listening connection was closed")
            await connection.execute(
                "UPDATE message SET leased_until = now() + make_interval(secs => $3)"
                " WHERE id = ANY($1::bigint[]) AND owner = $2",
                self.leased(),
                self.owner,
                self.lease_s,
            )
