"""
Asking a subgraph over HTTP.

One pool of kept-alive connections per subgraph. Bounds on everything the other side decides: time to connect, time to
answer, bytes. Redirects are not followed, because a subgraph's address is configuration. A status other than 2xx
counts as an answer only with the media type that says so, `application/graphql-response+json` (GraphQL over HTTP, 6.4);
anything else may come from a proxy that never heard of GraphQL.
"""

import errno
from collections import OrderedDict
from typing import Any

import aiohttp
import orjson

from router.core.limits import Limits
from router.executor.subgraph_client import DEADLINE_HEADER, SubgraphFailed, SubgraphRequest, SubgraphResponse

GRAPHQL_RESPONSE = "application/graphql-response+json"
DOCUMENTS_ENCODED_MAX = 2_000
"""Documents kept as JSON text: encoding one anew costs as much as sending it."""
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
        self._documents: OrderedDict[str, orjson.Fragment] = OrderedDict()

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
            raise self._failed("did not answer in time", "SUBREQUEST_TIMEOUT", f"after {seconds:.3f} s") from None
        except (aiohttp.ClientError, OSError) as error:
            raise self._failed(
                "could not be reached", "SUBREQUEST_FAILED", f"{type(error).__name__}: {error}"
            ) from None
        except (ValueError, TypeError) as error:
            # An address that is none, a header or a value that cannot be sent.
            raise self._failed("could not be asked", "SUBREQUEST_FAILED", f"{type(error).__name__}: {error}") from None

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
            return SubgraphResponse(await self._read(response))

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _open_session(self) -> aiohttp.ClientSession:
        if self._session is None:
            connector = aiohttp.TCPConnector(
                limit=self._limits.subgraph_connections_max, keepalive_timeout=KEPT_SECONDS
            )
            self._session = aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),
                skip_auto_headers=("user-agent",),
                trust_env=False,
            )
        return self._session

    def _encode(self, request: SubgraphRequest) -> bytes:
        body: dict[str, Any] = {"query": self._encode_document(request.document)}
        if request.variables:
            body["variables"] = request.variables
        if request.operation_name is not None:
            body["operationName"] = request.operation_name
        return orjson.dumps(body, default=str)

    def _encode_document(self, document: str) -> orjson.Fragment:
        encoded = self._documents.get(document)
        if encoded is None:
            encoded = self._documents[document] = orjson.Fragment(orjson.dumps(document))
            if len(self._documents) > DOCUMENTS_ENCODED_MAX:
                self._documents.popitem(last=False)
        return encoded

    async def _read(self, response: aiohttp.ClientResponse) -> Any:
        is_graphql = response.content_type == GRAPHQL_RESPONSE
        if not 200 <= response.status < 300 and not is_graphql:
            raise self._failed("answered with an error", "SUBREQUEST_FAILED", f"HTTP status {response.status}")
        body = await self._read_body(response)
        try:
            return orjson.loads(body)
        except orjson.JSONDecodeError as error:
            detail = f"{response.content_type}: {error}"
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

    def _failed(self, what: str, code: str, detail: str) -> SubgraphFailed:
        return SubgraphFailed(f"The subgraph '{self.name}' {what}.", code=code, detail=detail)
