"""A client that knows when not to ask: every client behind the circuit of its subgraph."""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing, suppress

import structlog

from trevo.clients.circuit import Circuit, State, Tell
from trevo.clients.subgraph_client import (
    Deadline,
    SubgraphClient,
    SubgraphFailed,
    SubgraphRequest,
    SubgraphResponse,
)
from trevo.config.limits import Limits

log = structlog.get_logger()

PROBE = "{ __typename }"
"""What every GraphQL server answers, whoever asks."""


class GuardedClient:
    """
    Asks by *client*, unless the circuit of *subgraph* is open.

    The probe of an open circuit is a request of its own, in the background: no person waits for it, no mutation is
    the one to find out, and the circuit closes also while nobody asks.
    """

    def __init__(
        self,
        subgraph: str,
        client: SubgraphClient,
        limits: Limits,
        *,
        tell: Tell,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.client = client
        self._subgraph = subgraph
        self.circuit = Circuit(subgraph, limits, tell=tell, now=now)
        self._limits = limits
        self._sleep = sleep
        self._probing: asyncio.Task[None] | None = None

    async def send(self, request: SubgraphRequest) -> SubgraphResponse:
        """Raises CircuitOpen, else as *client* does."""
        self.circuit.check()
        seconds = request.deadline.seconds_left()
        try:
            response = await self.client.send(request)
        except SubgraphFailed as error:
            self._note(error, seconds)
            raise
        self.circuit.answered()
        return response

    async def subscribe(self, request: SubgraphRequest) -> AsyncGenerator[SubgraphResponse, None]:
        """Raises CircuitOpen, else as *client* does. Each event is a sign of life."""
        self.circuit.check()
        seconds = request.deadline.seconds_left()
        try:
            async with aclosing(self.client.subscribe(request)) as events:
                async for event in events:
                    self.circuit.answered()
                    yield event
        except SubgraphFailed as error:
            self._note(error, seconds)
            raise

    async def close(self) -> None:
        """Stop probing and close *client*."""
        if self._probing is not None:
            self._probing.cancel()
            with suppress(asyncio.CancelledError):
                await self._probing
        await self.client.close()

    def _note(self, error: SubgraphFailed, seconds: float) -> None:
        # A caller may set a deadline that nobody can keep; that must not close the door to everybody else.
        is_fair = error.code != "SUBREQUEST_TIMEOUT" or seconds >= self._limits.circuit_patience_seconds
        if error.is_outage and is_fair and self.circuit.failed():
            self._probing = asyncio.create_task(self._probe())

    async def _probe(self) -> None:
        while self.circuit.state is not State.CLOSED:
            await self._sleep(self._limits.circuit_open_seconds)
            self.circuit.begin_probe()
            self.circuit.end_probe(has_answered=await self._answers())

    async def _answers(self) -> bool:
        deadline = Deadline.after(self._limits.circuit_open_seconds)
        try:
            await self.client.send(SubgraphRequest(PROBE, deadline=deadline))
        except SubgraphFailed as error:
            return not error.is_outage
        except Exception:
            # A bug of ours; but without a probe the circuit would stay open for good.
            log.exception("probe failed", subgraph=self._subgraph)
            return False
        return True
