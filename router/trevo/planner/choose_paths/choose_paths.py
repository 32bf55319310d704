"""
The second stage: one path for every leaf, so that together they cost least.

Each leaf takes what adds least to what others have taken (`take_cheapest`). This is greedy, not optimal; trying every
combination would take exponential time, and where alternatives are equally cheap alone, what counts is sharing, which
this order finds. At last, requests that the others can do without are left out (`spare_requests`).
"""

from collections.abc import Iterable, Sequence

from trevo.graph import Node
from trevo.planner.choose_paths.place import Place
from trevo.planner.choose_paths.spare_requests import spare_requests
from trevo.planner.choose_paths.take_cheapest import take_cheapest
from trevo.planner.choose_paths.tree import Tree
from trevo.planner.find_paths.path import Path
from trevo.planner.find_paths.walk import Leaf
from trevo.planner.limits import Budget


def choose_paths(start: Node, place: Place, leaves: Sequence[Leaf], budget: Budget) -> Tree:
    """The tree of one path for each leaf, grown in the order of the leaves."""

    def grow(paths: Iterable[Path]) -> Tree:
        tree = Tree(start, place)
        for path in paths:
            tree.add(path)
        return tree

    if any(len(leaf.paths) > 1 for leaf in leaves):
        taken = take_cheapest(Tree(start, place), {index: leaf.paths for index, leaf in enumerate(leaves)}, budget)
        chosen = [taken[index] for index in range(len(leaves))]
    else:
        chosen = [leaf.paths[0] for leaf in leaves]
    tree = spare_requests(grow, chosen, leaves, budget)
    budget.check_time()
    return tree
