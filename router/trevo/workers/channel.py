"""What supervisor and worker tell each other: JSON behind its length, each question with a number for its answer."""

import asyncio
import json
import socket
import struct
import threading
from contextlib import suppress
from typing import Any

_LENGTH = struct.Struct("!I")
Message = dict[str, Any]


class Gone(ConnectionError):
    """The other side is no more."""


class SupervisorsEnd:
    """Asks one worker."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._asked = 0
        self._waiting: dict[int, asyncio.Future[Message]] = {}
        self._listening = asyncio.create_task(self._listen())

    @classmethod
    async def over(cls, end: socket.socket) -> "SupervisorsEnd":
        reader, writer = await asyncio.open_unix_connection(sock=end)
        return cls(reader, writer)

    async def ask(self, what: str, *, seconds: float, **told: Any) -> Message:
        """The worker's answer. Raises Gone, and TimeoutError."""
        if self._listening.done():
            raise Gone(what)
        self._asked += 1
        number = self._asked
        waiting = self._waiting[number] = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(seconds):
                self._writer.write(_packed({"number": number, "what": what, **told}))
                answer: Message = await waiting
                return answer
        finally:
            del self._waiting[number]

    async def close(self) -> None:
        self._listening.cancel()
        await asyncio.wait({self._listening})
        self._writer.close()

    async def _listen(self) -> None:
        try:
            while True:
                (length,) = _LENGTH.unpack(await self._reader.readexactly(_LENGTH.size))
                message: Message = json.loads(await self._reader.readexactly(length))
                waiting = self._waiting.get(message["number"])
                if waiting is not None and not waiting.done():
                    waiting.set_result(message)
        except (OSError, EOFError):
            return
        finally:
            for waiting in self._waiting.values():
                if not waiting.done():
                    waiting.set_exception(Gone("the worker is no more"))


class WorkersEnd:
    """Hears what the supervisor asks, in a thread: so a loop that is busy does not keep it from being told so."""

    def __init__(self, end: socket.socket) -> None:
        self._end = end
        self._one_at_a_time = threading.Lock()

    def receive(self) -> Message:
        """The next question. Raises Gone."""
        (length,) = _LENGTH.unpack(self._read(_LENGTH.size))
        message: Message = json.loads(self._read(length))
        return message

    def answer(self, question: Message, **told: Any) -> None:
        """Nobody may be there to hear it any more; then it does not matter."""
        with self._one_at_a_time, suppress(OSError):
            self._end.sendall(_packed({"number": question["number"], **told}))

    def _read(self, size: int) -> bytes:
        parts = bytearray()
        while len(parts) < size:
            try:
                part = self._end.recv(size - len(parts))
            except OSError:
                part = b""
            if not part:
                raise Gone("the supervisor is no more")
            parts += part
        return bytes(parts)


def _packed(message: Message) -> bytes:
    body = json.dumps(message).encode()
    return _LENGTH.pack(len(body)) + body
