"""
A query plan: which subgraph is asked what, and after whom.

    Sequence                      one after another
    └─ Parallel                   at the same time
       ├─ Fetch                   one request to one subgraph: root fields, or calls for entities
       └─ Condition               only if a Boolean variable says so

A subscription's plan is one *Subscription*: a request whose answers go on coming, and what is done for each of them.

All answers are merged into one *data tree*, keyed by response keys. The tree may hold more than the client asked
for (keys, required fields, internal aliases); the projection alone decides what leaves. A plan holds no values of
variables, so it can be cached by the operation's text.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Key:
    """Go into the object's member of this response key."""

    name: str


@dataclass(frozen=True, slots=True)
class Each:
    """Go into each item of the list. Written `@`."""


@dataclass(frozen=True, slots=True)
class OnTypes:
    """
    Stay, but only where the object's `__typename` is one of these object types. Written `|[Book|Magazine]`.

    An object without `__typename` in the tree passes: the planner asks for it wherever types can differ.
    """

    type_names: frozenset[str]


PathSegment = Key | Each | OnTypes
Path = tuple[PathSegment, ...]


@dataclass(frozen=True, slots=True)
class RepresentationField:
    """One member of an entity representation: sent as *name*, read from the data tree under *source*."""

    name: str
    source: str
    """The response key in the data tree; differs from *name* where the planner had to alias."""
    selections: "tuple[RepresentationSelection, ...]" = ()
    """Empty for a leaf."""
    is_key: bool = False
    """Part of the entity's key: where it is null or absent nothing is sent. A null that `@requires` wants is sent."""
    may_be_null: bool = False
    """For a part of a key: its type, in the subgraph that gives it, says that there are objects without it."""


@dataclass(frozen=True, slots=True)
class RepresentationFragment:
    """Members sent only where the runtime type of the object read is one of *type_names*."""

    type_names: frozenset[str]
    selections: "tuple[RepresentationSelection, ...]"


RepresentationSelection = RepresentationField | RepresentationFragment


@dataclass(frozen=True, slots=True)
class RepresentationInput:
    """
    How an object of one of *type_names* becomes a representation.

    The first input of a call whose *type_names* hold the object's `__typename` is taken. An object of another type
    is not sent. An object without `__typename` in the tree (its type is certain, or the subgraph that gave it knows
    only an `@interfaceObject`) takes the first input that is not for some types only. An object whose key is not
    whole in the tree (a member marked `is_key` is absent or null) is not sent either, which is an error unless the
    member `may_be_null`; other members are sent as they are, null included, and left out where absent.
    """

    type_names: frozenset[str]
    typename: str | None
    """
    The `__typename` to send; None sends the object's own. Named where the type is certain (the plan then does not
    ask for `__typename`), and for interface entities (`@interfaceObject`), whose interface is named.
    """
    selections: tuple[RepresentationSelection, ...]
    is_for_some_types: bool = False
    """Whether objects of other types may stand there too, so that one of unknown type must not be taken for these."""


@dataclass(frozen=True, slots=True)
class Rename:
    """
    After the fetch, below *path* (relative to the fetched object), member *source* becomes *target*.

    Several are applied in order; a path names members as they are called when its turn comes.
    """

    path: Path
    source: str
    target: str


@dataclass(frozen=True, slots=True)
class EntityCall:
    """One `_entities` field of a fetch: objects found at *paths* are sent, the answers merged where they were found."""

    response_key: str
    """`_entities`, or an alias (`_e0`) when the fetch has several calls."""
    variable: str
    """The document's variable that takes the representations."""
    paths: tuple[Path, ...]
    inputs: tuple[RepresentationInput, ...]
    renames: tuple[Rename, ...] = ()


@dataclass(frozen=True, slots=True)
class Fetch:
    """One request to one subgraph."""

    subgraph: str
    kind: str
    """`query`, `mutation` or `subscription`."""
    document: str
    """The operation's text, complete; identical for every execution, so that subgraphs can cache it by text."""
    variables: tuple[str, ...] = ()
    """The client's variables that the document uses, by name without `$`."""
    calls: tuple[EntityCall, ...] = ()
    """Empty for root fields, whose answer is merged at *path*."""
    renames: tuple[Rename, ...] = ()
    """For root fields; a call has its own."""
    path: Path = ()
    """
    Where the answer of root fields is merged: `()` is the root of the data tree. Elsewhere a field returned the
    root type (`mutation { pay { query { me { name } } } }`): every object found there takes the whole answer.
    """
    operation_name: str | None = None


@dataclass(frozen=True, slots=True)
class Sequence:
    nodes: "tuple[PlanNode, ...]"


@dataclass(frozen=True, slots=True)
class Parallel:
    nodes: "tuple[PlanNode, ...]"


@dataclass(frozen=True, slots=True)
class Condition:
    """Run one branch by the value of a Boolean variable (its default already applied)."""

    variable: str
    if_true: "PlanNode | None" = None
    if_false: "PlanNode | None" = None


@dataclass(frozen=True, slots=True)
class Subscription:
    """One subgraph is listened to; each of its answers begins a data tree of its own. Stands at the root of a plan."""

    primary: Fetch
    rest: "PlanNode | None"
    """What is asked of others for each answer."""


PlanNode = Sequence | Parallel | Condition | Fetch | Subscription


@dataclass(frozen=True, slots=True)
class QueryPlan:
    """A whole plan; *root* is None when no subgraph has to be asked (`{ __typename }`)."""

    root: PlanNode | None

    @property
    def fetch_count(self) -> int:
        """Requests to subgraphs, those under conditions included."""
        return _count_fetches(self.root)

    @property
    def wave_count(self) -> int:
        """Requests that have to wait for each other, those under conditions included."""
        return _count_waves(self.root)


def _count_fetches(node: PlanNode | None) -> int:
    match node:
        case Subscription(primary, rest):
            return _count_fetches(primary) + _count_fetches(rest)
        case Fetch():
            return 1
        case Sequence(nodes) | Parallel(nodes):
            return sum(map(_count_fetches, nodes))
        case Condition(_, if_true, if_false):
            return _count_fetches(if_true) + _count_fetches(if_false)
    return 0


def _count_waves(node: PlanNode | None) -> int:
    match node:
        case Fetch():
            return 1
        case Sequence(nodes):
            return sum(map(_count_waves, nodes))
        case Parallel(nodes):
            return max(map(_count_waves, nodes))
        case Condition(_, if_true, if_false):
            return max(_count_waves(if_true), _count_waves(if_false))
    return 0
