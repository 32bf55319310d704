"""Shows how an operation is planned, stage by stage, as text."""

from trevo.explain.explain import STAGES, ExplainError, explain

__all__ = ["STAGES", "ExplainError", "explain"]
