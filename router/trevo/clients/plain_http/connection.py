"""One connection: one request at a time, and its answer."""

import asyncio
import select
from collections.abc import Callable
from typing import cast

from trevo.clients.carrier import AnswerTooLarge, HttpAnswer
from trevo.clients.plain_http.answer_reader import AnswerReader, BrokenAnswer


class ClosedUnanswered(ConnectionError):
    """The other side has closed the connection, and not a byte of an answer had come."""


class SubgraphConnection(asyncio.Protocol):
    """*on_idle_end* is told when it ends while nothing is asked."""

    def __init__(self, bytes_max: int, on_idle_end: Callable[["SubgraphConnection"], None]) -> None:
        self._reader = AnswerReader(bytes_max)
        self._on_idle_end = on_idle_end
        self._answer: asyncio.Future[HttpAnswer] | None = None
        self._transport: asyncio.Transport
        self.has_answered = False
        self.idle_since = 0.0
        """On the loop's clock; for who keeps it."""

    async def ask(self, request: bytes) -> HttpAnswer:
        """
        Send *request* and wait for its answer. Whoever stops waiting has to `abort`.

        Raises ClosedUnanswered, OSError, AnswerTooLarge.
        """
        if self._transport.is_closing():
            raise ClosedUnanswered("closed before it was asked")
        self._reader.expect()
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        try:
            return await self._answer
        finally:
            self._answer = None

    @property
    def is_open(self) -> bool:
        return not self._transport.is_closing()

    @property
    def is_reusable(self) -> bool:
        """Whether it can be asked again: after an answer that keeps it, to a request that had been taken whole."""
        return (
            self._reader.is_reusable
            and not self._transport.is_closing()
            and self._transport.get_write_buffer_size() == 0
        )

    def is_quiet(self) -> bool:
        """Whether the other side has said nothing that the loop has not told yet: its end, or what nobody asked for."""
        waiting = select.poll()
        waiting.register(self._transport.get_extra_info("socket"), select.POLLIN)
        return not waiting.poll(0)

    def abort(self) -> None:
        """Close it at once, whatever is still on its way."""
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(ConnectionError("closed by the client"))
        self._transport.abort()

    # ── what the loop calls ──

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        waiting = self._answer
        if waiting is None or waiting.done():
            self.abort()  # nothing was asked
            return
        try:
            answer = self._reader.feed(data)
        except (AnswerTooLarge, BrokenAnswer) as error:
            waiting.set_exception(error)
            return
        if answer is not None:
            self.has_answered = True
            waiting.set_result(answer)

    def eof_received(self) -> None:
        # Before all of a large request is written, the loop would tell of the end only when that is done.
        self._end(None)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._answer is None:
            self._on_idle_end(self)
        else:
            self._end(exc)

    def _end(self, exc: Exception | None) -> None:
        waiting = self._answer
        if waiting is None or waiting.done():
            return
        if not self._reader.has_begun:
            waiting.set_exception(ClosedUnanswered(f"closed without an answer ({exc or 'its end'})"))
            return
        try:
            answer = self._reader.end() if exc is None else None
            if answer is None:
                raise BrokenAnswer(f"closed in the middle of an answer ({exc or 'its end'})")
        except (AnswerTooLarge, BrokenAnswer) as error:
            waiting.set_exception(error)
        else:
            waiting.set_result(answer)
