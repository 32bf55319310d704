"""
A client that asks once more where nobody answered: a replica that is going away costs its callers nothing.

It stands behind the circuit, which so counts requests and not attempts: a subgraph that is away altogether is asked
twice by as many requests as it takes to open the circuit, and by no more.
"""

import asyncio
import random
from collections.abc import AsyncGenerator, Callable
from dataclasses import replace

from trevo.clients.subgraph_client import SubgraphClient, SubgraphFailed, SubgraphRequest, SubgraphResponse
from trevo.config.retries import Retries


class RetryingClient:
    """Asks by *client*, and by it once more; *tell* is told whether that helped."""

    def __init__(self, client: SubgraphClient, retries: Retries, *, tell: Callable[[bool], None]) -> None:
        self.client = client
        self._pause_seconds = retries.pause_seconds
        self._tell = tell

    async def send(self, request: SubgraphRequest) -> SubgraphResponse:
        """Raises SubgraphFailed, of the second attempt where there was one."""
        try:
            return await self.client.send(request)
        except SubgraphFailed as error:
            if request.is_mutation or not error.is_unanswered:
                raise
            pause = self._pause_seconds * random.uniform(0.5, 1)  # noqa: S311  # a moment, not a secret
            if request.deadline.seconds_left() <= pause:
                raise
        await asyncio.sleep(pause)
        try:
            response = await self.client.send(replace(request, is_again=True))
        except SubgraphFailed:
            self._tell(False)
            raise
        self._tell(True)
        return response

    def subscribe(self, request: SubgraphRequest) -> AsyncGenerator[SubgraphResponse, None]:
        """As *client* does."""
        return self.client.subscribe(request)

    async def close(self) -> None:
        """Close *client*."""
        await self.client.close()
