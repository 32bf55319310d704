"""
What the hooks of an extension are told. What they may change has a method for it; all else is to be read only.

    Arrival            what came along, before anybody has looked whose it is
    ClientRequest      who asks what                 Batch          what came with it
    ClientOperation    which operation that is
    PlannedOperation   which fetches it takes
    SubgraphFetch      one of them, before           FetchOutcome   the same, after
    ClientResponse     what goes back
    SubscriptionEvent  the same, of one event
    NewSupergraph      what is to be served
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from graphql import GraphQLSchema

from trevo.auth.identity import Identity
from trevo.auth.request_info import RequestInfo
from trevo.clients.subgraph_client import Deadline
from trevo.config.header_rules import check_header
from trevo.door.cost import OperationPrice
from trevo.errors import ClientError, RequestRefused
from trevo.observability.tracing import Trace
from trevo.plan.nodes import Fetch
from trevo.plan.record import PlanRecord

OUR_HEADERS = frozenset({"cache-control", "vary"})
"""Of a response, beside those that nobody may set."""


@dataclass(slots=True, eq=False)
class Batch:
    """What requests that came as one have together."""

    deadline: Deadline | None = None
    """That of the first that is read."""
    cost: float = 0.0
    """What those cost that have been priced."""


@dataclass(slots=True, eq=False)
class Arrival:
    """A request, or a web socket that begins, whose token nobody has read."""

    headers: Mapping[str, str]
    """Names in lower case. Of a web socket those of its upgrade, with the `Authorization` that came in its first
    message."""
    address: str | None
    """The client's, as far as it is known."""
    deadline: Deadline
    trace: Trace
    notes: dict[str, Any] = field(default_factory=dict)
    """As in `ClientRequest`, which has the same."""

    def set_header(self, name: str, value: str) -> None:
        """
        As if the client had sent it: an `authorization` is read and verified like any.

        Raises ValueError for no header, and for the router's own.
        """
        checked = check_header(name, value)
        self.headers = {**self.headers, checked: value}

    def remove_header(self, name: str) -> None:
        """As if the client had not sent it."""
        self.headers = {each: value for each, value in self.headers.items() if each != name.lower()}


@dataclass(slots=True, eq=False)
class ClientRequest:
    """A request whose sender is known."""

    query: str
    """Empty in `on_request` where the document is only named, and by a name that this process does not know."""
    operation_name: str | None
    variables: Mapping[str, Any]
    """As they were sent; nobody has looked at them."""
    headers: Mapping[str, str]
    """Names in lower case. What of them goes on to subgraphs the settings say (`forwarded_headers`, `headers`)."""
    address: str | None
    """The client's, as far as it is known."""
    identity: Identity | None
    """Whose verified token came along; None for anonymous requests."""
    refusal: RequestRefused | None
    """Why the token is not accepted."""
    deadline: Deadline
    trace: Trace
    document_id: str | None = None
    """By what the client names its document, if it does."""
    notes: dict[str, Any] = field(default_factory=dict)
    """For an extension to find again in a later hook; keys begin with its own name."""
    batch: Batch | None = None
    """What it came with, if it did not come alone."""
    extensions: Mapping[str, Any] = field(default_factory=dict)
    """The member `extensions` of the request, as it was sent."""
    record: PlanRecord | None = None
    """What is asked of subgraphs for it; there is one as soon as an extension's `on_request` called `keep_record`."""

    def keep_record(self) -> PlanRecord:
        """Note what is asked of subgraphs from now on. Then it is not answered by the answer to another request."""
        if self.record is None:
            self.record = PlanRecord(self.deadline.since)
        return self.record

    def set_header(self, name: str, value: str) -> None:
        """As if the client had sent it; who asks stays. Raises ValueError for no header, and for the router's own."""
        checked = check_header(name, value)
        self.headers = {**self.headers, checked: value}

    def remove_header(self, name: str) -> None:
        """As if the client had not sent it."""
        self.headers = {each: value for each, value in self.headers.items() if each != name.lower()}


@dataclass(frozen=True, slots=True)
class Reply:
    """What an extension answers by itself."""

    data: dict[str, Any] | None
    errors: tuple[ClientError, ...] = ()


@dataclass(slots=True, eq=False)
class ClientOperation:
    """A valid operation, with the values of one request."""

    request: ClientRequest
    name: str | None
    kind: str
    """`query`, `mutation` or `subscription`."""
    variables: Mapping[str, Any]
    """Those that the operation defines, with its defaults."""
    price: OperationPrice
    root_fields: Callable[[], tuple[str, ...]]
    """What it asks for at its root, each alias by itself: `Query.me`."""
    cost: float | None = None
    """As estimated before it runs; None where it did not get so far."""

    def info(self) -> RequestInfo:
        """What policies get to know of it."""
        request = self.request
        headers = MappingProxyType(dict(request.headers))
        return RequestInfo(request.identity, headers, request.address, self.name, self.kind)


@dataclass(slots=True, eq=False)
class PlannedOperation:
    """An operation, with what will be asked for it."""

    operation: ClientOperation
    fetches: tuple[Fetch, ...]
    """The plan's, in its order; a subscription's first is what is listened to."""


@dataclass(slots=True, eq=False)
class SubgraphFetch:
    """A request to a subgraph, before it is sent."""

    request: ClientRequest
    subgraph: str
    document: str
    is_mutation: bool
    headers: Mapping[str, str]
    """What will be sent; names in lower case."""

    def set_header(self, name: str, value: str) -> None:
        """Send it, whatever the client and the settings say. Raises ValueError as `ClientRequest.set_header` does."""
        checked = check_header(name, value)
        self.headers = {**self.headers, checked: value}


@dataclass(slots=True, eq=False)
class FetchOutcome:
    """What came of a request to a subgraph."""

    request: ClientRequest
    subgraph: str
    seconds: float
    outcome: str
    """`ok`, `errors`, or the code of the failure."""


@dataclass(slots=True, eq=False)
class ClientResponse:
    """What goes back to a client."""

    request: ClientRequest | None
    """None where it was refused before it could be read."""
    operation: ClientOperation | None
    """None where it was refused before it was known."""
    operation_name: str | None
    operation_kind: str
    """`unknown` where it was refused before that was clear."""
    outcome: str
    """`ok`, `errors`, or `refused`."""
    data: Mapping[str, Any] | None
    errors: tuple[Mapping[str, Any], ...]
    seconds: float
    """What it took."""
    is_shared: bool = False
    """Whether it is the answer to another request that asked the same at the same time."""
    parts: int = 0
    """In how many it is sent, the last included; `data` is then that of the first, and no header can be added."""
    headers: dict[str, str] = field(default_factory=dict)
    """What has been added."""
    extensions: dict[str, Any] = field(default_factory=dict)
    """The member `extensions` of the response; without any there is none."""

    def set_header(self, name: str, value: str) -> None:
        """Add it to the response over HTTP. Raises ValueError for what is no header, or the router's own to say."""
        checked = check_header(name, value)
        if checked in OUR_HEADERS:
            raise ValueError(f"{name!r} is the router's own to say")
        self.headers[checked] = value


@dataclass(slots=True, eq=False)
class SubscriptionEvent:
    """What goes back to a client for one event of its subscription."""

    operation: ClientOperation
    number: int
    """Of those of this subscription; the first is 1."""
    data: Mapping[str, Any] | None
    errors: tuple[Mapping[str, Any], ...]
    seconds: float
    """From when the subgraph told of it."""
    record: PlanRecord | None = None
    """What was asked of other subgraphs for it, where the request keeps a record."""
    extensions: dict[str, Any] = field(default_factory=dict)
    """As in `ClientResponse`."""


@dataclass(frozen=True, slots=True)
class NewSupergraph:
    """A supergraph that could be served."""

    text: str
    schema: GraphQLSchema
    """What clients see of it."""
    subgraphs: Mapping[str, str]
    """Their addresses as it lists them, by name."""
    is_first: bool
    """Whether none is served yet."""
