"""
Every bound of the router in one place.

A client or a subgraph can send anything; nothing they send may cost more than these figures say. Each bound has a
code that the refusal carries in `extensions.code`, so a client can tell which one it met.
"""

from dataclasses import fields

from pydantic import BaseModel, ConfigDict, Field

from trevo.door.documents import DocumentBounds


class SubgraphLimits(BaseModel):
    """What one subgraph takes, where it differs from the others; what is not set is as for all."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    seconds_max: float | None = Field(None, gt=0)
    """For one fetch; None: as `subgraph_seconds_max`."""
    representations_per_call_max: int | None = Field(None, gt=0)
    """Entities in one call of `_entities`; None: as for all."""


class Limits(BaseModel):
    """The bounds. Set one by `ROUTER_LIMITS__<NAME>`, for example `ROUTER_LIMITS__DEPTH_MAX=20`."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    # What a client sends
    body_bytes_max: int = Field(1_000_000, gt=0)
    """Of a whole request over HTTP, a query string included (`REQUEST_TOO_LARGE`, 413); of a web socket's message
    (1009)."""
    body_seconds_max: float = Field(15.0, gt=0)
    """For a client to send a GraphQL request's body; a slower one is cut off (`REQUEST_TIMEOUT`, 408)."""
    query_characters_max: int = Field(100_000, gt=0)
    """`QUERY_TOO_LONG`."""
    tokens_max: int = Field(4_000, gt=0)
    """Lexical tokens of the document (`QUERY_TOO_MANY_TOKENS`). Reading one costs 0.02 ms of CPU time; a screen or
    the introspection of tools has some 200."""
    depth_max: int = Field(25, gt=0)
    """Levels of fields, fragments expanded; introspection as tools send it needs 15 (`QUERY_TOO_DEEP`)."""
    value_depth_max: int = Field(20, gt=0)
    """Levels of lists and objects in an argument or a variable (`VALUE_TOO_DEEP`)."""
    root_fields_max: int = Field(50, gt=0)
    """`QUERY_TOO_MANY_ROOT_FIELDS`."""
    aliases_max: int = Field(200, gt=0)
    """Of the whole operation, fragments expanded (`QUERY_TOO_MANY_ALIASES`)."""
    introspection_aliases_max: int = Field(4, gt=0)
    """At and below `__schema` and `__type`, where each alias means another walk through the whole schema
    (`QUERY_TOO_MANY_ALIASES`)."""
    directives_max: int = Field(200, gt=0)
    """Of the whole document (`QUERY_TOO_MANY_DIRECTIVES`)."""
    fields_max: int = Field(3_000, gt=0)
    """Selected fields, fragments expanded: a few lines of nested fragments can mean millions (`QUERY_TOO_LARGE`)."""
    comparisons_max: int = Field(50_000, gt=0)
    """Of repeated fields with each other, which grows by their square (`QUERY_TOO_COMPLEX`)."""
    conditions_max: int = Field(20, gt=0)
    """Different variables in `@skip`, `@include` and `@defer` (`QUERY_TOO_MANY_CONDITIONS`)."""
    name_characters_max: int = Field(200, gt=0)
    """Of an alias or a label, which each object of an answer may repeat (`NAME_TOO_LONG`)."""
    deferrals_max: int = Field(20, gt=0)
    """Fragments of one operation that are deferred, wherever they are spread (`QUERY_TOO_MANY_DEFERRALS`)."""
    deferring_conditions_max: int = Field(6, gt=0)
    """Such variables of an operation that defers something, which is planned for each combination of their values; with
    more the answer comes whole."""
    deferred_places_max: int = Field(1_000, gt=0)
    """Deferred fragments at objects of one answer; what would bring more is given with what is around it."""
    variables_bytes_max: int = Field(500_000, gt=0)
    """Of the variables as JSON (`VARIABLES_TOO_LARGE`, 413)."""

    # What that may cost
    cost_max: float = Field(8_000.0, gt=0)
    """The estimated cost of a whole request (`trevo.door.cost`; `COST_ESTIMATED_TOO_EXPENSIVE`). One object costs 1."""
    list_size_assumed: int = Field(10, gt=0)
    """Items of a list of which neither the schema (`@listSize`) nor the client says how many there will be."""
    cost_measured_share: float = Field(0.02, ge=0, le=1)
    """Of the answers, of which is counted what they really came to, as a metric. All is 1.0; counting takes about a
    fifth of the time that writing the answer takes."""
    compile_after_uses: int = Field(3, ge=0)
    """An operation that comes for the so-manieth time gets code of its own (`docs/how-a-request-runs.md`); writing it
    costs about as much as planning did, and is done meanwhile. 1: at once, and its request waits for it; 0: never, and
    everything is interpreted."""

    # What we do at the same time
    in_flight_max: int = Field(500, gt=0)
    """Requests at once; one more is told to come back (`TOO_MANY_REQUESTS_IN_FLIGHT`, 503)."""
    deadline_seconds: float = Field(30.0, gt=0)
    """For a whole request. A caller may ask for less by `x-request-deadline-ms`."""
    planning_seconds_max: float = Field(5.0, gt=0)
    """Of CPU time to plan an operation seen for the first time; one that needs more is too large
    (`PLANNING_LIMIT_EXCEEDED`)."""
    planning_at_first_seconds_max: float = Field(0.2, gt=0)
    """Of CPU time in the line of all new operations. What needs more is planned anew in a line for large ones, where
    the others need not wait for it; a usual operation needs some 0.002."""
    planning_wait_seconds_max: float = Field(10.0, gt=0)
    """Until a new operation is parsed, validated and planned, with all that comes before it; if not, the router is too
    busy (`PLANNING_BUSY`, 503)."""
    operations_cached_max: int = Field(2_000, gt=0)
    """Operations kept parsed, validated, priced and planned. The least recently used go first."""
    cached_bytes_max: int = Field(256_000_000, gt=0)
    """What all of that may weigh in memory, answers to introspection included."""
    cached_once_bytes_max: int = Field(8_000_000, gt=0)
    """What of it was needed for one request only so far; it is soon asked for again, or makes way. An operation of 40
    fields weighs some 0.05 MB. So many different operations, each asked once, neither take the memory nor push out
    those that come again and again. More than `cached_bytes_max`: no such bound."""

    part_send_seconds_max: float = Field(10.0, gt=0)
    """For a client to take one part of an answer with deferred fragments; then it is let go."""

    # What stays open
    subscriptions_max: int = Field(2_000, gt=0)
    """At once (`TOO_MANY_SUBSCRIPTIONS`, 503)."""
    subscriptions_per_person_max: int = Field(50, gt=0)
    """At once with tokens of one subject, or anonymously from one address, so that one cannot use up all
    (`TOO_MANY_SUBSCRIPTIONS`, 503)."""
    subscription_seconds_max: float = Field(86_400.0, gt=0)
    """Of one subscription, however good its token is (`SUBSCRIPTION_TOO_LONG`)."""
    subscription_send_seconds_max: float = Field(10.0, gt=0)
    """For a client to take one event (`SUBSCRIPTION_TOO_SLOW`)."""
    keep_alive_seconds: float = Field(12.0, gt=0)
    """Between signs of life on a quiet event stream; proxies close what is silent for about a minute."""
    sockets_max: int = Field(2_000, gt=0)
    """Web sockets of signed-in people at once; one more is closed with 1013, like one more than any bound below."""
    sockets_per_person_max: int = Field(20, gt=0)
    """Of one signed-in person."""
    sockets_arriving_max: int = Field(500, gt=0)
    """Of which nobody has said yet whose they are. One more, and the oldest of them makes way."""
    sockets_anonymous_max: int = Field(500, gt=0)
    """Of people who are not signed in; no room for them is taken from those who are."""
    sockets_per_address_max: int = Field(50, gt=0)
    """Arriving, and as many anonymous, from one address."""
    socket_operations_max: int = Field(100, gt=0)
    """At once on one web socket (`TOO_MANY_OPERATIONS`)."""
    socket_init_seconds_max: float = Field(5.0, gt=0)
    """For a web socket's client to say who it is; else it is closed with 4408."""
    socket_idle_seconds_max: float = Field(15.0, gt=0)
    """For an anonymous web socket without an operation; then it is closed with 4408."""

    # What a subgraph sends
    subgraph_seconds_max: float = Field(15.0, gt=0)
    """For one fetch (`SUBREQUEST_TIMEOUT`)."""
    subgraph_deadline_share: float = Field(0.5, gt=0, le=1)
    """Of what is left of the request's deadline, for one fetch: so that one that hangs leaves time for those after it.
    A subgraph that has let its share pass is not asked again by that request (`DEADLINE_EXCEEDED`)."""
    company_deadline_share: float = Field(0.02, ge=0, le=1)
    """Of what is left of the request's deadline. So long, from when a part of a request to a subgraph could go, it
    waits for the rest of that request, which depends on others, or as long again as it took until then, if that
    is longer, up to half of what is left; then it goes without, and the rest goes alone. At 0 nothing waits, which
    means more requests."""
    circuit_failures: int = Field(3, gt=0)
    """So many requests in a row to which a subgraph gives no answer, and it is not asked for a while
    (`SUBGRAPH_CIRCUIT_OPEN`)."""
    circuit_window_seconds: float = Field(60.0, gt=0)
    """Within which they must lie."""
    circuit_patience_seconds: float = Field(1.0, gt=0)
    """A request that a subgraph had less time for is no failure when it is late."""
    circuit_open_seconds: float = Field(5.0, gt=0)
    """Until the subgraph is probed, and for the probe to be answered."""
    subgraph_connect_seconds_max: float = Field(3.0, gt=0)
    """For a connection to a subgraph to be made."""
    subgraph_connections_max: int = Field(100, gt=0)
    """Open at once to one subgraph; further fetches wait for one."""
    subgraph_response_bytes_max: int = Field(8_000_000, gt=0)
    """Of an answer, and of one event (`SUBREQUEST_TOO_LARGE`)."""
    subgraph_silence_seconds_max: float = Field(60.0, gt=0)
    """Of an event stream without as much as a keep-alive."""
    representations_max: int = Field(10_000, gt=0)
    """Entities asked for in one fetch, in however many requests (`TOO_MANY_ENTITIES`)."""
    representations_per_call_max: int = Field(1_000, gt=0)
    """Entities in one call of `_entities`. More are asked for in several requests at the same time."""
    subgraphs: dict[str, SubgraphLimits] = Field(default_factory=dict)
    """By the subgraph's name: `ROUTER_LIMITS__SUBGRAPHS='{"wallet": {"representations_per_call_max": 500}}'`."""
    errors_max: int = Field(100, gt=0)
    """Errors in one response; one more says how many were left out."""
    error_message_characters_max: int = Field(2_000, gt=0)
    """Of one message of a subgraph."""

    def seconds_of(self, subgraph: str) -> float:
        """How long *subgraph* may take for one fetch."""
        own = self.subgraphs.get(subgraph)
        return (own and own.seconds_max) or self.subgraph_seconds_max

    def representations_per_call_of(self, subgraph: str) -> int:
        """How many entities *subgraph* takes in one call."""
        own = self.subgraphs.get(subgraph)
        return (own and own.representations_per_call_max) or self.representations_per_call_max

    @property
    def document(self) -> DocumentBounds:
        """Those of one document, which every door of the graph measures alike."""
        return DocumentBounds(**{field.name: getattr(self, field.name) for field in fields(DocumentBounds)})
