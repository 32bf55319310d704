"""
Plans root fields one by one, so that each runs once, and in order: those of a mutation, and the one of a subscription.

A query's root field may be asked of several subgraphs and their answers merged; a mutation must not run twice, and
events of two subgraphs cannot be merged. So one subgraph is chosen for each root field, the one that makes the whole
field cheapest, and everything else below is got from there. Neighbours in one subgraph run in one request, as subgraphs
keep the order too; but not where the first of them needs other subgraphs for its answer, since these would then be
asked after the second one had run.
"""

from trevo.graph import Node, QueryGraph
from trevo.operation.selection import FieldSelection, Selections
from trevo.planner.choose_paths import Place, Tree, choose_paths
from trevo.planner.errors import PlanningError, PlanningLimitError
from trevo.planner.find_paths import KnownWays, Leaf, Path, Ways, find_paths
from trevo.planner.find_paths.path import Way
from trevo.planner.limits import Budget


def plan_in_order(
    graph: QueryGraph, known: KnownWays, selections: Selections, budget: Budget, *, root: str
) -> tuple[list[Leaf], list[Tree]]:
    """The leaves of all root fields, and the trees to be run one after another; *root* as in `root_types`."""
    start = graph.start(graph.supergraph.root_types[root])
    place = Place.of_client(selections)
    all_leaves: list[Leaf] = []
    trees: list[Tree] = []
    previous: Way | None = None
    for field in selections:
        if not isinstance(field, FieldSelection):
            continue
        way, leaves = _choose_subgraph(graph, known, field, previous, budget, start=start)
        all_leaves += leaves
        if way is previous and trees and trees[-1].requests == 1:
            for leaf in leaves:
                trees[-1].add(leaf.paths[0])
        else:
            trees.append(choose_paths(start, place, leaves, budget))
        previous = way
    return all_leaves, trees


def _choose_subgraph(
    graph: QueryGraph, known: KnownWays, field: FieldSelection, previous: Way | None, budget: Budget, *, start: Node
) -> tuple[Way, list[Leaf]]:
    """Where to run *field*; if it does not matter, where the one before it runs."""
    place = Place.of_client((field,))
    ways = [
        way for way in Ways(graph, known, budget).into_others(start, field.name) if graph.field(way.target, field.name)
    ]
    best: tuple[tuple[int, bool], Way, list[Leaf]] | None = None
    refusal = PlanningError(f"The field {start.type_name}.{field.name} cannot be resolved by any subgraph.")
    for way in ways:
        try:
            leaves = find_paths(
                graph, known, (field,), Path.start(start).enter(way), budget, stay_for=frozenset({field.name})
            )
        except PlanningLimitError:
            raise
        except PlanningError as error:
            refusal = error
            continue
        cost = (choose_paths(start, place, leaves, budget).cost, way is not previous)
        if best is None or cost < best[0]:
            best = (cost, way, leaves)
    if best is None:
        raise refusal
    return best[1], best[2]
