"""
An answer in parts: `multipart/mixed` (RFC 2046), each part a JSON document, here of the current draft's form.

    ---                                                 CRLF ends each line
    Content-Type: application/json; charset=utf-8

    {"data": {"product": {"name": "Chair"}}, "pending": [{"id": "0", "path": ["product"]}], "hasNext": true}
    ---
    Content-Type: application/json; charset=utf-8

    {"incremental": [{"id": "0", "data": {"reviews": []}}], "completed": [{"id": "0"}], "hasNext": false}
    -----

The line that ends a part goes out together with it: a client can read it then, and not when the next one comes.
"""

from typing import Any

import structlog

from trevo.door.content_codings import Coding, Packer
from trevo.door.media_types import JSON
from trevo.gateway.result import Result, encode_json, failed
from trevo.observability.tracing import Trace
from trevo.server.media_types import MULTIPART
from trevo.server.respond import begin_stream
from trevo.serving.asgi import Send

log = structlog.get_logger()

_DELIMITER = b"\r\n---"
_HEAD = b"\r\nContent-Type: " + JSON.encode() + b"; charset=utf-8\r\n\r\n"


class Multipart:
    """The response to one request, once it turns out to come in parts."""

    def __init__(self, send: Send, trace: Trace, *, form: str, coding: Coding | None = None) -> None:
        """*form*: that of the parts, where its client has named one, and is to be told so. *coding*: of all of it."""
        self.is_open = False
        self.is_left = False
        """Whether the client has gone."""
        self.form = form
        self._send = send
        self._trace = trace
        self._coding = coding
        self._packer: Packer | None = None

    async def open(self) -> None:
        """Begin the response."""
        self.is_open = True
        self._packer = None if self._coding is None else self._coding.begin()
        form = f"; {self.form}" if self.form else ""
        await begin_stream(self._send, f'{MULTIPART}; boundary="-"{form}'.encode(), self._trace, self._coding)
        await self._write(_DELIMITER.lstrip(), is_last=False)

    async def send_part(self, body: dict[str, Any], *, is_last: bool) -> None:
        """One part; nothing comes after the last. Raises TypeError, with nothing sent, for what cannot be written."""
        end = _DELIMITER + b"--\r\n" if is_last else _DELIMITER
        await self._write(_HEAD + encode_json(body) + end, is_last=is_last)

    async def send_result(self, result: Result) -> None:
        """The one part of an answer of which nothing is deferred."""
        await self.open()
        try:
            await self.send_part({**result.body, "hasNext": False}, is_last=True)
        except TypeError:
            log.exception("response cannot be written", operation=result.operation_name)
            await self.send_part({**failed(result, self._trace).body, "hasNext": False}, is_last=True)

    async def _write(self, text: bytes, *, is_last: bool) -> None:
        if self._packer is not None:
            text = self._packer.add(text) + (self._packer.end() if is_last else b"")
        await self._send({"type": "http.response.body", "body": text, "more_body": not is_last})
