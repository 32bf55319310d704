"""
Identical queries in flight, answered once.

Before it comes here each request has been identified, counted against rates, priced and permitted for itself. Two are
the same if nothing that the answer is made of differs:

    what is asked       the operation as it is permitted to its sender, the override labels, the variables to the letter
    who asks            the sender's identity
    what subgraphs see  every header that any of them is sent, after all rules, but for ids and deadlines

A mutation is never shared, nor is a query whose client set a deadline of its own (it may be answered in part), or whose
fetches an extension looks at (it may say something else for each). What is shared is the written answer. One with an
error is not: the error may name its request, in its message as well, or say that its time was over. Then everyone asks
for themselves, all at once, as if nothing were shared.
"""

from collections.abc import Callable, Coroutine, Hashable
from dataclasses import dataclass
from typing import Any

from trevo.clients.sharing_client import left_out, told, written_to_the_letter
from trevo.config.sharing import Sharing
from trevo.execute.execution import Execution
from trevo.extensions.told import ClientRequest
from trevo.gateway.prepared import Permitted, Planned, PreparedOperation
from trevo.observability.metrics import Metrics
from trevo.sharing.in_flight import InFlight


@dataclass(slots=True)
class Answered:
    """What an execution came to; nobody changes it."""

    data: dict[str, Any] | None
    errors: list[dict[str, Any]]
    written: bytes | None = None
    """As JSON, once somebody has written it."""
    packed: dict[str, bytes] | None = None
    """That, by the content codings in which somebody has taken it."""


class SharedAnswers:
    """Those of one graph. *over_http* are its subgraphs that see nothing but what they are sent."""

    def __init__(self, settings: Sharing, over_http: frozenset[str], metrics: Metrics) -> None:
        self._settings = settings
        self._over_http = over_http
        self._metrics = metrics
        self._left_out = left_out(across_addresses=settings.across_addresses)
        self._in_flight: InFlight[Answered] = InFlight()

    def key_of(
        self,
        asked: ClientRequest,
        prepared: PreparedOperation,
        permitted: Permitted,
        planned: Planned,
        *,
        labels: frozenset[str],
        execution: Execution,
    ) -> Hashable | None:
        """By what *asked* is known among others; None where it is not shared."""
        if not self._settings.queries or prepared.kind != "query":
            return None
        subgraphs = [fetch.node.subgraph for fetch in planned.plan.fetches]
        if not subgraphs or not all(map(self._may_share, subgraphs)):
            return None
        variables = written_to_the_letter(execution.variables)
        if variables is None:
            return None
        return permitted.key, labels, variables, asked.identity, self._told(subgraphs, execution)

    async def get(
        self, key: Hashable, execution: Execution, work: Callable[[], Coroutine[Any, Any, Answered]]
    ) -> tuple[Answered, bool]:
        """What *work* gives, and whether it is the work of another."""
        outcome = await self._in_flight.get(
            key,
            lambda _until: work(),
            until=execution.deadline.at,
            on_join=self._metrics.shared_queries.inc,
            ended_by_time=lambda _error: False,
        )
        if outcome.is_own or not outcome.value.errors:
            return outcome.value, not outcome.is_own
        return await work(), False

    def _may_share(self, subgraph: str) -> bool:
        return subgraph in self._over_http and self._settings.subgraphs.get(subgraph, True)

    def _told(self, subgraphs: list[str], execution: Execution) -> Hashable:
        by_subgraph: list[Hashable] = []
        last = None
        for name in subgraphs:
            headers = execution.headers.of(name)
            # Without rules of their own all subgraphs are sent one dict. Which they are, operation and labels say.
            if headers is not last:
                by_subgraph.append((name, told(headers, self._left_out)))
                last = headers
        return tuple(by_subgraph)
