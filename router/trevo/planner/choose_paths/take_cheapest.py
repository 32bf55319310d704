"""
One path for each of several leaves, in greedy order.

Leaves with fewest alternatives come first: they have to be paid for anyway, and what they pay for (a subgraph entered)
is free for those after them. Each leaf then takes the alternative that adds least to the tree; where several add a
request, the one that others can share: first by who is asked about these objects anyway, then by for how many leaves
it is among the alternatives.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import partial

from trevo.planner.choose_paths.tree import Tree
from trevo.planner.find_paths.path import ENTER_COST, Path, Way
from trevo.planner.limits import Budget


def take_cheapest(tree: Tree, alternatives: Mapping[int, Sequence[Path]], budget: Budget) -> dict[int, Path]:
    """For each leaf, by number, the one of its *alternatives* by which *tree* has grown."""
    taken: dict[int, Path] = {}
    demand: Counter[int] = Counter()
    for index, paths in sorted(alternatives.items(), key=lambda entry: len(entry[1])):
        budget.charge_move()
        cheapest, cost = _cheapest(tree, paths)
        if len(cheapest) > 1 and cost >= ENTER_COST:
            # Who is asked anyway, for something that needs more: such requests become one (`merge_siblings`).
            cheapest = [path for path in cheapest if tree.has_company_for(path)] or cheapest
            demand = demand or Counter(way for each in alternatives.values() for way in _ways(each))
        taken[index] = cheapest[0] if len(cheapest) == 1 else min(cheapest, key=partial(_order, demand))
        tree.add(taken[index])
    return taken


def _cheapest(tree: Tree, paths: Sequence[Path]) -> tuple[Sequence[Path], int]:
    """Those of *paths* that add least to *tree*, and how much that is; nothing, where there is no choice."""
    if len(paths) == 1:
        return paths, 0
    costs = [tree.cost_of(path) for path in paths]
    least = min(costs)
    return [path for path, cost in zip(paths, costs, strict=True) if cost == least], least


def _order(demand: Mapping[int, int], path: Path) -> tuple[int, int]:
    return path.depth, -sum(demand.get(way, 0) for way in _ways([path]))


def _ways(paths: Iterable[Path]) -> set[int]:
    return {segment.id for path in paths for segment in path.segments() if isinstance(segment, Way)}
