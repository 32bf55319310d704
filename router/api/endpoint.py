"""
`/graphql`: a GraphQL request over HTTP (the GraphQL-over-HTTP specification).

The connection is watched while a request is answered. When the client goes away its fetches are cancelled; except
those of a mutation, which runs to its end, because half of its root fields may have taken effect already.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Any

import orjson
import structlog

from router.api.graphql import Result, Service, answer, failed, refused
from router.api.http import ClientGone, Receive, Scope, Send, read_headers, receive_body, respond
from router.api.media_types import JSON, check_content_type, negotiate
from router.api.read_request import GraphQLRequest, make_request, read_body, read_query_string
from router.core.errors import RequestRefused, refuse
from router.engine import Engine
from router.observability.tracing import CORRELATION_HEADER, Trace, begin_trace, correlation_id

log = structlog.get_logger()


class GraphQLEndpoint:
    """An ASGI app that answers GraphQL requests with whatever engine is current when they arrive."""

    def __init__(self, current_engine: Callable[[], Engine], service: Service) -> None:
        self._current_engine = current_engine
        self._service = service
        self._in_flight = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = read_headers(scope)
        trace = begin_trace(headers)
        token = correlation_id.set(trace.correlation_id)
        started = time.perf_counter()
        media_type = JSON
        result: Result | None
        try:
            media_type = negotiate(headers.get("accept"))
            result = await self._respond_to(scope, receive, headers, trace)
        except RequestRefused as refusal:
            result = refused(Result(), refusal)
        except ClientGone:
            result = None
        except Exception:
            log.exception("request failed")
            result = failed(Result(), trace)
        try:
            if result is not None:
                self._log(result, started)
                await _send(send, result, media_type, trace)
        finally:
            correlation_id.reset(token)

    async def _respond_to(self, scope: Scope, receive: Receive, headers: dict[str, str], trace: Trace) -> Result | None:
        """The result; None when nobody waits for it any more."""
        limits = self._service.settings.limits
        if self._in_flight >= limits.in_flight_max:
            message = "The router is busy; try again in a moment."
            raise refuse(
                "TOO_MANY_REQUESTS_IN_FLIGHT", message, status=503, is_transport=True, headers={"retry-after": "1"}
            )
        self._in_flight += 1
        self._service.metrics.in_flight.inc()
        try:
            request = await self._read(scope, receive, headers)
            return await self._answer_while_connected(request, receive, trace)
        finally:
            self._in_flight -= 1
            self._service.metrics.in_flight.dec()

    async def _read(self, scope: Scope, receive: Receive, headers: dict[str, str]) -> GraphQLRequest:
        limits = self._service.settings.limits
        client = scope.get("client")
        peer = client[0] if client else None
        if scope["method"] == "GET":
            parameters = read_query_string(scope.get("query_string", b""), limits)
            await receive_body(receive, headers, limits)
            return make_request(parameters, headers, peer=peer, only_queries=True)
        if scope["method"] == "POST":
            check_content_type(headers.get("content-type"))
            return make_request(read_body(await receive_body(receive, headers, limits)), headers, peer=peer)
        raise refuse(
            "METHOD_NOT_ALLOWED",
            "Send queries by GET or POST, mutations by POST.",
            status=405,
            is_transport=True,
            headers={"allow": "GET, POST"},
        )

    async def _answer_while_connected(self, request: GraphQLRequest, receive: Receive, trace: Trace) -> Result | None:
        work = asyncio.create_task(answer(request, trace, self._current_engine(), self._service))
        gone = asyncio.create_task(_until_disconnect(receive))
        try:
            await asyncio.wait({work, gone}, return_when=asyncio.FIRST_COMPLETED)
            if work.done():
                return work.result()
            self._service.metrics.cancelled.inc()
            if _may_have_changed_something(request):
                await work
            return None
        finally:
            gone.cancel()
            if not work.done():
                work.cancel()
                await asyncio.wait({work})

    def _log(self, result: Result, started: float) -> None:
        log.info(
            "request",
            operation=result.operation_name,
            kind=result.kind,
            outcome=result.outcome,
            errors=[error["extensions"]["code"] for error in result.errors[:5]],
            milliseconds=round((time.perf_counter() - started) * 1000, 2),
        )


def _may_have_changed_something(request: GraphQLRequest) -> bool:
    # A look at the text is enough here: too careful only means to finish a query that nobody reads.
    return not request.only_queries and "mutation" in request.query


async def _until_disconnect(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        continue


async def _send(send: Send, result: Result, media_type: str, trace: Trace) -> None:
    try:
        body = orjson.dumps(result.body, default=_unexpected)
    except TypeError:
        # An in-process subgraph can also bring what has no JSON at all: an integer of more than 64 bits, a bad text.
        log.exception("response cannot be written", operation=result.operation_name)
        body = orjson.dumps(failed(result, trace).body)
    is_told = result.is_transport or media_type != JSON
    headers = {
        **result.headers,
        CORRELATION_HEADER: trace.correlation_id,
        "cache-control": "private, no-store",
        "vary": "accept",
    }
    await respond(send, result.status if is_told else 200, body, f"{media_type}; charset=utf-8", headers)


def _unexpected(value: Any) -> str:
    # Only an in-process subgraph can bring what JSON does not know (a Decimal, a date).
    return str(value)
