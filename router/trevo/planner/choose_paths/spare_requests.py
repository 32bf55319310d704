"""
The end of the second stage: requests that others can do without.

What is dearer alone may be cheaper together:

    x    from a                       1 request
         from c, by the key from b    2 requests
    y    from c, by the key from b    2 requests, which can carry x as well

And where several requests hang on one, they can be moved with it:

    z           from b                             1 request
    d { x y }   d and x from a, y from c           2 requests
                d from b as well, x and y from c   1 request more than z

So each request is tried for whether the others carry all that goes through it, with fewer of them.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

from trevo.planner.choose_paths.take_cheapest import take_cheapest
from trevo.planner.choose_paths.tree import Branch, Tree
from trevo.planner.find_paths.path import ENTER_COST, Path
from trevo.planner.find_paths.walk import Leaf
from trevo.planner.limits import Budget

_WORK_MAX = 20_000
"""Paths that are tried in other places, in all: for a few requests less it is not worth planning for long."""


def spare_requests(
    grow: Callable[[Iterable[Path]], Tree], chosen: Sequence[Path], leaves: Sequence[Leaf], budget: Budget
) -> Tree:
    """The tree that *grow* makes of the paths *chosen* for *leaves*, or of others that need fewer requests."""
    tree = first = grow(chosen)
    work = 0
    for request, through in _doubtful(first, chosen, leaves):
        work += len(leaves)
        if work > _WORK_MAX:
            break
        others = grow(path for index, path in enumerate(chosen) if index not in through)
        ways_round = {index: list(_without(request, leaves[index], first)) for index in through}
        moved = take_cheapest(others, ways_round, budget)
        if others.requests < tree.requests:
            chosen = [moved.get(index, path) for index, path in enumerate(chosen)]
            tree = grow(chosen)
    return tree


def _doubtful(tree: Tree, chosen: Sequence[Path], leaves: Sequence[Leaf]) -> Iterator[tuple[Branch, Collection[int]]]:
    """The requests of *tree* that may not be needed, each with the leaves, by number, that are reached through it."""
    if all(len(leaf.paths) == 1 and not leaf.dearer for leaf in leaves):
        return
    through: dict[Branch, dict[int, None]] = {}
    for index, path in enumerate(chosen):
        for request in tree.requests_of(path):
            through.setdefault(request, {})[index] = None
    for request, indices in through.items():
        if any(len(leaves[index].paths) == 1 and not leaves[index].dearer for index in indices):
            continue
        at_stake = ENTER_COST * sum(branch.way is not None for branch in request.walk())
        if all(
            any(tree.cost_of(path) < at_stake for path in _without(request, leaves[index], tree)) for index in indices
        ):
            yield request, indices


def _without(request: Branch, leaf: Leaf, tree: Tree) -> Iterator[Path]:
    """The paths of *leaf* that do not go through *request*, a branch of *tree*."""
    for path in (*leaf.paths, *leaf.dearer):
        if request not in tree.requests_of(path):
            yield path
