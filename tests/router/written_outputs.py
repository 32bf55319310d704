"""What a plan's text brings, read from the text itself: for plans by hand, and to hold the planner to what it says."""

from collections.abc import Iterable

from graphql import FieldNode, InlineFragmentNode, OperationDefinitionNode, SelectionSetNode, parse

from trevo.plan.nodes import Key, Outputs, Rename


def written_outputs(text: str, renames: Iterable[Rename] = ()) -> Outputs:
    """The response keys that *text*, an operation without fragment definitions, asks for, after *renames*."""
    (operation,) = parse(text, no_location=True).definitions
    assert isinstance(operation, OperationDefinitionNode)
    outputs: Outputs = {}
    _add(outputs, operation.selection_set)
    for rename in renames:
        below: Outputs | None = outputs
        for segment in rename.path:
            if isinstance(segment, Key):
                below = below.get(segment.name) if below is not None else None
        if below is not None and rename.source in below:
            below.setdefault(rename.target, {}).update(below.pop(rename.source))
    return outputs


def _add(outputs: Outputs, selection_set: SelectionSetNode | None) -> None:
    for node in selection_set.selections if selection_set else ():
        if isinstance(node, FieldNode):
            key = node.alias.value if node.alias else node.name.value
            _add(outputs.setdefault(key, {}), node.selection_set)
        else:
            assert isinstance(node, InlineFragmentNode)
            _add(outputs, node.selection_set)
