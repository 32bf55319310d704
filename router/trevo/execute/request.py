"""One request on its way: the calls that go together, each with the objects that it asks about."""

from dataclasses import dataclass, field
from typing import Any

from trevo.execute.prepare import PreparedCall, PreparedFetch
from trevo.execute.representations import Collected
from trevo.plan.documents import representation_variables, response_keys, variables_of, write_entities
from trevo.plan.nodes import Outputs


@dataclass(slots=True, eq=False)
class Asked:
    """A call, and what it asks about."""

    call: PreparedCall
    collected: Collected


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
    """What is sent, by the variable that takes it."""

    @property
    def outputs(self) -> Outputs:
        """The keys of the response, each with those below it."""
        return {key: asked.call.outputs for key, asked in self.calls.items()} or self.fetch.outputs


def request_for_root(fetch: PreparedFetch) -> Request:
    """The request for the root fields of *fetch*."""
    return Request(fetch, fetch.node.document, fetch.node.variables)


def request_for_entities(fetch: PreparedFetch, asked: list[Asked]) -> Request | None:
    """The request of *fetch* for those of *asked* that ask about anything; None where that is none."""
    there = [each for each in asked if each.collected.representations]
    if not there:
        return None
    if len(there) == len(fetch.calls) and all(map(_is_call, there, fetch.calls)):
        document, used = fetch.node.document, fetch.node.variables
        keys, names = fetch.response_keys, fetch.representation_variables
    else:
        calls = [each.call.node for each in there]
        document, used = write_entities(calls, dict(fetch.node.definitions)), variables_of(calls)
        keys, names = response_keys(len(calls)), representation_variables(len(calls), used)
    sent = (each.collected.representations for each in there)
    return Request(fetch, document, used, dict(zip(keys, there, strict=True)), dict(zip(names, sent, strict=True)))


def _is_call(asked: Asked, call: PreparedCall) -> bool:
    return asked.call is call
