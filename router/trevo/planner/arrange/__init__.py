"""The last stage: steps become requests, each with the document that asks for it and what it needs."""

from trevo.planner.arrange.arrange import VariableDefinitions, arrange, listen_first

__all__ = ["VariableDefinitions", "arrange", "listen_first"]
