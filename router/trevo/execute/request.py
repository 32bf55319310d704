"""One request on its way: the calls that go together, each with the objects that it asks about."""

from dataclasses import dataclass, field
from typing import Any

from trevo.execute.prepare import PreparedCall, PreparedFetch
from trevo.execute.representations import Collected
from trevo.plan.documents import (
    context_variables,
    representation_variables,
    response_keys,
    variables_of,
    write_entities,
)
from trevo.plan.nodes import Outputs
from trevo.plan.record import RequestRecord

_CALLS_MAX = 50
"""Calls that go together where one goes for each of many contexts: servers may bound the fields of a request."""


@dataclass(slots=True, eq=False)
class Asked:
    """A call, and what it asks about."""

    call: PreparedCall
    collected: Collected
    values: tuple[Any, ...] = ()
    """Of the variables that it takes from contexts."""

    def part(self, number: int, size: int) -> "Asked":
        """The same about the *number*-th part, of *size* representations at most."""
        return Asked(self.call, self.collected.part(number, size), self.values)


@dataclass(slots=True, eq=False)
class Request:
    """What one subgraph is asked at once."""

    fetch: PreparedFetch
    document: str
    variables: tuple[str, ...]
    """The client's, by name."""
    calls: dict[str, Asked] = field(default_factory=dict)
    """By the key in the response; empty for root fields."""
    representations: dict[str, Any] = field(default_factory=dict)
    """What is sent, by the variable that takes it; and what was read above it."""
    noted: RequestRecord | None = None
    """How it went, where somebody wants to know."""

    @property
    def outputs(self) -> Outputs:
        """The keys of the response, each with those below it."""
        return {key: asked.call.node.outputs for key, asked in self.calls.items()} or self.fetch.node.outputs


def request_for_root(fetch: PreparedFetch) -> Request:
    """The request for the root fields of *fetch*."""
    return Request(fetch, fetch.node.document, fetch.node.variables)


def requests_for_entities(fetch: PreparedFetch, asked: list[Asked], size: int) -> list[Request]:
    """The requests of *fetch* for all of *asked*, each with *size* representations of a call at most."""
    count = max((-(-len(each.collected.representations) // size) for each in asked), default=0)
    together = [asked] if count == 1 else [[each.part(number, size) for each in asked] for number in range(count)]
    calls_max = max(_CALLS_MAX, len(fetch.calls))
    bounded = (
        some[first : first + calls_max]
        for all_ in together
        for some in [[each for each in all_ if each.collected.representations]]
        for first in range(0, len(some), calls_max)
    )
    return [request for some in bounded if (request := request_for_entities(fetch, some)) is not None]


def request_for_entities(fetch: PreparedFetch, asked: list[Asked]) -> Request | None:
    """The request of *fetch* for those of *asked* that ask about anything; None where that is none."""
    there = [each for each in asked if each.collected.representations]
    if not there:
        return None
    if len(there) == len(fetch.calls) and all(map(_asks_alike, there, fetch.calls)):
        document, used = fetch.node.document, fetch.node.variables
        keys, names = fetch.response_keys, fetch.representation_variables
    else:
        calls = [each.call.node for each in there]
        document, used = write_entities(calls, dict(fetch.node.definitions)), variables_of(calls)
        keys, names = response_keys(len(calls)), representation_variables(len(calls), used)
    sent = (each.collected.representations for each in there)
    variables: dict[str, Any] = dict(zip(names, sent, strict=True))
    for number, each in enumerate(there):
        if each.values:
            variables.update(zip(context_variables(each.call.node, number, len(there)), each.values, strict=True))
    return Request(fetch, document, used, dict(zip(keys, there, strict=True)), variables)


def _asks_alike(asked: Asked, call: PreparedCall) -> bool:
    one, other = asked.call.node, call.node
    return one is other or (one.selections == other.selections and one.contexts == other.contexts)
