"""
The second stage: one path for every leaf, so that together they cost least.

Leaves with fewest alternatives come first: they have to be paid for anyway, and what they pay for (a subgraph entered)
is free for those after them. Each leaf then takes the alternative that adds least to the tree. This is greedy, not
optimal; trying every combination would take exponential time, and where alternatives are equally cheap alone, what
counts is sharing, which this order finds.
"""

from collections.abc import Sequence

from trevo.graph import Node
from trevo.planner.choose_paths.place import Place
from trevo.planner.choose_paths.tree import Tree
from trevo.planner.find_paths.path import Path
from trevo.planner.find_paths.walk import Leaf
from trevo.planner.limits import Budget


def choose_paths(start: Node, place: Place, leaves: Sequence[Leaf], budget: Budget) -> Tree:
    """The tree of one path for each leaf, grown in the order of the leaves."""
    if any(len(leaf.paths) > 1 for leaf in leaves):
        chosen = _choose(Tree(start, place), leaves, budget)
    else:
        chosen = [leaf.paths[0] for leaf in leaves]
    tree = Tree(start, place)
    for path in chosen:
        tree.add(path)
    budget.check_time()
    return tree


def _choose(tree: Tree, leaves: Sequence[Leaf], budget: Budget) -> list[Path]:
    chosen: dict[int, Path] = {}
    for index, leaf in sorted(enumerate(leaves), key=lambda entry: len(entry[1].paths)):
        budget.charge_move()
        if len(leaf.paths) == 1:
            chosen[index] = leaf.paths[0]
        else:
            chosen[index] = min(leaf.paths, key=lambda path: (tree.cost_of(path), path.depth))
        tree.add(chosen[index])
    return [chosen[index] for index in range(len(leaves))]
