"""
Asking a subgraph over HTTP.

One pool of kept-alive connections per subgraph. Bounds on everything the other side decides: time to connect, time to
answer, bytes. Redirects are not followed, because a subgraph's address is configuration. A status other than 2xx
counts as an answer only with the media type that says so, `application/graphql-response+json` (GraphQL over HTTP, 6.4);
anything else may come from a proxy that never heard of GraphQL.

A subscription is GraphQL over SSE in its distinct connections mode: one POST, and a response that goes on. Such
connections are counted apart, or a few hundred listeners would leave none for queries.
"""

import asyncio
import errno
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

import aiohttp
import orjson

from trevo.clients.event_stream import EventReader, EventTooLarge
from trevo.clients.subgraph_client import DEADLINE_HEADER, SubgraphFailed, SubgraphRequest, SubgraphResponse
from trevo.core.limits import Limits
from trevo.door import exact_json
from trevo.door.cache import BoundedCache

GRAPHQL_RESPONSE = "application/graphql-response+json"
EVENT_STREAM = "text/event-stream"
DOCUMENTS_ENCODED_MAX = 2_000
"""Documents kept as JSON text: encoding one anew costs as much as sending it."""
DOCUMENTS_ENCODED_BYTES_MAX = 16_000_000
KEPT_SECONDS = 4.0
"""How long an unused connection is kept. Many servers (uvicorn, Node) close theirs after five seconds; whoever closes
first decides whether a request can fall into the gap, and a mutation that did could not be sent again."""
QUERY_ATTEMPTS_MAX = 2
"""Only where a kept connection turns out to be closed."""
_CLOSED = (errno.ECONNRESET, errno.EPIPE)


class HttpSubgraphClient:
    """One subgraph at one address."""

    def __init__(self, name: str, url: str, limits: Limits) -> None:
        self.name = name
        self.url = url
        self._limits = limits
        self._session: aiohttp.ClientSession | None = None
        self._listening: aiohttp.ClientSession | None = None
        self._documents: BoundedCache[str, bytes] = BoundedCache(
            bytes_max=DOCUMENTS_ENCODED_BYTES_MAX, entries_max=DOCUMENTS_ENCODED_MAX
        )

    async def send(self, request: SubgraphRequest) -> SubgraphResponse:
        """POST *request*. Raises SubgraphFailed, with what the transport said in its detail only."""
        seconds = request.deadline.seconds_left()
        headers = {
            **request.headers,
            "content-type": "application/json",
            "accept": f"{GRAPHQL_RESPONSE}, application/json;q=0.9",
            DEADLINE_HEADER: str(max(int(seconds * 1000), 1)),
        }
        patience = aiohttp.ClientTimeout(total=seconds, sock_connect=self._limits.subgraph_connect_seconds_max)
        attempts = 1 if request.is_mutation else QUERY_ATTEMPTS_MAX
        try:
            return await self._post_again(self._encode(request), headers, patience, attempts)
        except TimeoutError:
            raise self._late(seconds) from None
        except (aiohttp.ClientError, OSError, ValueError, TypeError) as error:
            raise self._unreached(error) from None

    async def _post_again(
        self, body: bytes, headers: dict[str, str], patience: aiohttp.ClientTimeout, attempts: int
    ) -> SubgraphResponse:
        while True:
            attempts -= 1
            try:
                return await self._post(body, headers, patience)
            except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError) as error:
                # The other side may close a kept connection in the moment we use it.
                is_closed = isinstance(error, aiohttp.ServerDisconnectedError) or error.errno in _CLOSED
                if attempts == 0 or not is_closed:
                    raise

    async def _post(self, body: bytes, headers: dict[str, str], patience: aiohttp.ClientTimeout) -> SubgraphResponse:
        async with self._open_session().post(
            self.url, data=body, headers=headers, timeout=patience, allow_redirects=False
        ) as response:
            return await self._read(response)

    async def subscribe(self, request: SubgraphRequest) -> AsyncGenerator[SubgraphResponse, None]:
        """POST *request* and read events. Raises SubgraphFailed, also when the stream breaks off before its end."""
        response = await self._open_stream(request)
        try:
            if response.content_type != EVENT_STREAM:
                # What is wrong with a request may be said in one ordinary answer.
                yield await self._read(response)
                return
            async with aclosing(self._read_events(response)) as events:
                async for event in events:
                    yield event
        finally:
            response.close()

    async def _open_stream(self, request: SubgraphRequest) -> aiohttp.ClientResponse:
        seconds = request.deadline.seconds_left()
        headers = {
            **request.headers,
            "content-type": "application/json",
            "accept": f"{EVENT_STREAM}, {GRAPHQL_RESPONSE};q=0.9, application/json;q=0.8",
        }
        patience = aiohttp.ClientTimeout(
            sock_connect=self._limits.subgraph_connect_seconds_max,
            # Of the whole silence: a keep-alive is a sign of life like an event.
            sock_read=self._limits.subgraph_silence_seconds_max,
        )
        if self._listening is None:
            self._listening = _make_session(aiohttp.TCPConnector(limit=0, force_close=True))
        try:
            async with asyncio.timeout(seconds):
                return await self._listening.post(
                    self.url, data=self._encode(request), headers=headers, timeout=patience, allow_redirects=False
                )
        except TimeoutError:
            raise self._late(seconds) from None
        except (aiohttp.ClientError, OSError, ValueError, TypeError) as error:
            raise self._unreached(error) from None

    async def _read_events(self, response: aiohttp.ClientResponse) -> AsyncGenerator[SubgraphResponse, None]:
        if not 200 <= response.status < 300:
            raise self._answered_with(response.status)
        limit = self._limits.subgraph_response_bytes_max
        reader = EventReader(limit)
        while chunk := await self._read_chunk(response):
            try:
                events = list(reader.feed(chunk))
            except EventTooLarge:
                raise self._failed(f"sent an event larger than {limit} bytes", "SUBREQUEST_TOO_LARGE", "") from None
            for event in events:
                if event.type == "complete":
                    return
                if event.type == "next":
                    yield self._decode(event.data, EVENT_STREAM)
        raise self._broke_off("the stream ended without 'complete'")

    async def _read_chunk(self, response: aiohttp.ClientResponse) -> bytes:
        try:
            return await response.content.readany()
        except TimeoutError:
            detail = f"nothing for {self._limits.subgraph_silence_seconds_max:.0f} s"
            raise self._failed("fell silent", "SUBREQUEST_TIMEOUT", detail, is_outage=True) from None
        except (aiohttp.ClientError, OSError) as error:
            raise self._broke_off(f"{type(error).__name__}: {error}") from None

    async def close(self) -> None:
        """Close the connections."""
        for session in (self._session, self._listening):
            if session is not None:
                await session.close()
        self._session = self._listening = None

    def _open_session(self) -> aiohttp.ClientSession:
        if self._session is None:
            limit = self._limits.subgraph_connections_max
            self._session = _make_session(aiohttp.TCPConnector(limit=limit, keepalive_timeout=KEPT_SECONDS))
        return self._session

    def _encode(self, request: SubgraphRequest) -> bytes:
        body: dict[str, Any] = {"query": self._encode_document(request.document)}
        if request.variables:
            body["variables"] = request.variables
        if request.operation_name is not None:
            body["operationName"] = request.operation_name
        return exact_json.dumps(body)

    def _encode_document(self, document: str) -> orjson.Fragment:
        encoded = self._documents.get(document)
        if encoded is None:
            encoded = orjson.dumps(document)
            self._documents.put(document, encoded)
        return orjson.Fragment(encoded)

    async def _read(self, response: aiohttp.ClientResponse) -> SubgraphResponse:
        is_graphql = response.content_type == GRAPHQL_RESPONSE
        if not 200 <= response.status < 300 and not is_graphql:
            raise self._answered_with(response.status)
        return self._decode(await self._read_body(response), response.content_type)

    def _decode(self, body: bytes, media_type: str) -> SubgraphResponse:
        try:
            return SubgraphResponse(*exact_json.read(body), size=len(body))
        except ValueError as error:
            detail = f"{media_type}: {error}"
            raise self._failed("gave an answer that is not JSON", "SUBREQUEST_INVALID_RESPONSE", detail) from None

    async def _read_body(self, response: aiohttp.ClientResponse) -> bytes:
        limit = self._limits.subgraph_response_bytes_max
        if response.content_length is not None and response.content_length > limit:
            raise self._too_large(limit)
        chunks = []
        size = 0
        async for chunk in response.content.iter_any():
            size += len(chunk)
            if size > limit:
                raise self._too_large(limit)
            chunks.append(chunk)
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)

    def _too_large(self, limit: int) -> SubgraphFailed:
        return self._failed(f"gave an answer larger than {limit} bytes", "SUBREQUEST_TOO_LARGE", "")

    def _unreached(self, error: Exception) -> SubgraphFailed:
        detail = f"{type(error).__name__}: {error}"
        if isinstance(error, (ValueError, TypeError)):
            # An address that is none, a header or a value that cannot be sent.
            return self._failed("could not be asked", "SUBREQUEST_FAILED", detail)
        return self._failed("could not be reached", "SUBREQUEST_FAILED", detail, is_outage=True)

    def _late(self, seconds: float) -> SubgraphFailed:
        return self._failed("did not answer in time", "SUBREQUEST_TIMEOUT", f"after {seconds:.3f} s", is_outage=True)

    def _answered_with(self, status: int) -> SubgraphFailed:
        is_outage = status >= 500  # HTTP's line between what the client did wrong and what the server cannot do
        detail = f"HTTP status {status}"
        return self._failed("answered with an error", "SUBREQUEST_FAILED", detail, is_outage=is_outage)

    def _broke_off(self, detail: str) -> SubgraphFailed:
        return self._failed("broke off", "SUBREQUEST_FAILED", detail, is_outage=True)

    def _failed(self, what: str, code: str, detail: str, *, is_outage: bool = False) -> SubgraphFailed:
        return SubgraphFailed(f"The subgraph '{self.name}' {what}.", code=code, detail=detail, is_outage=is_outage)


def _make_session(connector: aiohttp.TCPConnector) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        skip_auto_headers=("user-agent",),
        trust_env=False,
    )
