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

from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field
from itertools import count

from router.graph import Entrance, FieldMove, Node, QueryGraph, Requirement
from router.planner.limits import Budget
from router.planner.path import ENTER_COST, Path, Way
from router.planner.walk import Unreachable, Walk


@dataclass(slots=True)
class KnownWays:
    """What was worked out so far; kept as long as the graph."""

    into_others: dict[int, tuple[Way, ...]] = field(default_factory=dict)
    by_requirement: dict[tuple[int, int, int], Way | None] = field(default_factory=dict)
    useful: dict[tuple[int, str], bool] = field(default_factory=dict)
    ids: Iterator[int] = field(default_factory=count)


class Ways:
    """The ways of one graph, for one planning run."""

    def __init__(self, graph: QueryGraph, known: KnownWays, budget: Budget) -> None:
        self._graph = graph
        self._known = known
        self._budget = budget
        self._walk = Walk(graph, self, budget)
        self._unfinished: dict[Hashable, int] = {}
        """What is being worked out, with its place in the order of beginning."""
        self._found: dict[int, list[Way]] = {}
        """The ways found so far of nodes that are being worked out."""
        self._came_back_to = _NEVER
        """The earliest unfinished work that was looked at since the current work began."""

    def into_others(self, node: Node, field_name: str | None) -> tuple[Way, ...] | list[Way]:
        if field_name is not None and not self._is_useful(node, field_name):
            return ()
        known = self._known.into_others.get(node.id)
        if known is not None:
            return known
        if node.id in self._unfinished:
            self._come_back(self._unfinished[node.id])
            return self._found[node.id]
        with _Work(self, node.id) as work:
            self._found[node.id] = []
            found = tuple(self._search(node))
            del self._found[node.id]
        if work.is_whole:
            self._known.into_others[node.id] = found
        return found

    def by_requirement(self, node: Node, field_name: str) -> Iterator[tuple[FieldMove, Way]]:
        for move in self._graph.requiring(node.type_name, field_name):
            assert move.requires is not None  # noqa: S101 - what `requiring` returns
            way = self._with_requirement(node, move.node, move.requires)
            if way is not None:
                yield move, way

    def _is_useful(self, node: Node, field_name: str) -> bool:
        """Whether any subgraph that can be entered at all resolves the field."""
        known = (node.id, field_name)
        if known not in self._known.useful:
            self._known.useful[known] = any(
                entrance.target is not node and self._graph.field(entrance.target, field_name)
                for entrance in self._graph.entrances(node.type_name)
            )
        return self._known.useful[known]

    def _search(self, node: Node) -> list[Way]:
        found = self._found[node.id]
        pending = [
            entrance
            for entrance in self._graph.entrances(node.type_name)
            if (entrance.target.type_name, entrance.target.subgraph) != (node.type_name, node.subgraph)
        ]
        while pending:
            best: dict[int, Way] = {}
            for entrance in pending:
                way = self._make_way(node, entrance, None)
                if way and (entrance.target.id not in best or way.cost < best[entrance.target.id].cost):
                    best[entrance.target.id] = way
            if not best:
                break
            # Whatever needs more requests than the cheapest might be had for less once those are known.
            requests = min(way.cost for way in best.values()) // ENTER_COST
            for target, way in best.items():
                if way.cost // ENTER_COST == requests:
                    found.append(way)
                    pending = [entrance for entrance in pending if entrance.target.id != target]
        return found

    def _with_requirement(self, node: Node, target: Node, requires: Requirement) -> Way | None:
        known = (node.id, target.id, requires.id)
        if known in self._known.by_requirement:
            return self._known.by_requirement[known]
        if known in self._unfinished:
            # A requirement that would need itself.
            self._come_back(self._unfinished[known])
            return None
        with _Work(self, known) as work:
            ways = [
                way
                for entrance in self._graph.entrances(node.type_name)
                if entrance.target is target and (way := self._make_way(node, entrance, requires))
            ]
            best = min(ways, key=lambda way: way.cost, default=None)
        if work.is_whole:
            self._known.by_requirement[known] = best
        return best

    def _make_way(self, node: Node, entrance: Entrance, requires: Requirement | None) -> Way | None:
        self._budget.charge_move()
        needs: list[Path] = []
        others: dict[Way, None] = {}
        own_cost = ENTER_COST
        try:
            for requirement in (entrance.key, requires):
                if requirement is None:
                    continue
                for leaf in self._walk.selections(requirement.fetched, [Path.start(node)]):
                    path = min(leaf.paths, key=lambda path: (_first_way(path) not in others, path.depth))
                    needs.append(path)
                    first = _first_way(path)
                    if first is not None:
                        others.update(dict.fromkeys((*first.others, first)))
                    own_cost += path.cost - (first.cost if first else 0)
        except Unreachable:
            return None
        return Way(next(self._known.ids), entrance, requires, tuple(needs), own_cost, tuple(others))

    def _come_back(self, began: int) -> None:
        self._came_back_to = min(self._came_back_to, began)

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
        owners = sorted(self._graph.owners(node.type_name, unreachable.name))
        if not owners:
            return f"The field {coordinate} cannot be resolved{source}: no subgraph resolves it for this type."
        reasons = [self._explain_owner(node, unreachable.name, owner) for owner in owners]
        return f"The field {coordinate} cannot be resolved{source}: {'; '.join(reasons)}."

    def _explain_owner(self, node: Node, field_name: str, owner: str) -> str:
        entrances = [
            entrance for entrance in self._graph.entrances(node.type_name) if entrance.target.subgraph == owner
        ]
        if not entrances:
            return f"{owner} resolves it, but cannot be asked for a {node.type_name} by any key"
        keys = [str(entrance.key) for entrance in entrances]
        if not any(way.target.subgraph == owner for way in self.into_others(node, None)):
            return f"{owner} resolves it, but its key {' or '.join(keys)} cannot be had"
        move = self._graph.field(entrances[0].target, field_name)
        if move and move.requires:
            return f"{owner} resolves it, but what it requires, {move.requires}, cannot be had"
        return f"{owner} resolves it, but not for what was found before"


_NEVER = 1 << 62


class _Work:
    """Something being worked out; afterwards, whether the result is whole or looked at unfinished work."""

    def __init__(self, ways: Ways, key: Hashable) -> None:
        self._ways = ways
        self._key = key
        self.is_whole = False

    def __enter__(self) -> "_Work":
        unfinished = self._ways._unfinished  # noqa: SLF001 - one thing in two classes
        self._began = len(unfinished)
        unfinished[self._key] = self._began
        self._came_back_before = self._ways._came_back_to  # noqa: SLF001 - as above
        self._ways._came_back_to = _NEVER  # noqa: SLF001 - as above
        return self

    def __exit__(self, *_: object) -> None:
        ways = self._ways
        del ways._unfinished[self._key]  # noqa: SLF001 - as above
        self.is_whole = ways._came_back_to >= self._began  # noqa: SLF001 - as above
        reached = _NEVER if self.is_whole else ways._came_back_to  # noqa: SLF001 - as above
        ways._came_back_to = min(self._came_back_before, reached)  # noqa: SLF001 - as above


def _first_way(path: Path) -> Way | None:
    segments = path.segments()
    return segments[0] if segments and isinstance(segments[0], Way) else None


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
