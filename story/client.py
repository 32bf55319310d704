"""An ordinary HTTP client of the product: what a frontend would send, and nothing else."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import aiohttp
import orjson

from launch.home import Addresses

WAIT_SECONDS = 60.0
LOOK_AGAIN_SECONDS = 0.1

T = TypeVar("T")


class StoryFailed(Exception):
    """The product did not do what the story tells; the message says at which point."""

    def __init__(self, message: str, *, codes: frozenset[str] = frozenset()) -> None:
        super().__init__(message)
        self.codes = codes
        """What failed: `extensions.code` of the errors that were answered, or `HTTP 409`."""


class Client:
    """Sends GraphQL requests and the few REST calls that people's banks and browsers make."""

    def __init__(self, addresses: Addresses, *, wait_seconds: float = WAIT_SECONDS) -> None:
        self.addresses = addresses
        self._wait_seconds = wait_seconds
        self._http = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30))

    async def close(self) -> None:
        await self._http.close()

    async def graphql(self, document: str, variables: dict[str, Any] | None = None, *, token: str | None = None) -> Any:
        """The `data` of the answer. Raises StoryFailed when there are errors."""
        headers = {"accept": "application/graphql-response+json"}
        if token:
            headers["authorization"] = f"Bearer {token}"
        body = {"query": document, "variables": variables or {}}
        async with self._http.post(self.addresses.graphql, json=body, headers=headers) as response:
            answer = await response.json(content_type=None)
        if "errors" in answer:
            codes = frozenset(error.get("extensions", {}).get("code", "") for error in answer["errors"])
            what = document.split("{", maxsplit=1)[0].strip()
            raise StoryFailed(f"{what}… answered {answer['errors']}", codes=codes)
        return answer["data"]

    @asynccontextmanager
    async def listen(
        self, document: str, variables: dict[str, Any] | None = None, *, token: str
    ) -> AsyncIterator[AsyncIterator[Any]]:
        """The `data` of each event of a subscription. Raises StoryFailed when one has errors."""
        headers = {"accept": "text/event-stream", "authorization": f"Bearer {token}"}
        body = {"query": document, "variables": variables or {}}
        patience = aiohttp.ClientTimeout(sock_read=WAIT_SECONDS)
        async with self._http.post(self.addresses.graphql, json=body, headers=headers, timeout=patience) as response:
            yield _events(response)

    async def get(self, url: str, **query: str) -> Any:
        """A REST call; the JSON answer. Raises StoryFailed unless it succeeds."""
        async with self._http.get(url, params=query) as response:
            await _require_success(response)
            return await response.json(content_type=None)

    async def post(self, url: str, body: Any, *, token: str | None = None) -> Any:
        """A REST call with a JSON body; the JSON answer. Raises StoryFailed unless it succeeds."""
        headers = {"authorization": f"Bearer {token}"} if token else {}
        async with self._http.post(url, json=body, headers=headers) as response:
            await _require_success(response)
            return await response.json(content_type=None)

    async def upload(self, url: str, content: bytes, media_type: str, *, token: str, **fields: str) -> Any:
        """A file as multipart form data; the JSON answer."""
        form = aiohttp.FormData()
        for name, value in fields.items():
            form.add_field(name, value)
        form.add_field("file", content, filename="document", content_type=media_type)
        headers = {"authorization": f"Bearer {token}"}
        async with self._http.post(url, data=form, headers=headers) as response:
            await _require_success(response)
            return await response.json(content_type=None)

    async def until(self, what: str, look: Callable[[], Awaitable[T | None]]) -> T:
        """
        Look until *look* finds something: events are on their way.

        Raises StoryFailed after a minute without it, or as long as we were made to wait.
        """
        deadline = time.monotonic() + self._wait_seconds
        while True:
            found = await look()
            if found:
                return found
            if time.monotonic() > deadline:
                raise StoryFailed(f"waited {self._wait_seconds:.0f} s in vain: {what}")
            await asyncio.sleep(LOOK_AGAIN_SECONDS)


async def _require_success(response: aiohttp.ClientResponse) -> None:
    if response.status >= 400:  # HTTP's own line between success and failure
        what = f"{response.method} {response.url.path}"
        codes = frozenset({f"HTTP {response.status}"})
        raise StoryFailed(f"{what} answered {response.status}: {await response.text()}", codes=codes)


async def _events(response: aiohttp.ClientResponse) -> AsyncIterator[Any]:
    """An answer takes one line of `data`; the lines between say what kind of event it is, or nothing."""
    async for line in response.content:
        name, _, text = line.partition(b":")
        if name == b"data" and text.strip():
            answer = orjson.loads(text)
            if "errors" in answer:
                raise StoryFailed(f"a subscription answered {answer['errors']}")
            yield answer["data"]
