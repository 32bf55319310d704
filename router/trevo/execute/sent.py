"""
Requests that were sent before the interpreter began.

A program that gives up leaves its requests here, answered or under way. The interpreter runs the plan from the
beginning; what it would send and has been sent already, it takes from here. So nothing is asked twice.
"""

import asyncio
from dataclasses import dataclass, field
from typing import Any

from trevo.clients.subgraph_client import SubgraphResponse
from trevo.execute.request import Request


@dataclass(eq=False, slots=True)
class Sent:
    """One request on its way, or back."""

    request: Request
    answer: "asyncio.Future[SubgraphResponse]"
    """Or SubgraphFailed."""
    seconds: float = 0.0
    """That it took."""
    is_observed: bool = False
    """Whether its outcome has been told already."""


@dataclass(eq=False, slots=True)
class AlreadySent:
    """All requests of one execution, and which fetches have waited for company since when, by the loop's time."""

    requests: list[Sent] = field(default_factory=list)
    waiting_since: dict[int, float] = field(default_factory=dict)
    """By the number of a fetch."""
    begun: float | None = None
    """When the plan was begun."""
    tasks: "set[asyncio.Task[Any]]" = field(default_factory=set)
    """In which the requests are under way."""

    def take(self, request: Request) -> Sent | None:
        """The one that asks the same as *request*, which nobody else gets any more."""
        for index, sent in enumerate(self.requests):
            other = sent.request
            if (
                other.fetch is request.fetch
                and other.document == request.document
                and other.representations == request.representations
            ):
                return self.requests.pop(index)
        return None

    def add(self, request: Request) -> Sent:
        sent = Sent(request, asyncio.get_running_loop().create_future())
        self.requests.append(sent)
        return sent

    async def end(self) -> None:
        """End what is under way and wanted by nobody."""
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        for sent in self.requests:
            if sent.answer.done() and not sent.answer.cancelled():
                sent.answer.exception()  # so that nobody complains that it was not looked at
