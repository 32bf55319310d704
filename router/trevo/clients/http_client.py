"""
Asking a subgraph over HTTP: what is sent, and what of the answers is GraphQL.

How a request gets there is a carrier's affair (`carrier.py`): our own for plain HTTP, a library's for the rest. Bounds
on everything the other side decides: time to connect, time to answer, bytes. Redirects are not followed, because a
subgraph's address is configuration.

A subscription is GraphQL over SSE in its distinct connections mode: one POST, and a response that goes on. It is the
library's always: it is opened rarely and has nothing to gain by a pool.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from ssl import SSLContext

import aiohttp
import orjson

from trevo.clients.carrier import AnswerBroken, AnswerTooLarge, Carrier, HttpAnswer, is_read
from trevo.clients.event_stream import EventReader, EventTooLarge
from trevo.clients.library_http import LibraryHttp, as_built_in
from trevo.clients.plain_http.address import plain_address
from trevo.clients.plain_http.pool import PlainHttp
from trevo.clients.subgraph_client import DEADLINE_HEADER, SubgraphFailed, SubgraphRequest, SubgraphResponse
from trevo.config.carriers import CarrierName
from trevo.config.limits import Limits
from trevo.door import exact_json
from trevo.door.cache import BoundedCache
from trevo.door.media_types import EVENT_STREAM, GRAPHQL_RESPONSE, JSON

DOCUMENTS_ENCODED_MAX = 2_000
"""Documents kept as JSON text: encoding one anew costs as much as sending it."""
DOCUMENTS_ENCODED_BYTES_MAX = 16_000_000

ANSWERED_FOR_IT = frozenset({502, 503})
"""What proxies say where nobody is behind them, if the answer is none of GraphQL's."""

_OF_EACH = {"content-type": JSON, "accept": f"{GRAPHQL_RESPONSE}, {JSON};q=0.9"}
"""Headers of every request for one answer."""


class HttpSubgraphClient:
    """One subgraph at one address. *carrier* is as in the settings, *tls* is for `https://`."""

    def __init__(
        self, name: str, url: str, limits: Limits, carrier: CarrierName = "auto", tls: SSLContext | None = None
    ) -> None:
        self.name = name
        self.url = url
        self._limits = limits
        self._library = LibraryHttp(url, limits, tls)
        plain = plain_address(url) if carrier == "auto" else None
        self._carrier: Carrier = self._library if plain is None else PlainHttp(plain, limits)
        self._documents: BoundedCache[str, bytes] = BoundedCache(
            bytes_max=DOCUMENTS_ENCODED_BYTES_MAX, entries_max=DOCUMENTS_ENCODED_MAX
        )

    async def send(self, request: SubgraphRequest) -> SubgraphResponse:
        """POST *request*. Raises SubgraphFailed, with what the transport said in its detail only."""
        seconds = request.deadline.seconds_left()
        if seconds <= 0:
            raise self._late(0)
        headers = {**request.headers, **_OF_EACH, DEADLINE_HEADER: str(int(seconds * 1000) or 1)}
        if request.record is not None:
            request.record.attempts += 1
        try:
            answer = await self._carrier.post(
                self._encode(request),
                headers,
                deadline=request.deadline,
                may_repeat=not request.is_mutation,
                is_again=request.is_again,
            )
        except TimeoutError:
            raise self._late(seconds) from None
        except AnswerTooLarge:
            raise self._too_large() from None
        except (OSError, ValueError, TypeError) as error:
            raise self._unreached(error) from None
        if request.record is not None:
            request.record.status = answer.status
        return self._read(answer)

    async def subscribe(self, request: SubgraphRequest) -> AsyncGenerator[SubgraphResponse, None]:
        """POST *request* and read events. Raises SubgraphFailed, also when the stream breaks off before its end."""
        response = await self._open_stream(request)
        try:
            if response.content_type != EVENT_STREAM:
                # What is wrong with a request may be said in one ordinary answer.
                yield self._read(await self._read_whole(response))
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
            "content-type": JSON,
            "accept": f"{EVENT_STREAM}, {GRAPHQL_RESPONSE};q=0.9, {JSON};q=0.8",
        }
        try:
            async with asyncio.timeout(seconds):
                return await self._library.listen(self._encode(request), headers)
        except TimeoutError:
            raise self._late(seconds) from None
        except aiohttp.ClientError as error:
            raise self._unreached(as_built_in(error)) from None
        except (OSError, ValueError, TypeError) as error:
            raise self._unreached(error) from None

    async def _read_whole(self, response: aiohttp.ClientResponse) -> HttpAnswer:
        try:
            return await self._library.read_whole(response)
        except AnswerTooLarge:
            raise self._too_large() from None
        except TimeoutError:
            raise self._silent() from None
        except (aiohttp.ClientError, OSError) as error:
            raise self._broke_off(f"{type(error).__name__}: {error}") from None

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
                    yield self._decode(event.data, EVENT_STREAM)._replace(event_id=event.id)
        raise self._broke_off("the stream ended without 'complete'")

    async def _read_chunk(self, response: aiohttp.ClientResponse) -> bytes:
        try:
            return await response.content.readany()
        except TimeoutError:
            raise self._silent() from None
        except (aiohttp.ClientError, OSError) as error:
            raise self._broke_off(f"{type(error).__name__}: {error}") from None

    async def close(self) -> None:
        """Close the connections."""
        await self._carrier.close()
        await self._library.close()

    def _encode(self, request: SubgraphRequest) -> bytes:
        document = self._encode_document(request.document)
        if not request.variables:
            return document + b"}"
        return b'%b,"variables":%b}' % (document, exact_json.dumps(request.variables))

    def _encode_document(self, document: str) -> bytes:
        """A body as far as it is known before."""
        encoded = self._documents.get(document)
        if encoded is None:
            encoded = b'{"query":' + orjson.dumps(document)
            self._documents.put(document, encoded)
        return encoded

    def _read(self, answer: HttpAnswer) -> SubgraphResponse:
        if not is_read(answer.status, answer.media_type):
            raise self._answered_with(answer.status)
        return self._decode(answer.body, answer.media_type)

    def _decode(self, body: bytes, media_type: str) -> SubgraphResponse:
        try:
            return SubgraphResponse(*exact_json.read(body), size=len(body))
        except ValueError as error:
            detail = f"{media_type}: {error}"
            raise self._failed("gave an answer that is not JSON", "SUBREQUEST_INVALID_RESPONSE", detail) from None

    def _too_large(self) -> SubgraphFailed:
        limit = self._limits.subgraph_response_bytes_max
        return self._failed(f"gave an answer larger than {limit} bytes", "SUBREQUEST_TOO_LARGE", "")

    def _unreached(self, error: Exception) -> SubgraphFailed:
        detail = f"{type(error).__name__}: {error}"
        if isinstance(error, (ValueError, TypeError)):
            # An address that is none, a header or a value that cannot be sent.
            return self._failed("could not be asked", "SUBREQUEST_FAILED", detail)
        is_unanswered = not isinstance(error, AnswerBroken)
        return self._failed(
            "could not be reached", "SUBREQUEST_FAILED", detail, is_outage=True, is_unanswered=is_unanswered
        )

    def _late(self, seconds: float) -> SubgraphFailed:
        return self._failed("did not answer in time", "SUBREQUEST_TIMEOUT", f"after {seconds:.3f} s", is_outage=True)

    def _answered_with(self, status: int) -> SubgraphFailed:
        is_outage = status >= 500  # HTTP's line between what the client did wrong and what the server cannot do
        detail = f"HTTP status {status}"
        return self._failed(
            "answered with an error",
            "SUBREQUEST_FAILED",
            detail,
            is_outage=is_outage,
            is_unanswered=status in ANSWERED_FOR_IT,
        )

    def _silent(self) -> SubgraphFailed:
        detail = f"nothing for {self._limits.subgraph_silence_seconds_max:.0f} s"
        return self._failed("fell silent", "SUBREQUEST_TIMEOUT", detail, is_outage=True)

    def _broke_off(self, detail: str) -> SubgraphFailed:
        return self._failed("broke off", "SUBREQUEST_FAILED", detail, is_outage=True)

    def _failed(
        self, what: str, code: str, detail: str, *, is_outage: bool = False, is_unanswered: bool = False
    ) -> SubgraphFailed:
        message = f"The subgraph '{self.name}' {what}."
        return SubgraphFailed(message, code=code, detail=detail, is_outage=is_outage, is_unanswered=is_unanswered)
