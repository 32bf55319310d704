"""
Asking a subgraph that lives in this process: a callable instead of a connection.

The same rules as over HTTP: a deadline, an answer that is checked, and no object shared. Representations are copied,
because the callee may change what it is given (Strawberry takes `__typename` out of them), and the answer too, because
execution merges into it what others answer while the callee may keep it. A callee that does neither can say so.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import replace
from typing import Any, NamedTuple

import orjson
import structlog

from trevo.clients.event_stream import is_event_id
from trevo.clients.subgraph_client import DEADLINE_HEADER, SubgraphFailed, SubgraphRequest, SubgraphResponse
from trevo.door import exact_json
from trevo.door.exact_json import copy_tree

log = structlog.get_logger()

Answer = Callable[[SubgraphRequest], Awaitable[Any]]
"""Answers a request as GraphQL's response: `{"data": …, "errors": […], "extensions": {…}}`."""


Listen = Callable[[SubgraphRequest], AsyncGenerator[Any, None]]
"""Answers a subscription again and again, each time as GraphQL's response, or as a NamedEvent with one."""


class NamedEvent(NamedTuple):
    """An event that has a name: to whoever names it as their `last-event-id`, the subgraph tells what came since."""

    id: str
    body: Any


class InProcessSubgraphClient:
    """
    One subgraph behind one callable, and a second one where it has subscriptions.

    One that *shares_nothing* changes no variables and keeps none of them, and makes each answer anew, with every object
    and list in it at one place: then nothing is copied.
    """

    def __init__(
        self, name: str, answer: Answer, listen: Listen | None = None, *, shares_nothing: bool = False
    ) -> None:
        self.name = name
        self._answer = answer
        self._listen = listen
        self._own: Callable[[Any], Any] = _as_it_is if shares_nothing else copy_tree

    async def send(self, request: SubgraphRequest) -> SubgraphResponse:
        """Call the subgraph. Raises SubgraphFailed when it is late or raises."""
        seconds = request.deadline.seconds_left()
        headers = {**request.headers, DEADLINE_HEADER: str(max(int(seconds * 1000), 1))}
        own = replace(request, variables=self._own(request.variables), headers=headers, record=None)
        if request.record is not None:
            request.record.attempts += 1
        try:
            async with asyncio.timeout(seconds):
                body = await self._answer(own)
        except TimeoutError:
            message = f"The subgraph '{self.name}' did not answer in time."
            detail = f"after {seconds:.3f} s"
            raise SubgraphFailed(message, code="SUBREQUEST_TIMEOUT", detail=detail, is_outage=True) from None
        except Exception as error:
            log.exception("subgraph raised", subgraph=self.name)
            raise self._raised(error) from error
        return self._take(body)

    async def subscribe(self, request: SubgraphRequest) -> AsyncGenerator[SubgraphResponse, None]:
        """Listen to the subgraph. Raises SubgraphFailed when it raises, or has no subscriptions."""
        if self._listen is None:
            raise SubgraphFailed(f"The subgraph '{self.name}' has no subscriptions.")
        own = replace(request, variables=self._own(request.variables))
        async with aclosing(self._listen(own)) as events:
            while True:
                try:
                    body = await anext(events)
                except StopAsyncIteration:
                    return
                except Exception as error:
                    log.exception("subgraph raised", subgraph=self.name)
                    raise self._raised(error) from error
                if isinstance(body, NamedEvent):
                    yield self._take(body.body)._replace(event_id=body.id if is_event_id(body.id) else "")
                else:
                    yield self._take(body)

    async def close(self) -> None:
        """Nothing is held."""

    def _raised(self, error: Exception) -> SubgraphFailed:
        message = f"The subgraph '{self.name}' could not answer."
        return SubgraphFailed(message, detail=f"{type(error).__name__}: {error}", is_outage=True)

    def _take(self, body: Any) -> SubgraphResponse:
        """*body* as an answer of the receiver's own."""
        try:
            # What can be written has no halves of surrogate pairs, and writing is far quicker than any look of our own.
            size = len(orjson.dumps(body, default=str))
        except TypeError:
            return SubgraphResponse(self._own(body), may_have_halves=True, size=len(exact_json.dumps(body)))
        return SubgraphResponse(self._own(body), size=size)


def _as_it_is(value: Any) -> Any:
    return value
