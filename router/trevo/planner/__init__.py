"""Plans operations: which subgraph is asked what, and after whom. `plan_operation` shows the stages."""

from trevo.planner.errors import PlanningError, PlanningLimitError, PlanningTookLong
from trevo.planner.limits import PlanningLimits
from trevo.planner.planner import Planner

__all__ = ["Planner", "PlanningError", "PlanningLimitError", "PlanningLimits", "PlanningTookLong"]
