"""Shows how an operation is planned, stage by stage, as text."""

from router.explain.explain import STAGES, ExplainError, explain

__all__ = ["STAGES", "ExplainError", "explain"]
