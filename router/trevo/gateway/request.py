"""What a client asks, and by whom it is counted."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from trevo.auth.identity import Identity
from trevo.auth.request_info import RequestInfo
from trevo.clients.subgraph_client import Deadline
from trevo.door.client_address import subscriber_of
from trevo.gateway.prepared import PreparedOperation
from trevo.observability.tracing import Trace


@dataclass(frozen=True, slots=True)
class GraphQLRequest:
    """What a client asks, transport stripped off."""

    query: str
    operation_name: str | None = None
    variables: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    """Names in lower case."""
    address: str | None = None
    """The client's, as far as the proxies before us are believed."""
    changes_nothing: bool = False
    """The transport must not change anything (GET)."""


@dataclass(frozen=True, slots=True)
class ClientRequest:
    """A request whose sender is known."""

    query: str
    operation_name: str | None
    variables: Mapping[str, Any]
    headers: Mapping[str, str]
    """Names in lower case."""
    address: str | None
    identity: Identity | None
    """None for anonymous requests."""
    deadline: Deadline
    trace: Trace

    @property
    def person(self) -> str | None:
        """Whom bounds count: a person, or an address; None for who comes by no transport."""
        return self.identity.person if self.identity else subscriber(self.address)

    def info(self, prepared: PreparedOperation) -> RequestInfo:
        """What callables of the program that the router runs in get to know of it."""
        headers = MappingProxyType(dict(self.headers))
        return RequestInfo(self.identity, headers, self.address, prepared.name, prepared.kind)


def subscriber(address: str | None) -> str | None:
    """What an anonymous client is counted by; a person's subject cannot look like it."""
    return None if address is None else f"address {subscriber_of(address)}"
