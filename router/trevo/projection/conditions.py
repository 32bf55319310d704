"""Which variables decide by `@skip` and `@include`, and what they decided."""

from collections.abc import Mapping

from graphql import (
    BooleanValueNode,
    DirectiveNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    VariableNode,
)

from trevo.errors import refuse


def is_included(node: SelectionNode, conditions: Mapping[str, bool]) -> bool:
    """Whether *node* takes part in the response (GraphQL 3.13.1, 3.13.2)."""
    for directive in node.directives or ():
        if directive.name.value == "skip" and _value(directive, conditions):
            return False
        if directive.name.value == "include" and not _value(directive, conditions):
            return False
    return True


def _value(directive: DirectiveNode, conditions: Mapping[str, bool]) -> bool:
    value = directive.arguments[0].value if directive.arguments else None
    if isinstance(value, VariableNode):
        return conditions[value.name.value]
    return isinstance(value, BooleanValueNode) and value.value


def condition_variables(
    operation: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode]
) -> tuple[str, ...]:
    """The variables that conditions of *operation* read, in a fixed order."""
    names: set[str] = set()
    seen: set[str] = set()
    waiting: list[SelectionSetNode] = [operation.selection_set]
    while waiting:
        for node in waiting.pop().selections:
            for directive in node.directives or ():
                if directive.name.value in {"skip", "include"}:
                    names |= {
                        a.value.name.value for a in directive.arguments or () if isinstance(a.value, VariableNode)
                    }
            if isinstance(node, FragmentSpreadNode):
                if node.name.value not in seen:
                    seen.add(node.name.value)
                    waiting.append(fragments[node.name.value].selection_set)
            elif isinstance(node, (FieldNode, InlineFragmentNode)) and node.selection_set:
                waiting.append(node.selection_set)
    return tuple(sorted(names))


def check_conditions(names: tuple[str, ...], conditions: Mapping[str, bool]) -> tuple[bool, ...]:
    """
    The values of *names*.

    A variable with a default may be declared nullable and still stand in `@skip(if:)`; sent as null it decides
    nothing, which is refused here (`BAD_USER_INPUT`) because no field could say so later.
    """
    for name in names:
        if name not in conditions:
            raise refuse("BAD_USER_INPUT", f"Variable '${name}' is used in @skip or @include and must not be null.")
    return tuple(conditions[name] for name in names)
