"""The third stage: who is asked what, and after whom. The tree is cut where it enters a subgraph."""

from trevo.planner.build_fetch_steps.build_fetch_steps import build_fetch_steps
from trevo.planner.build_fetch_steps.fetch_step import FetchStep, StepKind

__all__ = ["FetchStep", "StepKind", "build_fetch_steps"]
