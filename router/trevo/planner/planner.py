"""The planner as the rest of the router uses it."""

from collections import OrderedDict
from dataclasses import dataclass, field

from trevo.graph import QueryGraph
from trevo.operation.tree import Operation
from trevo.plan.nodes import QueryPlan
from trevo.planner.find_paths import KnownWays
from trevo.planner.limits import Budget, PlanningLimits
from trevo.planner.plan_operation import Stages, plan_operation
from trevo.supergraph import Supergraph

_LABEL_SETS_MAX = 16
"""Graphs kept for different sets of active `@override` labels. More are made anew when asked for."""


@dataclass(slots=True)
class _Prepared:
    """A graph, and what was learnt of it while planning."""

    graph: QueryGraph
    known: KnownWays = field(default_factory=KnownWays)


class Planner:
    """
    Plans operations for one supergraph; no input or output, no state that shows.

    What it works out on the way (the graph's nodes, the ways between subgraphs) is kept for further operations.
    """

    def __init__(self, supergraph: Supergraph, limits: PlanningLimits | None = None) -> None:
        self.supergraph = supergraph
        self._limits = limits or PlanningLimits()
        self._prepared: OrderedDict[frozenset[str], _Prepared] = OrderedDict()

    def plan(self, operation: Operation, override_labels: frozenset[str] = frozenset()) -> QueryPlan:
        """
        Plan *operation*, with *override_labels* the labels of progressive `@override`s that are active.

        Raises PlanningError, whose message names the field that cannot be resolved, from where and why; its kind
        PlanningLimitError when planning would cost more than the limits allow.
        """
        stages = self.stages(operation, override_labels)
        for tree in stages.trees:
            tree.let_go()
        return stages.plan

    def stages(self, operation: Operation, override_labels: frozenset[str] = frozenset()) -> Stages:
        """Like `plan`, with what came of every stage."""
        prepared = self._prepare(override_labels)
        return plan_operation(prepared.graph, prepared.known, operation, Budget(self._limits))

    def _prepare(self, override_labels: frozenset[str]) -> _Prepared:
        labels = override_labels & self.supergraph.override_labels
        if labels not in self._prepared:
            self._prepared[labels] = _Prepared(QueryGraph(self.supergraph, labels))
            if len(self._prepared) > _LABEL_SETS_MAX:
                self._prepared.popitem(last=False)
        self._prepared.move_to_end(labels)
        return self._prepared[labels]
