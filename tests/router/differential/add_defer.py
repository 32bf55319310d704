"""Defers parts of a drawn operation: fragments as they are, and fields in fragments of their own."""

import random
import re
from dataclasses import replace

from graphql import (
    ArgumentNode,
    BooleanValueNode,
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    NameNode,
    OperationDefinitionNode,
    OperationType,
    SelectionNode,
    SelectionSetNode,
    StringValueNode,
    parse,
    print_ast,
)

from tests.router.differential.make_operation import Operation

_FRAGMENT_DEFERRED = 0.5
_FIELD_DEFERRED = 0.15
_DEFERRED_MAX = 15


def add_defer(operation: Operation) -> Operation:
    """
    *operation*, with `@defer` where it may stand; always the same.

    A mutation that reads how many have run has none: what is deferred is read after all of them.
    """
    if operation.text.startswith("mutation") and re.search(r"\bcount\b", operation.text):
        return operation
    adding = _Adding(random.Random(f"defer {operation.seed}"))
    return replace(operation, text=print_ast(adding.document(operation.text)))


class _Adding:
    def __init__(self, drawn: random.Random) -> None:
        self.random = drawn
        self.count = 0

    def document(self, text: str) -> DocumentNode:
        document = parse(text, no_location=True)
        return replace(document, definitions=tuple(map(self.definition, document.definitions)))

    def definition(self, node):
        if isinstance(node, OperationDefinitionNode):
            may_defer = node.operation is OperationType.QUERY
        else:
            assert isinstance(node, FragmentDefinitionNode)
            may_defer = node.type_condition.name.value not in {"Mutation", "Subscription"}
        return replace(node, selection_set=self.selections(node.selection_set, may_defer=may_defer))

    def selections(self, node: SelectionSetNode, *, may_defer: bool) -> SelectionSetNode:
        return replace(node, selections=tuple(self.selection(each, may_defer=may_defer) for each in node.selections))

    def selection(self, node: SelectionNode, *, may_defer: bool) -> SelectionNode:
        if isinstance(node, FieldNode):
            # A field may return the mutation type again, where nothing may be deferred.
            below = node.selection_set and self.selections(node.selection_set, may_defer=True)
            node = replace(node, selection_set=below)
            if may_defer and self.random.random() < _FIELD_DEFERRED:
                inner = SelectionSetNode(selections=(node,))
                return InlineFragmentNode(directives=self.defer(), selection_set=inner)
            return node
        if isinstance(node, InlineFragmentNode):
            node = replace(node, selection_set=self.selections(node.selection_set, may_defer=may_defer))
        assert isinstance(node, (InlineFragmentNode, FragmentSpreadNode))
        if may_defer and self.random.random() < _FRAGMENT_DEFERRED:
            return replace(node, directives=(*(node.directives or ()), *self.defer()))
        return node

    def defer(self) -> tuple[DirectiveNode, ...]:
        if self.count == _DEFERRED_MAX:
            return ()
        self.count += 1
        arguments = []
        if self.random.random() < 0.5:
            arguments.append(_argument("label", StringValueNode(value=f"l{self.count}")))
        if self.random.random() < 0.2:
            arguments.append(_argument("if", BooleanValueNode(value=self.random.random() < 0.5)))
        return (DirectiveNode(name=NameNode(value="defer"), arguments=tuple(arguments)),)


def _argument(name: str, value) -> ArgumentNode:
    return ArgumentNode(name=NameNode(value=name), value=value)
