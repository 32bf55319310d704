"""
Bytes as they come from one connection → answers, by the parser that also reads what comes in (httptools).

    HTTP/1.1 100 Continue             an answer that is none yet: passed over
    HTTP/1.1 200 OK                   head
    content-type: application/json
    content-length: 11
                                      body: of that length, in chunks, or until the connection ends
    {"data":{}}

Everything the other side decides is bounded: a header, their number, the body before and after it is unpacked, and
what comes that is no body at all (endless heads, extensions of chunks, trailers).
"""

import httptools

from trevo.clients.carrier import AnswerBroken, AnswerTooLarge, HttpAnswer, is_read
from trevo.door.content_codings import NotPacked, UnpacksToMore, canonical, unpack

HEADER_BYTES_MAX = 8_190
"""Of one header of an answer; it and the next as aiohttp's."""
HEADERS_MAX = 128
OTHER_BYTES_MAX = 65_536
"""That come without a byte of a body among them."""
UNPACKED = ("gzip", "deflate")
"""What requests ask for (`request.py`)."""
_NO_MEDIA_TYPE = "application/octet-stream"


class BrokenAnswer(AnswerBroken):
    """What came is not HTTP, or not what was asked for."""


class AnswerReader:
    """Reads the answers of one connection, each after `expect`. Bodies have *bytes_max* at most."""

    def __init__(self, bytes_max: int) -> None:
        self._bytes_max = bytes_max
        self._parser = httptools.HttpResponseParser(self)
        self._media_types: dict[bytes, str] = {}
        self.expect()

    def expect(self) -> None:
        """Make ready for the next answer."""
        self.has_begun = False
        """Whether a byte of it has come."""
        self.is_reusable = False
        """Whether the connection can be asked again; known when the answer has come."""
        self._is_whole = False
        self._has_head = False
        self._failure: Exception | None = None
        self._parts: list[bytes] = []
        self._size = 0
        self._other_bytes = 0
        self._headers_left = HEADERS_MAX
        self._begin_head()

    def feed(self, data: bytes) -> HttpAnswer | None:
        """The answer, if *data* completes it. Raises AnswerTooLarge, BrokenAnswer."""
        self.has_begun = True
        size_before = self._size
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            self.is_reusable = False
            # What follows a whole answer was not asked for, and takes nothing from it.
            if not self._is_whole:
                raise self._failure or BrokenAnswer(f"not HTTP: {error}") from None
        if self._failure is not None:
            raise self._failure
        if self._is_whole:
            return self._answer()
        if self._has_head and not is_read(self._status, self._media_type):
            return HttpAnswer(self._status, self._media_type, b"")
        if self._size == size_before:
            self._other_bytes += len(data)
            if self._other_bytes > OTHER_BYTES_MAX:
                raise BrokenAnswer(f"more than {OTHER_BYTES_MAX} bytes without a body")
        return None

    def end(self) -> HttpAnswer | None:
        """The connection has ended: the answer, if that is its end too. Raises AnswerTooLarge, BrokenAnswer."""
        if self._has_head and not self._has_end:
            return self._answer()
        return None

    # ── what the parser calls ──

    def on_message_begin(self) -> None:
        if self._is_whole:
            raise BrokenAnswer("an answer that was not asked for")
        self._begin_head()

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers_left -= 1
        if self._headers_left < 0 or len(name) + len(value) > HEADER_BYTES_MAX:
            self._fail(BrokenAnswer("too many or too large headers"))
        if self._has_head:
            return  # a trailer, of which nothing is believed
        match name.lower():
            case b"content-type":
                self._media_type = self._media_type_of(value)
            case b"content-length":
                self._has_end = True
                self._length = int(value)
            case b"transfer-encoding":
                self._has_end = True
                if value.strip().lower() != b"chunked":
                    self._fail(BrokenAnswer(f"transfer-encoding {value!r}"))
            case b"content-encoding":
                self._encoding = value.strip().lower()

    def on_headers_complete(self) -> None:
        self._status = self._parser.get_status_code()
        self._has_head = self._status >= 200
        if self._length > self._bytes_max and is_read(self._status, self._media_type):
            self._fail(AnswerTooLarge())

    def on_body(self, part: bytes) -> None:
        self._size += len(part)
        if not is_read(self._status, self._media_type):
            return
        if self._size > self._bytes_max:
            self._fail(AnswerTooLarge())
        else:
            self._parts.append(part)

    def on_message_complete(self) -> None:
        if self._has_head:
            self._is_whole = True
            self.is_reusable = self._parser.should_keep_alive()

    # ── its own ──

    def _begin_head(self) -> None:
        self._status = 0
        self._media_type = _NO_MEDIA_TYPE
        self._encoding = b""
        self._length = 0
        self._has_end = False

    def _fail(self, failure: Exception) -> None:
        # The parser goes on to the end of what has come, which is bounded; the first failure is told.
        self._failure = self._failure or failure

    def _media_type_of(self, value: bytes) -> str:
        known = self._media_types.get(value)
        if known is None:
            known = value.split(b";", 1)[0].strip().lower().decode("latin-1")
            if len(self._media_types) < HEADERS_MAX:
                self._media_types[value] = known
        return known

    def _answer(self) -> HttpAnswer:
        body = self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)
        self._parts = []
        if self._encoding and body:
            body = self._unpacked(body)
        return HttpAnswer(self._status, self._media_type, body)

    def _unpacked(self, body: bytes) -> bytes:
        coding = canonical(self._encoding.decode("latin-1"))
        if coding == "identity":
            return body
        if coding not in UNPACKED:
            raise BrokenAnswer(f"content-encoding {coding!r} was not asked for")
        try:
            return unpack(body, coding, self._bytes_max)
        except NotPacked as error:
            raise BrokenAnswer(f"content-encoding {coding!r}: {error}") from None
        except UnpacksToMore:
            raise AnswerTooLarge from None
