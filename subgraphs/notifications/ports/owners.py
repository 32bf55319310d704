"""
The other domains' own doors, through which they are asked whether an id is one of their things.

What is asked there is a federation's ordinary question (`_entities`), with the asker's own token: each domain answers
as it answers the router, and shows nobody more.
"""

from collections.abc import Mapping
from typing import Any, Protocol

import aiohttp
import orjson

from subgraphs.shared.endpoint import DEADLINE_HEADER
from subgraphs.shared.subgraph import GraphQLRequest

ANSWER_SECONDS = 5.0
"""A look-up by key takes milliseconds; whoever asks may ask again."""


class OwnerUnavailable(ConnectionError):
    """A domain does not answer, or not in time."""


class Owners(Protocol):
    async def ask(self, domain: str, request: GraphQLRequest) -> dict[str, Any]:
        """
        What *domain* answers to *request*: `data`, `errors`. Raises OwnerUnavailable.

        Never inside a transaction: the answer comes from another service.
        """
        ...


class OwnersOverHTTP:
    """`Owners` where each is another process, at the address of its GraphQL endpoint."""

    def __init__(self, urls: Mapping[str, str]) -> None:
        self._urls = urls

    async def ask(self, domain: str, request: GraphQLRequest) -> dict[str, Any]:
        body = orjson.dumps({"query": request.query, "variables": request.variables})
        headers = {
            **request.headers,
            "content-type": "application/json",
            DEADLINE_HEADER: f"{ANSWER_SECONDS * 1000:.0f}",
        }
        timeout = aiohttp.ClientTimeout(total=ANSWER_SECONDS)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout) as client,
                client.post(self._urls[domain], data=body, headers=headers, allow_redirects=False) as response,
            ):
                answer = orjson.loads(await response.read())
        except (aiohttp.ClientError, TimeoutError, orjson.JSONDecodeError) as error:
            raise OwnerUnavailable(f"{domain} cannot be asked: {type(error).__name__}") from None
        if not isinstance(answer, dict):
            raise OwnerUnavailable(f"{domain} answers no GraphQL")
        return answer
