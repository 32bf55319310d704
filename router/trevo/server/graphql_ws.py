"""
GraphQL over a web socket, by the protocol `graphql-transport-ws`.

    client                                   router
    connection_init {Authorization: …}  →
                                        ←    connection_ack
    subscribe 1 {query: …}              →
                                        ←    next 1 {data: …}, again and again
    complete 1                          →         or        ←    complete 1, error 1 [ … ]
    ping                                →    ←    pong
    ping {Authorization: …}             →    ←    pong

Queries and mutations go the same way, with one `next`. Every operation is verified with the token of the connection
when it arrives; once that has run out the connection is closed with 4403, upon which clients open another with a fresh
one. Or they renew it before, by a `ping` that brings another token of the same person: open subscriptions are asked
anew with it, under their ids, and all that comes later has it.

What breaks the protocol closes the connection too: 4400 for what is no message, 4401 for an operation before the
acknowledgement, 4408 for none in time, 4409 for an id in use, 4429 for a second `connection_init`.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

import orjson

from trevo.door import exact_json
from trevo.errors import ClientError, RequestRefused
from trevo.extensions.extensions import ExtensionFailed
from trevo.gateway.admission import Admitted, End
from trevo.gateway.answer import answer
from trevo.gateway.engine import Engine
from trevo.gateway.identify import identify
from trevo.gateway.request import GraphQLRequest, may_have_changed_something, subscriber
from trevo.gateway.result import Result, encode_event, encode_json, masked_error, refused
from trevo.gateway.service import Service
from trevo.gateway.subscription import SAYS_NOTHING, STOPPING, TOKEN_EXPIRED, TOO_SLOW, TokenRefused
from trevo.observability.tracing import Trace, begin_trace, correlation_id
from trevo.server.read_request import make_request
from trevo.server.receive import ClientGone, client_address
from trevo.serving.asgi import Receive, Scope, Send

PROTOCOL = "graphql-transport-ws"


class Closed(Exception):
    """The connection is to be closed with this code; the message is the reason that the client gets."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code


@dataclass(eq=False, slots=True)
class SocketOperation:
    """One operation of a connection; the stream of its events, if it has any."""

    id: str
    request: GraphQLRequest
    trace: Trace
    send: Callable[[dict[str, Any]], Awaitable[None]]
    place: Admitted | None = None
    """Among the requests in flight; given up when the stream opens, since subscriptions are counted apart."""
    is_open: bool = False
    is_wanted: bool = True
    last_event_id: str | None = None
    """What the last event is called that was sent."""

    async def open(self) -> None:
        """The protocol has no message for it. Cancelled where its client has given it up meanwhile."""
        self.is_open = True
        if not self.is_wanted:
            raise asyncio.CancelledError
        if self.place is not None:
            self.place.leave()

    async def send_event(self, body: dict[str, Any], event_id: str | None = None) -> None:
        if event_id is not None:
            self.last_event_id = event_id or None
        payload = orjson.Fragment(encode_event(body, self.trace))
        await self.send({"id": self.id, "type": "next", "payload": payload})


class SocketSession:
    """One accepted web socket."""

    def __init__(  # noqa: PLR0917  # an ASGI connection, and what answering takes
        self,
        scope: Scope,
        headers: dict[str, str],
        receive: Receive,
        send: Send,
        current_engine: Callable[[], Engine],
        service: Service,
        admitted: Admitted,
    ) -> None:
        self._address = client_address(scope)
        self._headers = headers
        self._receive = receive
        self._send_message = send
        self._current_engine = current_engine
        self._service = service
        self._limits = service.settings.limits
        self._admitted = admitted
        self._tasks: dict[asyncio.Task[None], SocketOperation] = {}
        self._by_id: dict[str, asyncio.Task[None]] = {}
        self._person: str | None = None
        """Whose it is; nobody's where it is anonymous."""
        self._is_anonymous = False
        self._idle_timer: asyncio.TimerHandle | None = None

    async def talk(self) -> None:
        """Take messages for as long as they come. Raises Closed and ClientGone."""
        try:
            async with asyncio.timeout(self._limits.socket_init_seconds_max):
                await self._begin()
        except TimeoutError:
            raise Closed(4408, "Connection initialisation timeout") from None
        while True:
            await self._take(await self._read())

    async def abandon(self) -> None:
        """Stop all operations but mutations, which run to their end, because half of one may have taken effect."""
        self._is_anonymous = False
        self._stop_expecting()
        for operation in list(self._by_id):
            self._give_up(operation)
        if self._tasks:
            await asyncio.wait(self._tasks)

    async def _begin(self) -> None:
        while True:
            message = await self._read()
            match message["type"]:
                case "connection_init":
                    await self._identify(message.get("payload"))
                    await self._send({"type": "connection_ack"})
                    return
                case "ping":
                    await self._send({"type": "pong"})
                case "pong":
                    continue
                case "subscribe":
                    raise Closed(4401, "Unauthorized")
                case _:
                    raise Closed(4400, "Send connection_init first")

    async def _identify(self, payload: Any) -> None:
        """Take the token of *payload*, before that of the upgrade request: browsers cannot set headers of these."""
        if payload is not None and not isinstance(payload, dict):
            raise Closed(4400, "The payload of connection_init must be an object")
        given = _authorization_in(payload or {})
        if given is not None:
            self._headers = {**self._headers, "authorization": given}
        try:
            self._person = await self._whose(self._headers)
            if self._person is not None:
                self._service.sockets.take_over(self._admitted, self._person)
            else:
                self._service.anonymous_sockets.take_over(self._admitted, subscriber(self._address))
                self._is_anonymous = True
                self._expect_an_operation()
        except RequestRefused as refusal:
            raise _closed_for(refusal) from None

    async def _whose(self, headers: dict[str, str]) -> str | None:
        """The person of the token in *headers*. Refuses as `identify` does."""
        trace = begin_trace(headers)
        try:
            sender = await identify(GraphQLRequest("", headers=headers, address=self._address), trace, self._service)
        except ExtensionFailed:
            raise Closed(1011, masked_error(trace).message) from None
        if sender.refusal is not None:
            raise sender.refusal
        return None if sender.identity is None else sender.identity.person

    async def _renew(self, payload: Any) -> None:
        """Go on with the token that a `ping` brings, if it brings one. Raises Closed where it is not that person's."""
        given = _authorization_in(payload) if isinstance(payload, dict) else None
        if given is None or given == self._headers.get("authorization"):
            return
        headers = {**self._headers, "authorization": given}
        try:
            person = await self._whose(headers)
        except RequestRefused as refusal:
            raise _closed_for(refusal) from None
        if person is None or person != self._person:
            raise Closed(4403, "The token is not of who opened this web socket; open another for it")
        self._headers = headers
        for id_ in list(self._by_id):
            task = self._by_id.get(id_)
            if task is not None and (operation := self._tasks[task]).is_open:
                # Ended first: it is not to be counted twice.
                self._give_up(id_)
                await asyncio.wait({task})
                self._ask_again(operation)

    def _ask_again(self, operation: SocketOperation) -> None:
        """Ask for *operation*, which is over, under its id and with the token that there is now: what came since."""
        again = replace(operation.request, headers=self._headers, last_event_id=operation.last_event_id)
        self._start(operation.id, again)

    async def _read(self) -> dict[str, Any]:
        received = await self._receive()
        if received["type"] == "websocket.disconnect":
            raise ClientGone
        text = received.get("text")
        if text is None:
            raise Closed(4400, "Messages are JSON text")
        if len(text) > self._limits.body_bytes_max:
            raise Closed(1009, f"A message is larger than {self._limits.body_bytes_max} bytes")
        try:
            message = exact_json.loads(text)
        except ValueError:
            raise Closed(4400, "The message is not JSON") from None
        if not isinstance(message, dict) or not isinstance(message.get("type"), str):
            raise Closed(4400, "The message has no type")
        return message

    async def _take(self, message: dict[str, Any]) -> None:
        match message["type"]:
            case "subscribe":
                await self._subscribe(_id_of(message), message.get("payload"))
            case "complete":
                self._give_up(_id_of(message))
            case "ping":
                await self._renew(message.get("payload"))
                await self._send({"type": "pong"})
            case "pong":
                return
            case "connection_init":
                raise Closed(4429, "Too many initialisation requests")
            case _:
                raise Closed(4400, "The message's type is unknown")

    async def _subscribe(self, id_: str, payload: Any) -> None:
        if id_ in self._by_id:
            raise Closed(4409, f"Subscriber for {id_} already exists")
        if not isinstance(payload, dict):
            raise Closed(4400, "The payload of subscribe must be an object")
        try:
            look = self._service.documents.look
            request = make_request(payload, self._headers, look=look, address=self._address)
        except RequestRefused as refusal:
            raise Closed(4400, str(refusal)) from None
        at_once_max = self._limits.socket_operations_max
        # What was given up takes a moment to end, and must not keep the next one out; nor may it pile up.
        if len(self._by_id) >= at_once_max or len(self._tasks) >= 2 * at_once_max:
            # Told before the next message is read: who asks on without listening does not pile up refusals.
            error = ClientError("Too many operations are open on this web socket.", "TOO_MANY_OPERATIONS")
            await self._send({"id": id_, "type": "error", "payload": [error.as_json()]})
            return
        self._start(id_, request)

    def _start(self, id_: str, request: GraphQLRequest) -> None:
        last = request.last_event_id
        operation = SocketOperation(id_, request, begin_trace(self._headers), self._send, last_event_id=last)
        task = asyncio.create_task(self._run(operation))
        self._tasks[task] = operation
        self._by_id[id_] = task
        task.add_done_callback(self._forget)
        self._stop_expecting()

    def _forget(self, task: asyncio.Task[None]) -> None:
        del self._tasks[task]
        self._expect_an_operation()

    def _expect_an_operation(self) -> None:
        """Nobody answers for an anonymous connection, so it has to be of some use."""
        if self._is_anonymous and not self._tasks and self._idle_timer is None:
            seconds = self._limits.socket_idle_seconds_max
            loop = asyncio.get_running_loop()
            self._idle_timer = loop.call_later(seconds, self._admitted.end, SAYS_NOTHING)

    def _stop_expecting(self) -> None:
        if self._idle_timer is not None:
            self._idle_timer.cancel()
            self._idle_timer = None

    def _give_up(self, id_: str) -> None:
        # Unknown is an operation that ended while the client's message was on its way.
        task = self._by_id.pop(id_, None)
        if task is None:
            return
        operation = self._tasks[task]
        operation.is_wanted = False
        if operation.is_open or not may_have_changed_something(operation.request):
            task.cancel()

    async def _run(self, operation: SocketOperation) -> None:
        correlation_id.set(operation.trace.correlation_id)
        try:
            with self._service.requests.admit() as operation.place:
                result = await answer(
                    operation.request, operation.trace, self._current_engine(), self._service, operation
                )
        except RequestRefused as refusal:
            result = refused(Result(), refusal)
        if operation.is_wanted:
            await self._finish(operation, result)

    async def _finish(self, operation: SocketOperation, result: Result) -> None:
        # From here on the client may use the id again.
        self._by_id.pop(operation.id, None)
        end = _end_of_all(result)
        if _is_for_its_token(end) and operation.request.headers is not self._headers:
            # It began with one that was renewed meanwhile.
            self._ask_again(operation)
        elif end is not None:
            self._admitted.end(end)
        elif result.ended is not None and result.ended.error is not None:
            errors = [result.ended.error.as_json()]
            await self._send({"id": operation.id, "type": "error", "payload": errors})
        elif result.ended is None and not result.was_executed:
            await self._send({"id": operation.id, "type": "error", "payload": result.errors})
        else:
            if result.ended is None:
                await operation.send_event(result.body)
            await self._send({"id": operation.id, "type": "complete"})

    async def _send(self, message: dict[str, Any]) -> None:
        try:
            await self._send_message({"type": "websocket.send", "text": encode_json(message).decode()})
        except OSError:
            # The client is gone; whoever waits for its next message learns it too.
            return


def _authorization_in(payload: dict[str, Any]) -> str | None:
    """The token that *payload* brings as `Authorization`, or as that of its `headers`, however it is written."""
    for members in (payload, payload.get("headers")):
        if isinstance(members, dict):
            given = {name.lower(): value for name, value in members.items()}.get("authorization")
            if given is not None:
                if not isinstance(given, str):
                    raise Closed(4400, "Authorization must be a string")
                return given
    return None


def _closed_for(refusal: RequestRefused) -> Closed:
    """How a connection is closed whose token is refused."""
    return Closed(1013 if refusal.status == 503 else 4403, str(refusal))


def _is_for_its_token(end: End | None) -> bool:
    return end is TOKEN_EXPIRED or isinstance(end, TokenRefused)


def _end_of_all(result: Result) -> End | None:
    """Why, after *result*, nothing more can be done on its connection; None where it can."""
    if result.ended in (STOPPING, TOKEN_EXPIRED, TOO_SLOW) or isinstance(result.ended, TokenRefused):
        return result.ended
    # The token was good when the connection began, so it has run out since.
    return TOKEN_EXPIRED if result.is_transport and result.status == 401 else None


def _id_of(message: dict[str, Any]) -> str:
    id_ = message.get("id")
    if not isinstance(id_, str) or not id_ or exact_json.has_half(id_):
        raise Closed(4400, "The message has no id")
    return id_
