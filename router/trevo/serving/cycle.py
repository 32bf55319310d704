"""
One request and its answer on a connection.

What uvicorn does in two writes and a look at each header goes in one write with one look: the head of an answer waits
for its body, and goes alone only where none comes in the same turn of the loop.

    response.start ──▶ head is held ──response.body, at once──▶ head and body, one write
                          └────────next turn of the loop──────▶ head alone

An application that knows of it (`asgi.py`) can take a body that is there without waiting, be told that its client has
gone without a task that waits for it, and give its whole answer in one call.

What heads with the same names have in common is written once: a form, to be filled in with values.
"""

import asyncio
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

from trevo.serving.asgi import Beside, Header, Message

_NAME = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
"""What no head may hold; its line ends are counted."""
_FORMS_MAX, _FORM_BYTES_MAX = 500, 2_000
_FRAMING = frozenset({b"content-length", b"transfer-encoding", b"connection"})
"""The headers of an answer that say where it ends."""


class _Form(NamedTuple):
    """A head without values."""

    text: bytes
    lines: int
    framing: tuple[tuple[int, bytes], ...]
    """The numbers and names of the values that say where the answer ends."""


_forms: dict[tuple[int, tuple[bytes, ...], Beside | None], _Form] = {}
"""By status, names, and who says what there is beside them."""


class Cycle(RequestResponseCycle):
    """As uvicorn's, for *loop*."""

    def __init__(self, loop: asyncio.AbstractEventLoop, **options: Any) -> None:
        super().__init__(**options)
        self._loop = loop
        self._head: bytes | None = None
        """Of the answer, while it is held."""
        self._sending_head: asyncio.Handle | None = None
        self._ends_with_connection = False
        """Whether nothing but the end of the connection says where the body ends: HTTP/1.0 knows no chunks."""
        self._tell_gone: Callable[[], None] | None = None
        self._beside: Beside | None = None

    # What an application may ask (`asgi.Connection`)

    def take_body(self) -> bytes | None:
        """The whole body, if it is there; otherwise it has to be received."""
        if self.more_body or self.disconnected or self.response_complete:
            return None
        body, self.body = bytes(self.body), bytearray()
        self.message_event.clear()
        return body

    def when_gone(self, tell: Callable[[], None] | None) -> None:
        """Call *tell* when the client has gone before its answer, or at once if it has; None: nobody any more."""
        self._tell_gone = tell
        if tell is None:
            return
        # A connection that is not read does not tell of its end.
        self.flow.resume_reading()
        if self.disconnected:
            tell()

    def add_headers(self, beside: Beside) -> None:
        """Give the answer what *beside* says; of several the last one says it."""
        self._beside = beside

    def answer(self, status: int, headers: Sequence[Header], body: bytes) -> bool:
        """Send all of it at once, if nothing has to be waited for. Raises RuntimeError for what cannot be sent."""
        if self.flow.write_paused or self.disconnected or self.response_started:
            return False
        self._begin_head(status, headers)
        self._send_body(body, is_last=True)
        return True

    # What the protocol tells

    def be_gone(self) -> None:
        """The connection has ended."""
        self._drop_head()
        self.scope.pop("extensions", None)
        if not self.response_complete:
            self.disconnected = True
            # Who waits in `receive` hears of it too, also where a later request is the connection's last.
            self.message_event.set()
            if self._tell_gone is not None:
                self._tell_gone()

    # ASGI

    async def send(self, message: Any) -> None:
        """As ASGI says. Raises RuntimeError for what cannot be sent."""
        if self.flow.write_paused and not self.disconnected:
            await self.flow.drain()
        if self.disconnected:
            return
        kind = message["type"]
        if kind == "http.response.body" and not self.response_complete and (self.response_started or self._head):
            self._send_body(message.get("body", b""), is_last=not message.get("more_body", False))
        elif kind == "http.response.start" and not self.response_started:
            self._hold_head(message)
        else:
            raise RuntimeError(f"'{kind}' cannot be sent now")

    def _hold_head(self, message: Message) -> None:
        self._begin_head(message["status"], message.get("headers", ()))
        self._sending_head = self._loop.call_soon(self._send_head)

    def _begin_head(self, status: int, headers: Iterable[Header]) -> None:
        self._drop_head()
        self.chunked_encoding, self.expected_content_length = None, 0
        if self.waiting_for_100_continue and self.more_body:
            # A client that was not told to go on may keep its body to itself; its next request would be read as that.
            self.keep_alive = False
        self._head = self._write_head(status, headers)
        self.waiting_for_100_continue = False

    def _send_head(self) -> None:
        """No body has come in time."""
        if (head := self._take_head()) and not self.transport.is_closing():
            self.transport.write(head)

    def _take_head(self) -> bytes:
        head = self._head
        if head is None:
            return b""
        self._drop_head()
        self.response_started = True
        return head

    def _drop_head(self) -> None:
        self._head = None
        if self._sending_head is not None:
            self._sending_head.cancel()
            self._sending_head = None

    def _send_body(self, body: bytes, *, is_last: bool) -> None:
        if self.scope["method"] == "HEAD":
            body, self.expected_content_length = b"", 0
        elif self._ends_with_connection:
            pass
        elif self.chunked_encoding:
            body = b"%x\r\n%b\r\n" % (len(body), body) if body else b""
            if is_last:
                body += b"0\r\n\r\n"
        else:
            if len(body) > self.expected_content_length:
                raise RuntimeError("the body is longer than its 'content-length'")
            if is_last and len(body) < self.expected_content_length:
                raise RuntimeError("the body is shorter than its 'content-length'")
            self.expected_content_length -= len(body)
        if piece := self._take_head() + body:
            self.transport.write(piece)
        if is_last:
            self.response_complete = True
            self.message_event.set()
            # Where both knew each other, only the collector of garbage would find them.
            self.scope.pop("extensions", None)
            if not self.keep_alive:
                self.transport.close()
            self.on_response()

    def _write_head(self, status: int, headers: Iterable[Header]) -> bytes:
        given = (*self.default_headers, *headers)
        names, values = tuple([name for name, _ in given]), tuple([value for _, value in given])
        form = _forms.get((status, names, self._beside)) or _make_form(status, names, self._beside)
        count, says_close, end = form.lines, False, b"\r\n"
        for number, name in form.framing:
            says_close |= self._note_framing(name, values[number])
        if self.chunked_encoding is None and self.scope["method"] != "HEAD" and status not in (204, 304):
            if self.scope.get("http_version") == "1.0":
                self._ends_with_connection = True
            else:
                self.chunked_encoding = True
                end = b"transfer-encoding: chunked\r\n\r\n"
                count += 1
        if not self.keep_alive and not says_close:
            end = b"connection: close\r\n" + end
            count += 1
        head = form.text % values + end
        # Each line has one end, and it is ours: a value with another would be a header of its own, or an answer.
        if head.count(b"\n") != count or head.count(b"\r") != count or _CONTROL.search(head):
            raise RuntimeError("a header's value cannot be sent")
        return head

    def _note_framing(self, name: bytes, value: bytes) -> bool:
        """Whether it says that the connection ends."""
        if name == b"content-length" and self.chunked_encoding is None:
            self.expected_content_length, self.chunked_encoding = int(value), False
        elif name == b"transfer-encoding" and value.lower() == b"chunked":
            self.expected_content_length, self.chunked_encoding = 0, True
        elif name == b"connection" and b"close" in [token.lower().strip() for token in value.split(b",")]:
            self.keep_alive = False
            return True
        return False


def _make_form(status: int, names: tuple[bytes, ...], beside: Beside | None) -> _Form:
    if not all(map(_NAME.fullmatch, names)):
        raise RuntimeError("a header's name cannot be sent")
    lower = [name.lower() for name in names]
    added = () if beside is None else beside(names)
    fixed = b"".join(name + b": " + value + b"\r\n" for name, value in added)
    text = STATUS_LINE[status].replace(b"%", b"%%")
    text += b"".join(name.replace(b"%", b"%%") + b": %b\r\n" for name in lower) + fixed.replace(b"%", b"%%")
    framing = tuple((number, name) for number, name in enumerate(lower) if name in _FRAMING)
    # Its first line is the status, its last the empty one.
    form = _Form(text, len(names) + len(added) + 2, framing)
    if len(_forms) < _FORMS_MAX and len(text) <= _FORM_BYTES_MAX:
        _forms[status, names, beside] = form
    return form
