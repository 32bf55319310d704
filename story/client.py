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


class Client:
    """Sends GraphQL requests and the few REST calls that people's banks and browsers make."""

    def __init__(self, addresses: Addresses) -> None:
        self.addresses = addresses
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
            raise StoryFailed(f"{document.split('{', maxsplit=1)[0].strip()}… answered {answer['errors']}")
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
            if response.status >= 400:  # HTTP's own line between success and failure
                raise StoryFailed(f"GET {url} answered {response.status}: {await response.text()}")
            return await response.json(content_type=None)

    async def post(self, url: str, body: Any, *, token: str | None = None) -> Any:
        """A REST call with a JSON body; the JSON answer. Raises StoryFailed unless it succeeds."""
        headers = {"authorization": f"Bearer {token}"} if token else {}
        async with self._http.post(url, json=body, headers=headers) as response:
            if response.status >= 400:  # HTTP's own line between success and failure
                raise StoryFailed(f"POST {url} answered {response.status}: {await response.text()}")
            return await response.json(content_type=None)

    async def upload(self, url: str, content: bytes, media_type: str, *, token: str, **fields: str) -> Any:
        """A file as multipart form data; the JSON answer."""
        form = aiohttp.FormData()
        for name, value in fields.items():
            form.add_field(name, value)
        form.add_field("file", content, filename="document", content_type=media_type)
        headers = {"authorization": f"Bearer {token}"}
        async with self._http.post(url, data=form, headers=headers) as response:
            if response.status >= 400:  # HTTP's own line between success and failure
                raise StoryFailed(f"POST {url} answered {response.status}: {await response.text()}")
            return await response.json(content_type=None)

    async def until(self, what: str, look: Callable[[], Awaitable[T | None]]) -> T:
        """
        Look until *look* finds something: events are on their way.

        Raises StoryFailed after a minute without it.
        """
        deadline = time.monotonic() + WAIT_SECONDS
        while True:
            found = await look()
            if found:
                return found
            if time.monotonic() > deadline:
                raise StoryFailed(f"waited {WAIT_SECONDS:.0f} s in vain: {what}")
            await asyncio.sleep(LOOK_AGAIN_SECONDS)


async def _events(response: aiohttp.ClientResponse) -> AsyncIterator[Any]:
    """An answer takes one line of `data`; the lines between say what kind of event it is, or nothing."""
    async for line in response.content:
        name, _, text = line.partition(b":")
        if name == b"data" and text.strip():
            answer = orjson.loads(text)
            if "errors" in answer:
                raise StoryFailed(f"a subscription answered {answer['errors']}")
            yield answer["data"]
