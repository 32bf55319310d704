"""What a client asks, and by whom it is counted."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from trevo.door.client_address import subscriber_of
from trevo.extensions.told import Batch


class DocumentName(NamedTuple):
    """By what a client names its document."""

    id: str
    is_hash: bool
    """Whether it says that this is the SHA-256 of the text."""
    has_text: bool = False
    """Whether it has sent the text, too."""


@dataclass(frozen=True, slots=True)
class GraphQLRequest:
    """What a client asks, transport stripped off."""

    query: str
    """Empty where the document is only named, and not known yet."""
    operation_name: str | None = None
    variables: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    """Names in lower case."""
    address: str | None = None
    """The client's, as far as the proxies before us are believed."""
    changes_nothing: bool = False
    """The transport must not change anything (GET)."""
    document: DocumentName | None = None
    batch: Batch | None = None
    """What it came with."""
    extensions: Mapping[str, Any] = field(default_factory=dict)
    """As they were sent."""
    last_event_id: str | None = None
    """Of a subscription: the name of the last event that the client has, behind which it goes on."""


def may_have_changed_something(*requests: GraphQLRequest) -> bool:
    """Whether one of *requests*, given up in the middle, may have taken half of its effect."""
    # A look at the text is enough here: too careful only means to finish a query that nobody reads. Where the document
    # is only named, by a name that has to be looked for, nobody knows yet.
    return any(not each.changes_nothing and (not each.query or "mutation" in each.query) for each in requests)


def subscriber(address: str | None) -> str | None:
    """What an anonymous client is counted by; a person's subject cannot look like it."""
    return None if address is None else f"address {subscriber_of(address)}"
