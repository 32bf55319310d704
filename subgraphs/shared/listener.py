"""
One connection that listens to a channel of a database (LISTEN), for as long as it is wanted.

A notice is a hint and no message: it can be missed while the connection is away. So whoever listens is also told each
time listening has begun, and then looks for itself at what there is.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import asyncpg
import structlog

from subgraphs.shared.database import asyncpg_url
from subgraphs.shared.messaging.outages import backoff_s
from subgraphs.shared.tasks import end

log = structlog.get_logger()

HEARTBEAT_SECONDS = 20.0
"""A connection whose other end has vanished says nothing; it is asked now and then whether it lives."""
ANSWER_SECONDS_MAX = 5.0


class Listener:
    """
    Listens to *channel* of the database at *url*, and connects again whenever that ends.

    *on_notice* gets the payload of each notice; *on_listening* is called each time it listens (again).
    """

    def __init__(
        self, url: str, channel: str, *, on_notice: Callable[[str], None], on_listening: Callable[[], None]
    ) -> None:
        self._url = asyncpg_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        self._channel = channel
        self._on_notice = on_notice
        self._on_listening = on_listening
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin; harmless when repeated."""
        if self._task is None:
            self._task = asyncio.create_task(self._keep_listening(), name=f"listens to {self._channel}")

    async def stop(self) -> None:
        """End; harmless when not started."""
        if self._task is not None:
            task, self._task = self._task, None
            await end(task)

    async def _keep_listening(self) -> None:
        failures = 0
        while True:
            try:
                connection = await asyncpg.connect(
                    self._url, timeout=ANSWER_SECONDS_MAX, command_timeout=ANSWER_SECONDS_MAX
                )
                try:
                    await connection.add_listener(self._channel, self._take_notice)
                    failures = 0
                    self._on_listening()
                    await self._until_lost(connection)
                finally:
                    connection.terminate()
            except Exception as error:  # noqa: BLE001  # without this task nobody would be told anything any more
                failures += 1
                delay = backoff_s(failures, longest_s=5.0)
                log.warning("not listening; it tries again", channel=self._channel, error=str(error))
                await asyncio.sleep(delay)

    def _take_notice(self, _connection: Any, _pid: int, _channel: str, payload: Any) -> None:
        self._on_notice(str(payload))

    async def _until_lost(self, connection: asyncpg.Connection) -> None:
        lost = asyncio.Event()
        connection.add_termination_listener(lambda _connection: lost.set())
        while not connection.is_closed():
            with suppress(TimeoutError):
                async with asyncio.timeout(HEARTBEAT_SECONDS):
                    await lost.wait()
            if not lost.is_set():
                await connection.execute("SELECT 1")
        raise ConnectionError("the connection was closed")
