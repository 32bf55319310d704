"""What callables of the program that the router runs in get to know of a request."""

from collections.abc import Mapping
from dataclasses import dataclass

from trevo.auth.identity import Identity


@dataclass(frozen=True, slots=True)
class RequestInfo:
    """A request, as far as it says who asks."""

    identity: Identity | None
    """Whose verified token came along; None for anonymous requests."""
    headers: Mapping[str, str]
    """As the client sent them, names in lower case."""
    address: str | None
    """The client's, as far as it is known."""
    operation_name: str | None
    operation_kind: str
    """`query`, `mutation` or `subscription`."""
