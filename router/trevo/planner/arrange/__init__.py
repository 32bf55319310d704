"""The last stage: steps in waves, waves in a sequence, each step with the document that asks for it."""

from trevo.planner.arrange.arrange import VariableDefinitions, arrange, listen_first

__all__ = ["VariableDefinitions", "arrange", "listen_first"]
