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
        """What is waited for."""
        self._transport: asyncio.Transport
        self._arriving: select.poll
        self.has_answered = False
        self.idle_since = 0.0
        """On the loop's clock; for who keeps it."""

    def ask(self, request: bytes) -> "asyncio.Future[HttpAnswer]":
        """
        Send *request*; its answer is to come. Whoever stops waiting has to `abort`.

        Raises ClosedUnanswered; so does what is to come, or `give_up`'s, OSError, AnswerTooLarge.
        """
        if self._transport.is_closing():
            raise ClosedUnanswered("closed before it was asked")
        self._reader.expect()
        answer = self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return answer

    def give_up(self, error: Exception) -> None:
        """Whoever waits for an answer gets *error*."""
        self._tell(error)

    @property
    def is_reusable(self) -> bool:
        """Whether it can be asked again: after an answer that keeps it, to a request that had been taken whole."""
        return (
            self._reader.is_reusable
            and not self._transport.is_closing()
            and self._transport.get_write_buffer_size() == 0
        )

    def can_be_asked(self) -> bool:
        """
        Whether it is open, and the other side has said nothing that the loop has not told yet: its end, or what nobody
        asked for.
        """
        return not self._transport.is_closing() and not self._arriving.poll(0)

    def abort(self) -> None:
        """Close it at once, whatever is still on its way."""
        self._tell(ConnectionError("closed by the client"))
        self._transport.abort()

    def _tell(self, said: HttpAnswer | Exception) -> None:
        waiting, self._answer = self._answer, None
        if waiting is None or waiting.done():
            return
        if isinstance(said, Exception):
            waiting.set_exception(said)
        else:
            waiting.set_result(said)

    # ── what the loop calls ──

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._arriving = select.poll()
        self._arriving.register(transport.get_extra_info("socket"), select.POLLIN)

    def data_received(self, data: bytes) -> None:
        if self._answer is None or self._answer.done():
            self.abort()  # nothing was asked
            return
        try:
            answer = self._reader.feed(data)
        except (AnswerTooLarge, BrokenAnswer) as error:
            self._tell(error)
            return
        if answer is not None:
            self.has_answered = True
            self._tell(answer)

    def eof_received(self) -> None:
        # Before all of a large request is written, the loop would tell of the end only when that is done.
        self._end(None)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._answer is None:
            self._on_idle_end(self)
        else:
            self._end(exc)

    def _end(self, exc: Exception | None) -> None:
        if self._answer is None:
            return
        if not self._reader.has_begun:
            self._tell(ClosedUnanswered(f"closed without an answer ({exc or 'its end'})"))
            return
        try:
            answer = self._reader.end() if exc is None else None
            if answer is None:
                raise BrokenAnswer(f"closed in the middle of an answer ({exc or 'its end'})")
        except (AnswerTooLarge, BrokenAnswer) as error:
            self._tell(error)
        else:
            self._tell(answer)
