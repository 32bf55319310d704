"""
uvicorn's HTTP protocol, with bounds on what a connection may cost before its request is whole.

    connected ─┐                                       ┌─ answered: waits for the next request, idle_seconds
               ▼                                       ▼
             head ──────────────► body ──────────────► answering ─► …
             head_seconds_max     body_seconds_max, body_bytes_per_second_min
             head_bytes_max       bodies_bytes_max
             headers_max                                 AHEAD_MAX, AHEAD_BYTES_MAX

uvicorn has no bound on a head's bytes or headers, nor on the time that a head or a body takes, nor on what is sent
ahead while an answer is owed; the parser calls us at each step, so they are kept here and not by an application, which
is only called when a head is whole.
"""

import asyncio
from collections.abc import Callable
from enum import Enum, auto
from functools import partial
from typing import Any, cast

import uvicorn
from prometheus_client import Counter, Gauge
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from trevo.door.connections import ConnectionBounds, ConnectionPlace, OpenConnections
from trevo.serving.asgi import CONNECTION, Scope
from trevo.serving.cycle import Cycle
from trevo.serving.request_target import target_of
from trevo.serving.response_headers import ON_EVERY_ANSWER

OPEN = Gauge("http_connections", "Open connections, web sockets included.")
CUT_OFF = Counter("http_connections_cut_off_total", "Connections that were ended before a request was whole.", ["why"])

CHUNK_OVERHEAD_MAX = 8
"""Bytes that a byte of a chunked body may cost on the wire, beside as much as a head may have for all trailers."""

AHEAD_MAX, AHEAD_BYTES_MAX = 16, 262_144
"""Requests that may wait for the answers to those before them, and the bytes that may come while any does; what is more
ends the connection."""


class Stage(Enum):
    """What a connection is at."""

    HEAD = auto()
    BODY = auto()
    ANSWERING = auto()
    IDLE = auto()


class RefusedByBounds(Exception):
    """Thrown through the parser, so that it stops at once."""


class BoundedConfig(uvicorn.Config):
    """What these protocols read of how an application is served."""

    bounds: ConnectionBounds
    connections: OpenConnections


class BoundedHttp(HttpToolsProtocol):
    """One connection that speaks HTTP/1.1."""

    config: BoundedConfig

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._bounds = self.config.bounds
        self._place: ConnectionPlace | None = None
        self._stage = Stage.HEAD
        self._timer: asyncio.TimerHandle | None = None
        self._stall_timer: asyncio.TimerHandle | None = None
        self._idle_timer: asyncio.TimerHandle | None = None
        """Set once and not for each request: it looks at how long nothing has been asked."""
        self._idle_since = 0.0
        self._wire_bytes = 0
        """Since the head or the body began."""
        self._piece_bytes = 0
        """Of what was received last."""
        self._head_bytes_before = 0
        """What the head can have at most beside these, where it began within a piece."""
        self._ahead_bytes = 0
        """Received while a request waits for the answer to the one before it."""
        self._answering: Cycle | None = None
        self._body_bytes = 0
        self._body_began = 0.0
        self._refusal: tuple[str, int | None, str] | None = None
        self._last_words: bytes | None = None
        """What is said when all that came before is answered. What comes meanwhile is of no use, and still taken: of a
        connection that is closed with something unread the client may lose what was sent."""

    # The connection

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn itself
        super().connection_made(transport)
        peer = self.client[0] if self.client else None
        self._place = self.config.connections.enter(peer, self._make_way)
        if self._place is None:
            self._end("full", 503, "Too many connections are open; try again in a moment.")
            return
        OPEN.inc()
        self._begin_head()
        self._start_timer(self._bounds.head_seconds_max, self._end_slow_head)

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_timer()
        self._stop_stall_timer()
        self._stop_idle_timer()
        if self._place is not None:
            self.config.connections.leave(self._place)
            OPEN.dec()
        super().connection_lost(exc)
        for waiting, _ in self.pipeline:
            cast("Cycle", waiting).be_gone()
        if self._answering is not None:
            self._answering.be_gone()
        # They know this one too; if it went on knowing them, only the collector of garbage would find all of them.
        self.pipeline.clear()
        self.cycle = self._answering = None  # type: ignore[assignment]  # nobody asks for it any more

    def data_received(self, data: bytes) -> None:
        if self._place is None or self.transport.is_closing():
            return
        if self._stage is Stage.IDLE:
            self._begin_head()
        is_ahead = self.pipeline or self._last_words is not None
        self._ahead_bytes = self._ahead_bytes + len(data) if is_ahead else 0
        if self._ahead_bytes > AHEAD_BYTES_MAX:
            self._end("sent ahead", None, "")
            return
        if self._last_words is not None:
            return
        self._wire_bytes += len(data)
        self._piece_bytes = len(data)
        super().data_received(data)
        # Mostly a request comes in one piece, and there is nothing to look after.
        if self._stage is Stage.HEAD:
            if self._wire_bytes > self._bounds.head_bytes_max:
                self._end("long head", 431, "The request's head is too large.")
            elif self._timer is None:
                self._start_timer(self._bounds.head_seconds_max, self._end_slow_head)
        elif self._stage is Stage.BODY:
            if self._wire_bytes > self._wire_bytes_max:
                self._end("long body", 400, "The request's body is mostly padding.")
            elif self._timer is None:
                self._start_timer(self._bounds.body_grace_seconds, self._check_pace)

    def handle_websocket_upgrade(self) -> None:
        self._stop_timer()
        self._stop_idle_timer()
        assert self._place is not None  # noqa: S101  # or nothing would have been read
        self.config.connections.stop_waiting(self._place)
        make_protocol: Any = self.ws_protocol_class
        self.ws_protocol_class = partial(make_protocol, place=self._place)  # type: ignore[assignment]  # called, no more
        super().handle_websocket_upgrade()
        self.parser = None  # type: ignore[assignment]  # as uvicorn does it where a connection ends

    # What the parser tells

    def on_message_begin(self) -> None:
        super().on_message_begin()
        if self._stage is not Stage.HEAD:
            self._begin_head()
            self._head_bytes_before = self._piece_bytes

    def on_header(self, name: bytes, value: bytes) -> None:
        name = name.lower()
        if name == b"expect" and value.lower() == b"100-continue":
            self.expect_100_continue = True
        self.headers.append((name, value))
        if len(self.headers) > self._bounds.headers_max:  # those after a chunked body are counted too
            self._refuse("refused", 431, "The request has too many headers.")

    def on_headers_complete(self) -> None:
        if self._wire_bytes + self._head_bytes_before > self._bounds.head_bytes_max:
            size = len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)
            if size > self._bounds.head_bytes_max:
                self._refuse("refused", 431, "The request's head is too large.")
        self._stop_timer()
        self._stage = Stage.BODY
        self._wire_bytes = self._body_bytes = 0
        self._body_began = self.loop.time()
        scope = cast("Scope", self.scope)
        version = self.parser.get_http_version()
        scope["method"] = self.parser.get_method().decode("ascii")
        scope["http_version"] = version
        if self.parser.should_upgrade() and self._should_upgrade():
            return
        target = target_of(self.url)
        scope["path"] = self.root_path + target.path
        scope["raw_path"] = self.root_path.encode("ascii") + target.raw_path
        scope["query_string"] = target.query
        self._begin_cycle(scope, keep_alive=version != "1.0" and self.parser.should_keep_alive())

    def _begin_cycle(self, scope: Scope, *, keep_alive: bool) -> None:
        """As uvicorn does it, with a cycle of our own."""
        is_ahead = self.cycle is not None and not self.cycle.response_complete
        if is_ahead and len(self.pipeline) >= AHEAD_MAX:
            self._refuse("sent ahead", None, "Too many requests were sent ahead.")
        self.cycle = cycle = Cycle(
            self.loop,
            scope=scope,
            transport=self.transport,
            flow=self.flow,
            logger=self.logger,
            access_logger=self.access_logger,
            access_log=False,
            default_headers=self.server_state.default_headers,
            message_event=asyncio.Event(),
            expect_100_continue=self.expect_100_continue,
            keep_alive=keep_alive,
            on_response=self.on_response_complete,
        )
        scope["extensions"] = {CONNECTION: cycle}
        if is_ahead:
            # It waits for the answer to the one before.
            self.flow.pause_reading()
            self.pipeline.appendleft((cycle, self.app))
        else:
            self._start_asgi_task(cycle, self.app)

    def _start_asgi_task(self, cycle: Any, app: Any) -> None:
        self._answering = cycle
        self.tasks.add(self.loop.create_task(self._run(cycle, app)))

    async def _run(self, cycle: Any, app: Any) -> None:
        # Called back when a task has ended, the loop would make another turn.
        try:
            await cycle.run_asgi(app)
        finally:
            self.tasks.discard(cast("asyncio.Task[None]", asyncio.current_task()))

    def on_body(self, body: bytes) -> None:
        super().on_body(body)
        self._body_bytes += len(body)
        if self._place is not None:
            self.config.connections.hold(self._place, len(body))

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._stop_timer()
        self._stage = Stage.ANSWERING
        self._wire_bytes = 0
        if self._place is not None:
            self.config.connections.stop_waiting(self._place)
        if self.cycle is not None and self.cycle.response_complete:
            self._be_idle()  # answered before it was whole

    def on_response_complete(self) -> None:
        """As uvicorn does it, with a timer of our own."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())
        elif self._last_words is not None:
            self.transport.write(self._last_words)
            self.transport.close()
        elif self._stage is Stage.ANSWERING:
            self._be_idle()

    def send_400_response(self, msg: str) -> None:
        self._end(*(self._refusal or ("refused", 400, msg)))

    # How fast the other side takes

    def pause_writing(self) -> None:
        super().pause_writing()
        self._stall_timer = self.loop.call_later(self._bounds.stall_seconds_max, self._abort_stalled)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._stop_stall_timer()

    def _abort_stalled(self) -> None:
        CUT_OFF.labels("stalled").inc()
        self.transport.abort()

    # The stages

    def _begin_head(self) -> None:
        self._stage = Stage.HEAD
        self._wire_bytes = self._head_bytes_before = 0
        if self._place is not None:
            self.config.connections.wait(self._place)

    def _be_idle(self) -> None:
        self._stage = Stage.IDLE
        if self._place is not None:
            self.config.connections.wait(self._place)
        self._idle_since = self.loop.time()
        if self._idle_timer is None:
            self._idle_timer = self.loop.call_later(self.timeout_keep_alive, self._end_idle)

    def _end_idle(self) -> None:
        self._idle_timer = None
        if self._stage is not Stage.IDLE:
            return  # set again when it is
        left = self._idle_since + self.timeout_keep_alive - self.loop.time()
        if left > 0:
            self._idle_timer = self.loop.call_later(left, self._end_idle)
        elif not self.transport.is_closing():
            self.transport.close()

    def _end_slow_head(self) -> None:
        has_begun = self._wire_bytes or self._head_bytes_before
        self._end("slow head", 408 if has_begun else None, "The request's head did not arrive in time.")

    def _check_pace(self) -> None:
        if self.flow.read_paused:
            # It is we who do not read; nobody can be blamed for the time until now.
            self._body_began, self._body_bytes = self.loop.time(), 0
        seconds = self.loop.time() - self._body_began
        is_slow = self._body_bytes < self._bounds.body_bytes_per_second_min * seconds
        if is_slow or seconds >= self._bounds.body_seconds_max:
            self._end("slow body", 408, "The request's body did not arrive in time.")
        else:
            left = self._bounds.body_seconds_max - seconds
            self._start_timer(min(self._bounds.body_grace_seconds, left), self._check_pace)

    @property
    def _wire_bytes_max(self) -> int:
        return self._bounds.head_bytes_max + self._body_bytes * CHUNK_OVERHEAD_MAX

    # Endings

    def _refuse(self, why: str, status: int | None, text: str) -> None:
        self._refusal = why, status, text
        raise RefusedByBounds(text)

    def _make_way(self) -> None:
        self._end("made way", None, "")

    def _end(self, why: str, status: int | None, text: str) -> None:
        """Close the connection, with an answer where one can be understood: behind those to what came before."""
        if self.transport.is_closing():
            return
        self._stop_timer()
        CUT_OFF.labels(why).inc()
        is_answering = self.cycle is not None and not self.cycle.response_complete
        if status is not None and is_answering and (self.pipeline or self._stage is not Stage.BODY):
            self._end_after_answers(_whole_answer(status, text))
            return
        # Half of this one's answer may be under way.
        if status is not None and not (is_answering and self.cycle.response_started):
            self.transport.write(_whole_answer(status, text))
        self.transport.close()

    def _end_after_answers(self, words: bytes) -> None:
        if self._stage is Stage.BODY:
            # It is the last of those that wait, and will not be whole.
            cast("Cycle", self.pipeline.popleft()[0]).be_gone()
            self.cycle = self.pipeline[0][0] if self.pipeline else cast("Cycle", self._answering)
        self._last_words, self._stage = words, Stage.ANSWERING
        self.flow.resume_reading()
        if self._place is not None:
            self.config.connections.stop_waiting(self._place)

    def _start_timer(self, seconds: float, callback: Callable[[], None]) -> None:
        self._stop_timer()
        self._timer = self.loop.call_later(seconds, callback)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _stop_idle_timer(self) -> None:
        if self._idle_timer is not None:
            self._idle_timer.cancel()
            self._idle_timer = None

    def _stop_stall_timer(self) -> None:
        if self._stall_timer is not None:
            self._stall_timer.cancel()
            self._stall_timer = None


def _whole_answer(status: int, text: str) -> bytes:
    body = text.encode()
    headers = [
        *ON_EVERY_ANSWER,
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
    ]
    head = b"".join(name + b": " + value + b"\r\n" for name, value in headers)
    return STATUS_LINE[status] + head + b"\r\n" + body
