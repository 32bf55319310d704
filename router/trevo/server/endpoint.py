"""
`/graphql`: a GraphQL request over HTTP (the GraphQL-over-HTTP specification); `/graphql/<id>`: the same, of the
document that is known by this id.

The connection is watched while a request is answered; what becomes of the request when the client goes away is
`waiting_client.py`'s.

A subscription goes out as server-sent events (`sse.py`) or as parts (`multipart_events.py`), what is deferred in parts
(`multipart.py`), and everything else likewise where nothing but that is accepted.
"""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import structlog

from trevo.clients.subgraph_client import LAST_EVENT_ID_HEADER
from trevo.door.media_types import EVENT_STREAM, GRAPHQL_RESPONSE, JSON
from trevo.errors import RequestRefused, refuse
from trevo.gateway.admission import End
from trevo.gateway.answer import answer
from trevo.gateway.conclude import conclude
from trevo.gateway.engine import Engine
from trevo.gateway.request import GraphQLRequest
from trevo.gateway.result import Result, encode_result, failed, masked_error, refused
from trevo.gateway.service import Service
from trevo.gateway.subscription import FAREWELL_SECONDS_MAX
from trevo.observability.tracing import Trace, begin_trace, correlation_id
from trevo.server.batch import RequestBatch, check_batch
from trevo.server.content_coding import Packing, pack_answer
from trevo.server.csrf import check_forgery
from trevo.server.event_response import EventResponse
from trevo.server.kept_answers import KeptAnswers, has_it, tag_of
from trevo.server.media_types import EVENT_PARTS, Accepted, check_content_type, negotiate
from trevo.server.multipart import Multipart
from trevo.server.multipart_events import MultipartEvents
from trevo.server.read_request import bad_request, make_request, read_body, read_query_string
from trevo.server.receive import ClientGone, client_address, receive_body
from trevo.server.respond import CORRELATION, NOT_MODIFIED, header_value, of_coding, respond_with
from trevo.server.sse import ServerSentEvents
from trevo.server.waiting_client import WaitingClient
from trevo.serving.asgi import Header, Receive, Scope, Send, connection_of, path_of
from trevo.serving.request_headers import read_headers

log = structlog.get_logger()

CONTENT_TYPES = {name: (b"content-type", f"{name}; charset=utf-8".encode()) for name in (JSON, GRAPHQL_RESPONSE)}
_STREAMS: dict[str, type[EventResponse]] = {EVENT_STREAM: ServerSentEvents, EVENT_PARTS: MultipartEvents}


class GraphQLEndpoint:
    """An ASGI app that answers GraphQL requests with whatever engine is current when they arrive."""

    def __init__(self, current_engine: Callable[[], Engine], service: Service) -> None:
        self._current_engine = current_engine
        self._service = service
        self._packing = Packing(service.settings.compression, service.settings.limits)
        self._kept = KeptAnswers(service.settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = read_headers(scope)
        trace = begin_trace(headers)
        token = correlation_id.set(trace.correlation_id)
        started = time.perf_counter()
        accepted = Accepted()
        accept_encoding = headers.get("accept-encoding")
        stream: EventResponse | None = None
        parts: Multipart | None = None
        result: Result | None
        try:
            accepted = negotiate(headers.get("accept"), has_parts=self._service.settings.defer)
            if accepted.stream is not None:
                keep_alive = self._service.settings.limits.keep_alive_seconds
                coding = self._packing.of_events(accept_encoding)
                stream = _STREAMS[accepted.stream](send, trace, keep_alive, coding)
            if accepted.parts is not None:
                coding = self._packing.of_parts(accept_encoding)
                parts = Multipart(send, trace, form=accepted.parts, coding=coding)
            result = await self._respond_to(scope, receive, headers, trace, stream=stream, parts=parts)
        except RequestRefused as refusal:
            result = refused(Result(), refusal)
            await conclude(result, self._service.extensions, time.perf_counter() - started)
        except ClientGone:
            result = None
        except Exception:
            log.exception("request failed")
            result = failed(Result(), trace)
            await conclude(result, self._service.extensions, time.perf_counter() - started)
        try:
            if stream is not None and stream.is_open:
                await _finish(stream, result)
            elif (
                result is not None
                and (parts is None or not parts.is_open)
                and not await _send_in_pieces(result, accepted, stream, parts)
            ):
                await self._send_whole(scope, send, result, accepted, trace, headers=headers)
        finally:
            if stream is not None:
                await stream.stop()
            correlation_id.reset(token)

    async def _respond_to(
        self,
        scope: Scope,
        receive: Receive,
        headers: dict[str, str],
        trace: Trace,
        *,
        stream: EventResponse | None,
        parts: Multipart | None,
    ) -> Result | None:
        """The result; None when nobody waits for it any more."""
        # Counted when it is whole: whoever sends slowly takes nobody's place.
        request = await self._read(scope, receive, headers)
        if isinstance(request, RequestBatch):
            client = WaitingClient(self._service.metrics, request.requests)
            with client.watched(scope, receive):
                return await client.unless_gone(request.answer(trace, self._current_engine, self._service))
        with self._service.requests.admit() as place:
            if stream is not None:
                stream.place = place
            client = WaitingClient(self._service.metrics, [request], stream, parts)
            with client.watched(scope, receive):
                return await client.unless_gone(
                    answer(request, trace, self._current_engine(), self._service, stream, parts=parts)
                )

    async def _read(self, scope: Scope, receive: Receive, headers: dict[str, str]) -> GraphQLRequest | RequestBatch:
        limits = self._service.settings.limits
        address, look = client_address(scope), self._service.documents.look
        last = headers.get(LAST_EVENT_ID_HEADER)
        if scope["method"] == "GET":
            check_forgery(headers, self._service.settings)
            parameters = read_query_string(scope.get("query_string", b""), limits)
            await receive_body(scope, receive, headers, limits)
            self._name_document(scope, parameters)
            return make_request(
                parameters, headers, look=look, address=address, changes_nothing=True, last_event_id=last
            )
        if scope["method"] == "POST":
            check_content_type(headers.get("content-type"))
            coding = self._packing.check_request(headers.get("content-encoding"))
            body = await receive_body(scope, receive, headers, limits)
            if coding is not None:
                body = self._packing.unpack_request(body, coding)
            document = read_body(body)
            if isinstance(document, list):
                if path_of(scope) != self._service.settings.graphql_path:
                    raise bad_request("A path that names a document takes no batch.")
                check_batch(document, self._service.settings.batching, headers.get("accept"))
                return RequestBatch(document, headers, look=look, address=address)
            self._name_document(scope, document)
            return make_request(document, headers, look=look, address=address, last_event_id=last)
        raise refuse(
            "METHOD_NOT_ALLOWED",
            "Send queries and subscriptions by GET or POST, mutations by POST.",
            status=405,
            is_transport=True,
            headers={"allow": "GET, POST"},
        )

    def _name_document(self, scope: Scope, parameters: dict[str, Any]) -> None:
        """Add to *parameters* the id that the path has, if it has one. Refuses with `BAD_REQUEST`."""
        path, endpoint = path_of(scope), self._service.settings.graphql_path
        if path == endpoint:
            return
        named = path.removeprefix(f"{endpoint}/")
        if parameters.get("documentId") not in (None, named):
            raise refuse("BAD_REQUEST", "The path and 'documentId' name two documents.", is_transport=True)
        parameters["documentId"] = named

    async def _send_whole(
        self, scope: Scope, send: Send, result: Result, accepted: Accepted, trace: Trace, *, headers: dict[str, str]
    ) -> None:
        media_type = JSON if result.is_batch else accepted.single or GRAPHQL_RESPONSE
        body = encode_result(result, trace)
        told: list[Header] = [
            *((name.encode("latin-1"), header_value(value)) for name, value in result.headers.items()),
            (CORRELATION, header_value(trace.correlation_id)),
            *self._kept.headers_of(result),
        ]
        connection = connection_of(scope, send)
        if result.seconds_kept and scope["method"] == "GET":
            told.append((b"etag", (tag := tag_of(body)).encode()))
            if has_it(headers, tag):
                await respond_with(send, NOT_MODIFIED, b"", *told, connection=connection)
                return
        coding = self._packing.of_answer(headers.get("accept-encoding"), len(body))
        if coding is not None:
            body = await pack_answer(body, coding, result)
        status = result.status if result.is_transport or media_type != JSON else 200
        about_it = (CONTENT_TYPES[media_type], *of_coding(coding))
        await respond_with(send, status, body, *about_it, *told, connection=connection)


async def _finish(stream: EventResponse, result: Result | None) -> None:
    """The end of a stream, unless its client is gone or does not take even that."""
    if result is None:
        return
    with suppress(TimeoutError):
        async with asyncio.timeout(FAREWELL_SECONDS_MAX):
            await stream.end(result.ended or End("failed", masked_error(stream.trace)))


async def _send_in_pieces(
    result: Result, accepted: Accepted, stream: EventResponse | None, parts: Multipart | None
) -> bool:
    """
    Send *result* as the one event, or part, of a response, where nothing but that is accepted; False: nothing is sent.

    Refusals too: whoever reads events or parts alone would not see the body of another status.
    """
    if accepted.single is not None or result.is_transport:
        return False
    if stream is not None:
        await stream.send_result(result)
    elif parts is not None:
        await parts.send_result(result)
    else:
        return False
    return True
