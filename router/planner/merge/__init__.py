"""
What makes steps fewer and smaller, in this order: steps are put together first, since only then it shows which of
their fields are asked twice.
"""

from router.planner.merge.drop_repeated import drop_repeated
from router.planner.merge.merge_siblings import merge_siblings

__all__ = ["drop_repeated", "merge_siblings"]
