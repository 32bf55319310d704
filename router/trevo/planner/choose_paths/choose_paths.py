"""
The second stage: one path for every leaf, so that together they cost least.

Leaves with fewest alternatives come first: they have to be paid for anyway, and what they pay for (a subgraph entered)
is free for those after them. Each leaf then takes the alternative that adds least to the tree. This is greedy, not
optimal; trying every combination would take exponential time, and where alternatives are equally cheap alone, what
counts is sharing, which this order finds.

What is dearer alone may be cheaper together:

    x    from a                       1 request
         from c, by the key from b    2 requests
    y    from c, by the key from b    2 requests, which can carry x as well

So at last each request is tried for whether the others can do without it.
"""

from collections.abc import Sequence

from trevo.graph import Node
from trevo.planner.choose_paths.place import Place
from trevo.planner.choose_paths.tree import Branch, Tree
from trevo.planner.find_paths.path import ENTER_COST, Path
from trevo.planner.find_paths.walk import Leaf
from trevo.planner.limits import Budget


def choose_paths(start: Node, place: Place, leaves: Sequence[Leaf], budget: Budget) -> Tree:
    """The tree of one path for each leaf, grown in the order of the leaves."""
    if any(len(leaf.paths) > 1 for leaf in leaves):
        chosen = _choose(Tree(start, place), leaves, budget)
    else:
        chosen = [leaf.paths[0] for leaf in leaves]
    tree = Tree(start, place)
    ends = [tree.add(path).entrance() for path in chosen]
    for leaves_of_one in _spared(tree, ends, leaves):
        budget.charge_move()
        others = Tree(start, place)
        for index, path in enumerate(chosen):
            if index not in leaves_of_one:
                others.add(path)
        moved = list(chosen)
        for index in leaves_of_one:
            moved[index] = min(leaves[index].dearer, key=others.cost_of)
            others.add(moved[index])
        if others.requests < tree.requests:
            chosen, tree = moved, Tree(start, place)
            for path in chosen:
                tree.add(path)
    budget.check_time()
    return tree


def _spared(tree: Tree, ends: Sequence[Branch], leaves: Sequence[Leaf]) -> list[list[int]]:
    """For each request that may not be needed the leaves, by number, that others of *tree* could carry in its stead."""
    if not any(leaf.dearer for leaf in leaves):
        return []
    by_request: dict[Branch, list[int]] = {}
    for index, end in enumerate(ends):
        by_request.setdefault(end, []).append(index)
    return [
        indices
        for indices in by_request.values()
        if all(any(tree.cost_of(path) < ENTER_COST for path in leaves[index].dearer) for index in indices)
    ]


def _choose(tree: Tree, leaves: Sequence[Leaf], budget: Budget) -> list[Path]:
    chosen: dict[int, Path] = {}
    for index, leaf in sorted(enumerate(leaves), key=lambda entry: len(entry[1].paths)):
        budget.charge_move()
        if len(leaf.paths) == 1:
            chosen[index] = leaf.paths[0]
        else:
            chosen[index] = _cheapest(tree, leaf.paths)
        tree.add(chosen[index])
    return [chosen[index] for index in range(len(leaves))]


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
