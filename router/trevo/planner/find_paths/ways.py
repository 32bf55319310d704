"""
Works out the ways from an arrival into other subgraphs.

An object arrives somewhere, `Book(catalog)`. Which other subgraphs can be entered for it? Those that take a key whose
fields can be had where the object is known already. Each subgraph entered may know fields of further keys, so this is
repeated, cheapest first, until nothing new is found:

    Book(catalog)  knows isbn           →  enter Book(stock) by isbn        1 request
    Book(stock)    knows isbn, shelf    →  enter Book(archive) by shelf     2 requests

What a key needs is searched for by the same walk that serves clients' selections, so keys may be nested, lie in other
entities, or need fields that have requirements themselves. While the ways of a node are being worked out, a walk that
comes back to this node sees those found so far; this ends every circle. What was found while looking at unfinished
ways is not remembered, as it may lack some.

Per node there are at most as many rounds as subgraphs; the results hold for every operation and are kept.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count

from trevo.graph import Entrance, FieldMove, Node, QueryGraph, Requirement
from trevo.operation.selection import FieldSelection
from trevo.planner.find_paths.path import ENTER_COST, Path, Way
from trevo.planner.find_paths.unfinished import Unfinished
from trevo.planner.find_paths.walk import Leaf, Unreachable, Walk
from trevo.planner.limits import Budget
from trevo.supergraph import ContextArgument

_Needing = tuple[int, int, int | None, tuple[ContextArgument, ...]]
"""From a node to another, by their ids; a requirement, by its id; contexts."""


@dataclass(slots=True)
class KnownWays:
    """What was worked out so far; kept as long as the graph."""

    into_others: dict[int, tuple[Way, ...]] = field(default_factory=dict)
    direct: dict[tuple[int, int], Way | None] = field(default_factory=dict)
    to_field: dict[tuple[int, str], tuple[Way, ...] | None] = field(default_factory=dict)
    by_requirement: dict[_Needing, Way | None] = field(default_factory=dict)
    ids: Iterator[int] = field(default_factory=count)


class Ways:
    """The ways of one graph, for one planning run."""

    def __init__(self, graph: QueryGraph, known: KnownWays, budget: Budget) -> None:
        self._graph = graph
        self._known = known
        self._budget = budget
        self._walk = Walk(graph, self, budget, is_for_client=False)
        self._unfinished = Unfinished()
        self._found: dict[int, list[Way]] = {}
        """The ways found so far of nodes that are being worked out."""

    def end(self) -> None:
        """Nothing more is searched for: let go of the walk, which knows of these ways too."""
        del self._walk

    def into_others(self, node: Node, field_name: str | None) -> Sequence[Way]:
        """
        The ways into subgraphs that resolve *field_name*, or into all.

        Where each of those can be entered at once, the others need not be looked at.
        """
        if field_name is not None:
            known_to = (node.id, field_name)
            if known_to not in self._known.to_field:
                self._known.to_field[known_to] = self._directly_to(node, field_name)
            direct = self._known.to_field[known_to]
            if direct is not None:
                return direct
        known = self._known.into_others.get(node.id)
        if known is not None:
            return known
        if self._unfinished.comes_back(node.id):
            return self._found[node.id]
        with self._unfinished.work_on(node.id) as work:
            self._found[node.id] = []
            found = tuple(self._search(node))
            del self._found[node.id]
        if work.is_whole:
            self._known.into_others[node.id] = found
        return found

    def by_requirement(self, node: Node, field_name: str) -> Iterator[tuple[FieldMove, Way]]:
        for move in self._graph.requiring(node.type_name, field_name):
            way = self._for(node, move)
            if way is not None:
                yield move, way

    def _directly_to(self, node: Node, field_name: str) -> tuple[Way, ...] | None:
        targets = [
            target
            for target in self._targets(node)
            if (move := self._graph.field(target, field_name)) and move.is_plain
        ]
        ways = [self._direct(node, target) for target in targets]
        return None if None in ways else tuple(way for way in ways if way)

    def _targets(self, node: Node) -> list[Node]:
        """The other nodes that can be entered at all, each once."""
        found = {entrance.target: None for entrance in self._graph.entrances(node.type_name)}
        return [target for target in found if (target.type_name, target.subgraph) != (node.type_name, node.subgraph)]

    def _direct(self, node: Node, target: Node) -> Way | None:
        """
        The way into *target* by a key that *node* has itself. There is none cheaper.

        None also where objects may lack that key and another may be had, which has to be searched for.
        """
        known = (node.id, target.id)
        if known not in self._known.direct:
            entrances = [each for each in self._graph.entrances(node.type_name) if each.target is target]
            ways = [
                self._way(entrance, None, leaves)
                for entrance in entrances
                if (leaves := self._local(node, entrance.key)) is not None
            ]
            best = min(ways, key=_preference, default=None)
            if best and best.entrance.may_lack_key and not all(each.may_lack_key for each in entrances):
                best = None
            self._known.direct[known] = best
        return self._known.direct[known]

    def _search(self, node: Node) -> list[Way]:
        found = self._found[node.id]
        pending = self._targets(node)
        for target in list(pending):
            direct = self._direct(node, target)
            if direct:
                found.append(direct)
                pending.remove(target)
        while pending:
            best = {target: way for target in pending if (way := self._best_way(node, target, None))}
            if not best:
                break
            # Whatever needs more requests than the cheapest might be had for less once those are known.
            requests = min(way.cost for way in best.values()) // ENTER_COST
            for target, way in best.items():
                if way.cost // ENTER_COST == requests:
                    found.append(way)
                    pending.remove(target)
        return found

    def _for(self, node: Node, move: FieldMove) -> Way | None:
        """The way on which *move* is made, with what it requires. Moves that take different contexts can part there."""
        known = (node.id, move.node.id, None if move.requires is None else move.requires.id, move.contexts)
        if known in self._known.by_requirement:
            return self._known.by_requirement[known]
        if self._unfinished.comes_back(known):
            # A requirement that would need itself.
            return None
        with self._unfinished.work_on(known) as work:
            best = self._best_way(node, move.node, move.requires)
        if work.is_whole:
            self._known.by_requirement[known] = best
        return best

    def _best_way(self, node: Node, target: Node, requires: Requirement | None) -> Way | None:
        ways = [
            way
            for entrance in self._graph.entrances(node.type_name)
            if entrance.target is target and (way := self._make_way(node, entrance, requires))
        ]
        return min(ways, key=_preference, default=None)

    def _make_way(self, node: Node, entrance: Entrance, requires: Requirement | None) -> Way | None:
        self._budget.charge_move()
        leaves: list[Leaf] = []
        try:
            for requirement in (entrance.key, requires):
                if requirement is not None:
                    leaves += self._walk.selections(requirement.fetched, [Path.start(node)])
        except Unreachable:
            return None
        return self._way(entrance, requires, leaves)

    def _way(self, entrance: Entrance, requires: Requirement | None, leaves: list[Leaf]) -> Way:
        needs: list[Path] = []
        others: dict[Way, None] = {}
        own_cost = ENTER_COST
        for leaf in leaves:
            path = min(leaf.paths, key=lambda path: (_first_way(path) not in others, path.depth))
            needs.append(path)
            first = _first_way(path)
            if first is not None:
                others.update(dict.fromkeys((*first.others, first)))
            own_cost += path.cost - (first.cost if first else 0)
        return Way(next(self._known.ids), entrance, requires, tuple(needs), own_cost, tuple(others))

    def _local(self, node: Node, requirement: Requirement | None) -> list[Leaf] | None:
        """What most keys are: fields of *node* itself. None where something has to be searched for."""
        leaves = []
        for selection in requirement.fetched if requirement else ():
            if not isinstance(selection, FieldSelection) or selection.selections:
                return None
            move = self._graph.field(node, selection.name)
            if move is None or not move.is_plain or selection.expansion:
                return None
            leaves.append(Leaf((Path.start(node).take(move, selection),)))
        return leaves

    # --- saying what went wrong ---

    def explain(self, unreachable: Unreachable) -> str:
        """A sentence for the client: which field, from where, and why not."""
        node = unreachable.candidates[0].node
        coordinate = f"{node.type_name}.{unreachable.name}"
        where = sorted({candidate.node.subgraph for candidate in unreachable.candidates} - {""})
        source = f" from {_listed(where)}" if where else ""
        if unreachable.whole:
            return (
                f"The field {coordinate} cannot be resolved: no single subgraph can resolve all that is selected "
                "of the interface it returns, for each of the types asked for."
            )
        owners = self._graph.resolvers(node.type_name, unreachable.name)
        if not owners:
            return f"The field {coordinate} cannot be resolved{source}: no subgraph resolves it for this type."
        reasons = [self._explain_owner(node, unreachable.name, owner) for owner in owners]
        return f"The field {coordinate} cannot be resolved{source}: {'; '.join(reasons)}."

    def _explain_owner(self, node: Node, field_name: str, owner: Node) -> str:
        seen_as = "" if owner.type_name == node.type_name else f" as {owner.type_name}.{field_name}"
        resolves = f"{owner.subgraph} resolves it{seen_as}"
        entrances = [entrance for entrance in self._graph.entrances(node.type_name) if entrance.target is owner]
        if not entrances:
            return f"{resolves}, but cannot be asked for a {owner.type_name} by any key"
        move = self._graph.field(owner, field_name)
        is_entered = owner.subgraph == node.subgraph or owner in {way.target for way in self.into_others(node, None)}
        if not is_entered:
            keys = " or ".join(str(entrance.key) for entrance in entrances)
            return f"{resolves}, but its key {keys} cannot be had"
        if move and move.requires:
            return f"{resolves}, but what it requires, {move.requires}, cannot be had"
        if move and move.contexts:
            names = _listed([each.context for each in move.contexts])
            return f"{resolves}, but nothing above it sets the context {names} that it takes an argument from"
        return f"{resolves}, but not for what was found before"


def _preference(way: Way) -> tuple[int, bool, int]:
    """Fewest requests first; then a key that no object lacks; then what costs least."""
    return way.cost // ENTER_COST, way.entrance.may_lack_key, way.cost


def _first_way(path: Path) -> Way | None:
    segments = path.segments()
    return segments[0] if segments and isinstance(segments[0], Way) else None


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
