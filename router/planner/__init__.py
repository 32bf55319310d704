"""Plans operations: which subgraph is asked what, and after whom. `plan_operation` shows the stages."""

from router.planner.errors import PlanningError, PlanningLimitError, PlanningTookLong
from router.planner.limits import PlanningLimits
from router.planner.planner import Planner

__all__ = ["Planner", "PlanningError", "PlanningLimitError", "PlanningLimits", "PlanningTookLong"]
