"""The condition, as Python code, under which a leaf leaves as it is: for the projection's code and for programs."""

from collections.abc import Callable

from trevo.projection.build import LeafShape


def leaf_condition(leaf: LeafShape, variable: str, source: str, name_of: Callable[[frozenset[str]], str]) -> str:
    """
    Code that holds for values that need nothing done to them, and leaves the value of *source* in *variable*.

    *name_of* says under which name the code finds an enum's public values.
    """
    assigned = f"({variable} := {source})"
    if leaf.python_type is float:
        # In JSON a whole number often comes without a point.
        return f"type{assigned} is float or type({variable}) is int"
    if leaf.python_type is not None:
        return f"type{assigned} is {leaf.python_type.__name__}"
    if leaf.enum_values is not None:
        return f"{assigned} in {name_of(leaf.enum_values)}"
    if leaf.type_name == "Int":
        return f"type{assigned} is int and -2147483648 <= {variable} <= 2147483647"
    return f"{assigned} is not None"
