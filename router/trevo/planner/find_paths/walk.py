"""
Walks down selections and finds, for every leaf, the cheapest paths that reach it.

The walk goes down the selections with a list of candidates: for each place in the answer, the paths that arrive there,
at most one price per node. A field is looked for where a candidate stands, and in every subgraph that can be entered
from there (`ways`). A dearer candidate is kept as long as it ends in another subgraph: the fields below may be had
only there. Of the paths to a leaf only the cheapest stay, all of them where several are; `choose_paths` picks.

Three rules narrow what may be taken, so that an answer does not depend on which of several subgraphs is asked:

- Where several subgraphs resolve a field that returns a union, only the members that all of them know are looked at.
- A field of the mutation type is asked of one subgraph.
- Where several resolve a field that returns an interface, and it is asked for several types, the interface's fields
  are taken from subgraphs that resolve them for all of these types themselves; if there is none, everything from one
  of them, with what can be entered from there.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from trevo.graph import FieldMove, Node, QueryGraph
from trevo.operation.selection import FieldSelection, FragmentSelection, Selection, Selections
from trevo.planner.find_paths.path import Path, Way
from trevo.planner.limits import Budget

_TIES_MAX = 8
"""Equally cheap paths kept to one node. They differ in the subgraphs they come through; more are never of use."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """A leaf of the operation, and the paths that reach it equally cheaply."""

    paths: tuple[Path, ...]
    dearer: tuple[Path, ...] = ()
    """Others, that cost more alone: requests that have to be made anyway may carry the leaf all the same."""

    def __str__(self) -> str:
        return "\n".join(f"{path.cost:>6}  {path}" for path in self.paths)


class Unreachable(Exception):
    """No candidate leads to the field *name*; *whole*: to it and all that is selected below it, in one subgraph."""

    def __init__(self, name: str, candidates: Sequence[Path], *, whole: bool = False) -> None:
        super().__init__(name)
        self.name = name
        self.candidates = candidates
        self.whole = whole


class WaysOut(Protocol):
    """Where a walk can go on besides the subgraph it is in (see `ways`)."""

    def into_others(self, node: Node, field_name: str | None) -> Iterable[Way]:
        """The ways from an arrival at *node* into other subgraphs; only useful ones, if a field is named."""

    def by_requirement(self, node: Node, field_name: str) -> Iterable[tuple[FieldMove, Way]]:
        """The ways to ask for a field with something sent along: what it requires, what it takes from a context."""


class Walk:
    """One search. Requirements are searched for in the same manner as what a client selects."""

    def __init__(self, graph: QueryGraph, ways: WaysOut, budget: Budget, *, is_for_client: bool = True) -> None:
        self._graph = graph
        self._ways = ways
        self._budget = budget
        self._is_for_client = is_for_client
        self._in_vain: set[tuple[int, frozenset[tuple[int, frozenset[str] | None]], frozenset[str]]] = set()
        """Interface fields that were asked as they are, from where and with which *local*, and led not far enough."""

    def selections(
        self, selections: Selections, candidates: Sequence[Path], *, local: frozenset[str] = frozenset()
    ) -> Iterator[Leaf]:
        """*local* names fields for which no other subgraph may be entered."""
        for selection in selections:
            if isinstance(selection, FragmentSelection):
                yield from self._fragment(selection, candidates, local)
            elif selection.expansion or selection.fallback:
                yield from self._interface_field(selection, candidates, local)
            else:
                yield from self._field(selection, candidates, stay=selection.name in local)

    def _interface_field(
        self, field: FieldSelection, candidates: Sequence[Path], local: frozenset[str]
    ) -> Iterable[Leaf]:
        """
        A field that may have to be asked type by type.

        It is asked of the interface where every candidate's subgraph resolves it for all the types it knows, unless
        something below is then out of reach: an object type may have keys where the interface has none.
        """
        attempt = (id(field), frozenset((each.node.id, each.scope) for each in candidates), local)
        if attempt not in self._in_vain and (
            field.fallback or all(self._graph.resolves_for_all(each.node, field.name) for each in candidates)
        ):
            try:
                return list(self._field(field, candidates, stay=field.name in local))
            except Unreachable:
                if self._is_for_client:
                    # Interfaces below interfaces: without this, each level would double the attempts. For requirements
                    # it is not to be remembered, as the ways may be unfinished.
                    self._in_vain.add(attempt)
        return self.selections(field.expansion or field.fallback, candidates, local=local)

    def _field(self, field: FieldSelection, candidates: Sequence[Path], *, stay: bool) -> Iterator[Leaf]:
        if not field.selections:
            yield self._leaf(field, candidates, stay=stay)
            return
        found = _Cheapest()
        for candidate in candidates:
            found.add_all(self._composite(field, candidate, stay=stay))
        arrivals = found.paths()
        if not arrivals:
            raise Unreachable(field.name, candidates)
        if candidates[0].node.type_name == self._graph.supergraph.root_types.get("mutation"):
            # Whoever is asked runs it, so there must be one only.
            yield from self._from_one_of(field, candidates, arrivals)
            return
        arrivals = self._agree_on_members(arrivals)
        local = self._local_fields(field, candidates)
        if local:
            able = [arrival for arrival in arrivals if self._is_resolved_there(field.selections, arrival, local)]
            if not able:
                yield from self._from_one_of(field, candidates, arrivals)
                return
            arrivals = able
        yield from self.selections(field.selections, arrivals, local=local)

    def _from_one_of(self, field: FieldSelection, candidates: Sequence[Path], arrivals: Sequence[Path]) -> list[Leaf]:
        """All that is selected, from the one arrival that reaches it most cheaply."""
        best: list[Leaf] | None = None
        for arrival in arrivals:
            try:
                leaves = list(self.selections(field.selections, [arrival]))
            except Unreachable:
                continue
            if best is None or _cost(leaves) < _cost(best):
                best = leaves
        if best is None:
            raise Unreachable(field.name, candidates, whole=True)
        return best

    def _leaf(self, field: FieldSelection, candidates: Sequence[Path], *, stay: bool) -> Leaf:
        if self._is_for_client:
            self._budget.charge_leaf()
        found = [path for candidate in candidates for path in self._leaf_from(field, candidate, stay=stay)]
        if not found:
            raise Unreachable(field.name, candidates)
        if len(found) == 1:
            return Leaf((found[0],))
        cost = min(path.cost for path in found)
        cheapest = [path for path in found if path.cost == cost]
        dearer = [path for path in found if path.cost > cost]
        return Leaf(tuple(cheapest[:_TIES_MAX]), tuple(dearer[:_TIES_MAX]))

    def _leaf_from(self, field: FieldSelection, candidate: Path, *, stay: bool) -> Iterator[Path]:
        self._budget.charge_move()
        move = self._graph.field(candidate.node, field.name)
        if move and move.is_plain:
            yield candidate.take(move, field)
        elif not stay:
            yield from self._elsewhere(field, candidate)

    def _composite(self, field: FieldSelection, candidate: Path, *, stay: bool) -> Iterator[Path]:
        self._budget.charge_move()
        move = self._graph.field(candidate.node, field.name)
        if move and move.is_plain:
            yield candidate.take(move, field)
        if not stay:
            yield from self._elsewhere(field, candidate)

    def _elsewhere(self, field: FieldSelection, candidate: Path) -> Iterator[Path]:
        """The field, in the subgraphs that can be entered from *candidate*."""
        for way in self._ways.into_others(candidate.node, field.name):
            move = self._graph.field(way.target, field.name)
            if move and move.is_plain:
                self._budget.charge_move()
                yield candidate.enter(way).take(move, field)
        for move, way in self._ways.by_requirement(candidate.node, field.name):
            self._budget.charge_move()
            if move.contexts and not self._has_contexts(candidate, move):
                continue
            yield candidate.enter(way).take(move, field)

    def _has_contexts(self, candidate: Path, move: FieldMove) -> bool:
        """Whether, for each context that *move* takes, something above *candidate* may set it."""
        above = list(candidate.types_above())
        return all(any(self._graph.may_set(each.context, name) for name in above) for each in move.contexts)

    def _fragment(
        self, fragment: FragmentSelection, candidates: Sequence[Path], local: frozenset[str]
    ) -> Iterable[Leaf]:
        if not fragment.expansion:
            return self._fragment_on(fragment, candidates, local)
        if all(self._knows_members(candidate, fragment) for candidate in candidates):
            try:
                return list(self._fragment_on(fragment, candidates, local))
            except Unreachable:
                pass
        return self.selections(fragment.expansion, candidates, local=local)

    def _knows_members(self, candidate: Path, fragment: FragmentSelection) -> bool:
        """Whether *candidate*'s subgraph takes the fragment to mean the types that the supergraph says it means."""
        if candidate.scope is not None:
            return False
        here = self._graph.abstract_cast(candidate.node, fragment.type_name)
        if here is None:
            return False
        meant = self._graph.members(candidate.node) & self._graph.supergraph.possible(fragment.type_name)
        # Where no member is meant at all, the subgraph would refuse the fragment.
        return bool(meant) and meant <= self._graph.members(here)

    def _fragment_on(
        self, fragment: FragmentSelection, candidates: Sequence[Path], local: frozenset[str]
    ) -> Iterator[Leaf]:
        found = _Cheapest()
        for candidate in candidates:
            found.add_all(self._cast(fragment.type_name, candidate, stay=bool(local)))
        arrivals = found.paths()
        if arrivals:
            yield from self.selections(fragment.selections, arrivals, local=local)
        else:
            # No subgraph that can be asked here knows the type: such objects are not among the answers. That the
            # surrounding object exists must still be seen.
            condition, mark = candidates[0].condition, candidates[0].deferred
            typename = FieldSelection("__typename", "__typename", condition=condition, deferred=mark)
            yield self._leaf(typename, candidates, stay=bool(local))

    def _cast(self, type_name: str, candidate: Path, *, stay: bool) -> Iterator[Path]:
        self._budget.charge_move()
        if candidate.scope is not None and type_name not in candidate.scope:
            return
        if candidate.node.type_name == type_name:
            yield candidate
            return
        node = self._graph.cast(candidate.node, type_name) or self._graph.abstract_cast(candidate.node, type_name)
        if node is not None:
            yield candidate.cast(node)
        elif not stay:
            for way in self._ways.into_others(candidate.node, None):
                node = self._graph.cast(way.target, type_name)
                if node is not None:
                    yield candidate.enter(way).cast(node)

    def _agree_on_members(self, arrivals: list[Path]) -> list[Path]:
        """The first rule: of a union that several subgraphs may answer, only the common members."""
        if not any(arrival.node.kind == "union" for arrival in arrivals):
            return arrivals
        if len({arrival.node.subgraph for arrival in arrivals}) == 1:
            return arrivals
        members = [self._graph.members(arrival.node) for arrival in arrivals]
        common = frozenset.intersection(*members)
        if all(each == common for each in members):
            return arrivals
        return [arrival.limited_to(common) for arrival in arrivals]

    def _local_fields(self, field: FieldSelection, candidates: Sequence[Path]) -> frozenset[str]:
        """The third rule: the fields that have to be resolved where the interface comes from."""
        parent = self._graph.supergraph.types[candidates[0].node.type_name]
        definition = parent.fields.get(field.name)
        if definition is None:
            return frozenset()
        output = self._graph.supergraph.types[definition.type.name]
        if output.kind != "interface" or len(self._graph.owners(parent.name, field.name)) < 2:
            return frozenset()
        return frozenset(output.fields) if len(_types_apart(field.selections)) > 1 else frozenset()

    def _is_resolved_there(self, selections: Selections, arrival: Path, local: frozenset[str]) -> bool:
        return all(self._is_selection_resolved_there(selection, arrival, local) for selection in selections)

    def _is_selection_resolved_there(self, selection: Selection, arrival: Path, local: frozenset[str]) -> bool:
        if isinstance(selection, FieldSelection):
            if selection.name not in local:
                return True
            if selection.expansion and not self._graph.resolves_for_all(arrival.node, selection.name):
                return self._is_resolved_there(selection.expansion, arrival, local)
            move = self._graph.field(arrival.node, selection.name)
            return move is not None and move.is_plain
        if selection.expansion:
            return self._is_resolved_there(selection.expansion, arrival, local)
        seen_as = list(self._cast(selection.type_name, arrival, stay=True))
        if not seen_as and arrival.node.kind == "interface object":
            # It returns objects of that type, but cannot tell which they are.
            return False
        return all(self._is_resolved_there(selection.selections, seen, local) for seen in seen_as)


class _Cheapest:
    """The cheapest paths to each node, in the order in which the nodes were found."""

    def __init__(self) -> None:
        self._by_node: dict[int, list[Path]] = {}

    def add_all(self, paths: Iterable[Path]) -> None:
        for path in paths:
            known = self._by_node.get(path.node.id)
            if known is None or path.cost < known[0].cost:
                self._by_node[path.node.id] = [path]
            elif path.cost == known[0].cost and len(known) < _TIES_MAX:
                known.append(path)

    def paths(self) -> list[Path]:
        return [path for paths in self._by_node.values() for path in paths]


def _types_apart(selections: Selections) -> set[str]:
    """The object types for which something is selected apart, or may have to be."""
    types: set[str] = set()
    for selection in selections:
        if isinstance(selection, FragmentSelection):
            types |= {each.type_name for each in selection.expansion} or {selection.type_name}
        else:
            types |= {each.type_name for each in selection.expansion}
    return types


def _cost(leaves: list[Leaf]) -> int:
    return sum(leaf.paths[0].cost for leaf in leaves)
