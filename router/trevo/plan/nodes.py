"""
A query plan: which subgraph is asked what, and after whom.

    QueryPlan
    └─ Fetch            one request to one subgraph: root fields, or calls for entities
       ├─ EntityCall    one `_entities` field of it
       └─ Part          what of it can go alone, and the parts whose answers it needs

The parts form a graph without cycles: a part needs only parts of fetches before its own. How such a plan is drawn, in
sequence and in parallel, is worked out for people (`outline.py`); nobody runs it that way.

A subscription's plan has one fetch more, which is listened to; the others are asked for each of its answers.

All answers are merged into one *data tree*, keyed by response keys. The tree may hold more than the client asked
for (keys, required fields, internal aliases); the projection alone decides what leaves. A plan holds no values of
variables, so it can be cached by the operation's text.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from trevo.plan.conditions import UNCONDITIONALLY, Condition, Conditions, in_common

Outputs = Mapping[str, Any]
"""The response keys that a fetch should bring, each with those below it: `{"user": {"name": {}}}`."""


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
    is_list: bool = False
    """Of a leaf: whether it is a list of such."""


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
class ContextSource:
    """One place above an object where a context may be set."""

    level: int
    """How many objects above: 1 is the one whose field led to the object."""
    type_names: frozenset[str] | None
    """Only objects of these types set it; None: whatever stands there does."""
    selections: tuple[RepresentationSelection, ...]
    """What is read there: one member, and below it one, down to a leaf."""


@dataclass(frozen=True, slots=True)
class Context:
    """A variable that has another value for each object: what is read above it, at the first source that sets it."""

    variable: str
    """By name without `$`. Where several calls go together, or one with several values, each has it with a suffix."""
    type_text: str
    sources: tuple[ContextSource, ...]
    """The nearest first."""


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
    """One `_entities` field: objects found at *paths* are sent, the answers merged where they were found."""

    paths: tuple[Path, ...]
    inputs: tuple[RepresentationInput, ...]
    selections: str
    """What is asked of each, as text, in braces."""
    outputs: Outputs = field(compare=False)
    """What that should bring of each, whatever its runtime type, once renamed."""
    variables: tuple[str, ...] = ()
    """The client's variables that the selections use, by name without `$`."""
    renames: tuple[Rename, ...] = ()
    contexts: tuple[Context, ...] = ()
    """The variables that the selections take from objects above: it is called once for each of their values."""


@dataclass(frozen=True, slots=True)
class Part:
    """
    What of a fetch can go without the rest of it.

    Usually a fetch goes whole. A part goes alone where others of its fetch are late; and for the objects of which
    another part lacks what it needs, because that failed.
    """

    id: int
    """Its number among all parts of the plan."""
    after: tuple[int, ...] = ()
    """The parts whose answers it needs; those that they need are not named again."""
    conditions: Conditions = UNCONDITIONALLY
    """When it is of use."""
    call: int = 0
    """The number, in its fetch, of the call that asks for it where all goes together."""
    alone: EntityCall | None = None
    """What asks for it alone. None for root fields, which are one part."""

    @property
    def condition(self) -> Condition:
        """What holds whenever it is of use."""
        return in_common(self.conditions)


@dataclass(frozen=True, slots=True)
class Fetch:
    """One request to one subgraph."""

    subgraph: str
    kind: str
    """`query`, `mutation` or `subscription`."""
    document: str
    """The operation's text, complete; identical for every execution, so that subgraphs can cache it by text."""
    parts: tuple[Part, ...]
    variables: tuple[str, ...] = ()
    """The client's variables that the document uses, by name without `$`."""
    calls: tuple[EntityCall, ...] = ()
    """Empty for root fields, whose answer is merged at *path*."""
    definitions: tuple[tuple[str, str], ...] = ()
    """For calls: the same variables, each with its type and default as text, to write a document of some of them."""
    renames: tuple[Rename, ...] = ()
    """For root fields; a call has its own."""
    outputs: Outputs = field(default_factory=dict, compare=False)
    """What root fields should bring, once renamed."""
    path: Path = ()
    """
    Where the answer of root fields is merged: `()` is the root of the data tree. Elsewhere a field returned the
    root type (`mutation { pay { query { me { name } } } }`): every object found there takes the whole answer.
    """
    deferred: frozenset[int] = frozenset()
    """The deferred fragments for which alone it is sent, by their numbers."""

    @property
    def condition(self) -> Condition:
        """What holds whenever any of it is of use."""
        return frozenset.intersection(*(part.condition for part in self.parts))


@dataclass(frozen=True, slots=True)
class Deferred:
    """A fragment of the operation that may be answered later."""

    number: int
    label: str | None
    above: int | None
    """The number of the one that it stands in."""


@dataclass(frozen=True, slots=True)
class QueryPlan:
    """A whole plan; it is empty when no subgraph has to be asked (`{ __typename }`)."""

    fetches: tuple[Fetch, ...] = ()
    """Each after those it needs."""
    primary: Fetch | None = None
    """The subscription that is listened to: each of its answers begins a data tree of its own."""
    deferred: tuple[Deferred, ...] = ()

    @property
    def fetch_count(self) -> int:
        """Requests to subgraphs, those under conditions included."""
        return len(self.fetches) + (self.primary is not None)

    @property
    def wave_count(self) -> int:
        """Requests that have to wait for each other, those under conditions included."""
        return 1 + max(wave_of(self.fetches), default=-1)


def wave_of(fetches: Iterable[Fetch]) -> list[int]:
    """For each fetch, how many of *fetches* it has to wait for, one after another."""
    waves: list[int] = []
    by_part: dict[int, int] = {}
    for fetch in fetches:
        waves.append(1 + max((by_part[each] for part in fetch.parts for each in part.after), default=-1))
        by_part.update((part.id, waves[-1]) for part in fetch.parts)
    return waves


def either(variable: str, if_true: QueryPlan, if_false: QueryPlan) -> QueryPlan:
    """One plan or the other, by the value of a Boolean *variable*."""
    offset = sum(len(fetch.parts) for fetch in if_true.fetches)
    return QueryPlan(
        tuple(_only_if(variable, fetch, 0, wanted=True) for fetch in if_true.fetches)
        + tuple(_only_if(variable, fetch, offset, wanted=False) for fetch in if_false.fetches)
    )


def _only_if(variable: str, fetch: Fetch, offset: int, *, wanted: bool) -> Fetch:
    parts = (
        replace(
            part,
            id=part.id + offset,
            after=tuple(each + offset for each in part.after),
            conditions=frozenset(each | {(variable, wanted)} for each in part.conditions),
        )
        for part in fetch.parts
    )
    return replace(fetch, parts=tuple(parts))
