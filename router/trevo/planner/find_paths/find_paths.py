"""The first stage: every cheapest way to reach every leaf."""

from trevo.graph import QueryGraph
from trevo.operation.selection import Selections
from trevo.planner.errors import PlanningError
from trevo.planner.find_paths.path import Path
from trevo.planner.find_paths.walk import Leaf, Unreachable, Walk
from trevo.planner.find_paths.ways import KnownWays, Ways
from trevo.planner.limits import Budget


def find_paths(
    graph: QueryGraph,
    known: KnownWays,
    selections: Selections,
    start: Path,
    budget: Budget,
    *,
    stay_for: frozenset[str] = frozenset(),
) -> list[Leaf]:
    """
    The alternatives for every leaf of *selections* that are taken at *start*, in their order.

    The fields *stay_for* are only looked for in the subgraph where *start* is. Raises PlanningError for the first
    field that no subgraph can be asked for, PlanningLimitError when the search costs more than the budget.
    """
    ways = Ways(graph, known, budget)
    try:
        return list(Walk(graph, ways, budget).selections(selections, [start], local=stay_for))
    except Unreachable as unreachable:
        raise PlanningError(ways.explain(unreachable)) from None
    finally:
        ways.end()
