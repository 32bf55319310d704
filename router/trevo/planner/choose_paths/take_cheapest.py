"""
One path for each of several leaves, in greedy order.

Leaves with fewest alternatives come first: they have to be paid for anyway, and what they pay for (a subgraph entered)
is free for those after them. Each leaf then takes the alternative that adds least to the tree.
"""

from collections.abc import Mapping, Sequence

from trevo.planner.choose_paths.tree import Tree
from trevo.planner.find_paths.path import ENTER_COST, Path
from trevo.planner.limits import Budget


def take_cheapest(tree: Tree, alternatives: Mapping[int, Sequence[Path]], budget: Budget) -> dict[int, Path]:
    """For each leaf, by number, the one of its *alternatives* by which *tree* has grown."""
    taken: dict[int, Path] = {}
    for index, paths in sorted(alternatives.items(), key=lambda entry: len(entry[1])):
        budget.charge_move()
        taken[index] = paths[0] if len(paths) == 1 else _cheapest(tree, paths)
        tree.add(taken[index])
    return taken


def _cheapest(tree: Tree, paths: Sequence[Path]) -> Path:
    """
    Of *paths* the one that adds least to *tree*.

    Of several that need another request, one that asks who is asked about these objects anyway, for something that
    needs more: such requests become one (`merge_siblings`).
    """
    costs = [tree.cost_of(path) for path in paths]
    least = min(costs)
    cheapest = [path for path, cost in zip(paths, costs, strict=True) if cost == least]
    if len(cheapest) > 1 and least >= ENTER_COST:
        cheapest = [path for path in cheapest if tree.has_company_for(path)] or cheapest
    return min(cheapest, key=lambda path: path.depth)
