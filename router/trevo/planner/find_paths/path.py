"""
Paths: how a selected field is reached, move by move.

    start ─Query(catalog)→ ─book→ Book(catalog) ─key isbn→ Book(stock) ─price→

A path is linked backwards, so paths share their beginnings. Where an object is reached by a field or a cast, the path
*arrives*; from an arrival one can *enter* other subgraphs, by a *way*. A way is worked out once per arrival node and
serves every operation: it says which subgraph is entered by which key, and how the key's fields are reached, in turn
by paths that start at the arrival.

    the way into Book(archive) from Book(catalog):
        send    { __typename: Book, shelf }
        needs   Book(catalog) ─key isbn→ Book(stock) ─shelf→
"""

from collections.abc import Iterator
from dataclasses import dataclass

from trevo.graph import Entrance, FieldMove, Node, Requirement
from trevo.operation.deferral import NOW, Mark
from trevo.operation.selection import FieldSelection
from trevo.plan.conditions import ALWAYS, Condition

ENTER_COST = 1_000
"""
Of a request more, against 1 for a field more. Any plan with fewer requests is better than one with fewer fields; no
operation has enough fields to change that. That requests weigh alike is a guess: nobody knows how fast subgraphs are.
"""
FIELD_COST = 1


@dataclass(frozen=True, slots=True, eq=False)
class Take:
    """Select a field."""

    move: FieldMove
    selection: FieldSelection


@dataclass(frozen=True, slots=True, eq=False)
class Cast:
    """Look at objects of one type only."""

    node: Node


@dataclass(frozen=True, slots=True, eq=False)
class Way:
    """A worked-out way from an arrival into a subgraph."""

    id: int
    entrance: Entrance
    requires: Requirement | None
    """What the field to be asked for needs besides the key."""
    needs: "tuple[Path, ...]"
    """To the leaves of key and requirement, each from the arrival."""
    own_cost: int
    """Of this request and of the fields it needs, without the ways to those."""
    others: "tuple[Way, ...]"
    """Every other way, from the same arrival, that the needs go through."""

    @property
    def target(self) -> Node:
        return self.entrance.target

    @property
    def cost(self) -> int:
        return self.own_cost + sum(other.own_cost for other in self.others)

    @property
    def depth(self) -> int:
        """How many requests have to be made one after another, this one included."""
        return 1 + max((need.depth for need in self.needs), default=0)

    def __str__(self) -> str:
        requires = f", requires {self.requires}" if self.requires else ""
        return f"{self.entrance}{requires}"


Segment = Take | Cast | Way


@dataclass(frozen=True, slots=True, eq=False)
class Path:
    """A path so far; the last segment, and the path before it."""

    previous: "Path | None"
    segment: Segment | None
    """None at the start."""
    node: Node
    cost: int
    depth: int = 0
    """Requests one after another."""
    scope: frozenset[str] | None = None
    """The only types of a union that may be looked at, where candidates disagree on its members."""

    @classmethod
    def start(cls, node: Node) -> "Path":
        return cls(None, None, node, 0)

    def enter(self, way: Way) -> "Path":
        return Path(self, way, way.target, self.cost + way.cost, self.depth + way.depth)

    def take(self, move: FieldMove, selection: FieldSelection) -> "Path":
        return Path(self, Take(move, selection), move.target or move.node, self.cost + FIELD_COST, self.depth)

    def cast(self, node: Node) -> "Path":
        return Path(self, Cast(node), node, self.cost + FIELD_COST, self.depth)

    def limited_to(self, scope: frozenset[str]) -> "Path":
        return Path(self.previous, self.segment, self.node, self.cost, self.depth, scope)

    @property
    def condition(self) -> Condition:
        """Of the field that led here."""
        field = self._field
        return field.condition if field else ALWAYS

    @property
    def deferred(self) -> Mark:
        """Of the field that led here: for which deferred fragments alone it is wanted."""
        field = self._field
        return field.deferred if field else NOW

    @property
    def _field(self) -> FieldSelection | None:
        """That led here; None at the start."""
        path: Path | None = self
        while path is not None:
            if isinstance(path.segment, Take):
                return path.segment.selection
            path = path.previous
        return None

    def types_above(self) -> Iterator[str]:
        """The types of the objects that led here, from the nearest on."""
        path: Path | None = self
        while path is not None:
            if isinstance(path.segment, Take) and path.previous is not None:
                yield path.previous.node.type_name
            path = path.previous

    def segments(self) -> list[Segment]:
        """From the start on."""
        found: list[Segment] = []
        path: Path | None = self
        while path is not None and path.segment is not None:
            found.append(path.segment)
            path = path.previous
        found.reverse()
        return found

    def __str__(self) -> str:
        parts = []
        for segment in self.segments():
            if isinstance(segment, Take):
                target, key = segment.move.target, segment.selection.key or segment.selection.name
                parts.append(f"─{key}→ {target}" if target else f"─{key}→")
            elif isinstance(segment, Cast):
                parts.append(f"─on→ {segment.node}")
            else:
                parts.append(str(segment))
        return " ".join(parts)
