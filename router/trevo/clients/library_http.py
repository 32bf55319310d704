"""
HTTP by a library (aiohttp): TLS, addresses with a password, and event streams, which are opened rarely and then go on.
"""

import asyncio
import errno
from collections.abc import Mapping
from ssl import SSLContext

import aiohttp

from trevo.clients.carrier import KEPT_SECONDS, AnswerBroken, AnswerTooLarge, HttpAnswer, check_names, is_read
from trevo.clients.subgraph_client import Deadline
from trevo.config.limits import Limits

ATTEMPTS_MAX = 2
LATE_SECONDS = 1.0
"""By which a connection's timer rings too late to tell anything of the other side; the library rounds up to as much."""
_CLOSED = (errno.ECONNRESET, errno.EPIPE)


class LibraryHttp:
    """Carries requests to *url*; *tls* says whom to believe and what to show. None: as the library has it by itself."""

    def __init__(self, url: str, limits: Limits, tls: SSLContext | None = None) -> None:
        self._url = url
        self._limits = limits
        self._tls: SSLContext | bool = True if tls is None else tls
        self._session: aiohttp.ClientSession | None = None
        self._listening: aiohttp.ClientSession | None = None

    async def post(
        self, body: bytes, headers: Mapping[str, str], *, deadline: Deadline, may_repeat: bool, is_again: bool = False
    ) -> HttpAnswer:
        """As `Carrier.post`; which connection it takes is the library's to decide."""
        del is_again
        check_names(tuple(headers))
        patience = aiohttp.ClientTimeout(
            total=deadline.seconds_left(), sock_connect=self._limits.subgraph_connect_seconds_max
        )
        attempts = ATTEMPTS_MAX if may_repeat else 1
        loop = asyncio.get_running_loop()
        late = loop.time() + self._limits.subgraph_connect_seconds_max + LATE_SECONDS
        is_first_connection = True
        while True:
            attempts -= 1
            try:
                return await self._post(body, headers, patience)
            except aiohttp.ConnectionTimeoutError:
                # Where the loop was held up, the connection may have been made long before the timer rang; nothing has
                # been sent on it.
                if not is_first_connection or loop.time() < late:
                    raise
                is_first_connection = False
                attempts += 1
            except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError) as error:
                # The other side may close a kept connection in the moment we use it.
                is_closed = isinstance(error, aiohttp.ServerDisconnectedError) or error.errno in _CLOSED
                if attempts == 0 or not is_closed:
                    raise as_built_in(error) from error
            except aiohttp.ClientError as error:
                raise as_built_in(error) from error

    async def listen(self, body: bytes, headers: Mapping[str, str]) -> aiohttp.ClientResponse:
        """
        Send *body*; the answer as it begins, to be read on and closed. It raises what aiohttp does.

        Such connections are counted apart, or a few hundred listeners would leave none for queries.
        """
        check_names(tuple(headers))
        if self._listening is None:
            self._listening = _make_session(aiohttp.TCPConnector(limit=0, force_close=True, ssl=self._tls))
        patience = aiohttp.ClientTimeout(
            sock_connect=self._limits.subgraph_connect_seconds_max,
            # Of the whole silence: a keep-alive is a sign of life like an event.
            sock_read=self._limits.subgraph_silence_seconds_max,
        )
        return await self._listening.post(
            self._url, data=body, headers=headers, timeout=patience, allow_redirects=False
        )

    async def read_whole(self, response: aiohttp.ClientResponse) -> HttpAnswer:
        """All of *response*."""
        status, media_type = response.status, response.content_type
        if not is_read(status, media_type):
            return HttpAnswer(status, media_type, b"")
        limit = self._limits.subgraph_response_bytes_max
        if response.content_length is not None and response.content_length > limit:
            raise AnswerTooLarge
        chunks = []
        size = 0
        async for chunk in response.content.iter_any():
            size += len(chunk)
            if size > limit:
                raise AnswerTooLarge
            chunks.append(chunk)
        return HttpAnswer(status, media_type, chunks[0] if len(chunks) == 1 else b"".join(chunks))

    async def close(self) -> None:
        """Give back all connections."""
        for session in (self._session, self._listening):
            if session is not None:
                await session.close()
        self._session = self._listening = None

    async def _post(self, body: bytes, headers: Mapping[str, str], patience: aiohttp.ClientTimeout) -> HttpAnswer:
        if self._session is None:
            limit = self._limits.subgraph_connections_max
            connector = aiohttp.TCPConnector(limit=limit, keepalive_timeout=KEPT_SECONDS, ssl=self._tls)
            self._session = _make_session(connector)
        async with self._session.post(
            self._url, data=body, headers=headers, timeout=patience, allow_redirects=False
        ) as response:
            return await self.read_whole(response)


def as_built_in(error: aiohttp.ClientError) -> Exception:
    """*error* as one of Python's own, if it is none."""
    if isinstance(error, (OSError, ValueError)):
        return error
    has_begun = isinstance(error, (aiohttp.ClientPayloadError, aiohttp.ClientResponseError))
    return (AnswerBroken if has_begun else ConnectionError)(f"{type(error).__name__}: {error}")


def _make_session(connector: aiohttp.TCPConnector) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        skip_auto_headers=("user-agent",),
        trust_env=False,
    )
