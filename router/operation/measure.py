"""
How much a document asks for, before anything dear is done with it.

    query { ...A ...A }   fragment A on Query { ...B ...B }   fragment B on Query { ...C ...C }   …

A few hundred characters can stand for millions of fields. Each fragment is therefore measured once and its figures
are added wherever it is spread, so that measuring is linear in the text however much the text expands to.
"""

from dataclasses import dataclass

from graphql import (
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    ListValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
)

from router.core.errors import refuse
from router.core.limits import Limits
from router.operation.parse import fragments_by_name

INTROSPECTION_FIELDS = frozenset({"__schema", "__type"})


@dataclass(frozen=True, slots=True)
class Measure:
    """What a selection set amounts to with its fragments expanded."""

    fields: int = 0
    aliases: int = 0
    depth: int = 0
    root_fields: int = 0


class _Measuring:
    def __init__(self, fragments: dict[str, FragmentDefinitionNode]) -> None:
        self.fragments = fragments
        self.known: dict[str, Measure] = {}
        self.under_way: set[str] = set()
        self.directives = 0
        self.condition_variables: set[str] = set()
        self.value_depth = 0
        self.introspection_aliases = 0

    def selection_set(self, selection_set: SelectionSetNode | None) -> Measure:
        fields = aliases = depth = root_fields = 0
        for node in selection_set.selections if selection_set else ():
            self.count_directives(node.directives)
            if isinstance(node, FieldNode):
                self.measure_values(tuple(argument.value for argument in node.arguments or ()))
                below = self.selection_set(node.selection_set)
                fields += 1 + below.fields
                aliases += (node.alias is not None) + below.aliases
                depth = max(depth, 1 + below.depth)
                root_fields += 1
                if node.name.value in INTROSPECTION_FIELDS:
                    self.introspection_aliases += (node.alias is not None) + below.aliases
                continue
            below = self.fragment_node(node)
            fields += below.fields
            aliases += below.aliases
            depth = max(depth, below.depth)
            root_fields += below.root_fields
        return Measure(fields, aliases, depth, root_fields)

    def fragment_node(self, node: SelectionNode) -> Measure:
        if isinstance(node, FragmentSpreadNode):
            return self.fragment(node.name.value)
        return self.selection_set(node.selection_set) if isinstance(node, InlineFragmentNode) else Measure()

    def fragment(self, name: str) -> Measure:
        if name in self.known:
            return self.known[name]
        definition = self.fragments.get(name)
        # Unknown fragments and circles are found by validation, with a better message.
        if definition is None or name in self.under_way:
            return Measure()
        self.under_way.add(name)
        self.count_directives(definition.directives)
        measure = self.selection_set(definition.selection_set)
        self.under_way.discard(name)
        self.known[name] = measure
        return measure

    def count_directives(self, directives: tuple[DirectiveNode, ...] | None) -> None:
        for directive in directives or ():
            self.directives += 1
            for argument in directive.arguments or ():
                if isinstance(argument.value, VariableNode) and directive.name.value in {"skip", "include"}:
                    self.condition_variables.add(argument.value.name.value)
            self.measure_values(tuple(argument.value for argument in directive.arguments or ()))

    def measure_values(self, values: tuple[ValueNode, ...]) -> None:
        depth = 0
        while values:
            self.value_depth = max(self.value_depth, depth)
            depth += 1
            values = tuple(child for value in values for child in _children(value))


def _children(value: ValueNode) -> tuple[ValueNode, ...]:
    match value:
        case ListValueNode():
            return tuple(value.values)
        case ObjectValueNode():
            return tuple(field.value for field in value.fields)
        case _:
            return ()


def check_size(document: DocumentNode, limits: Limits) -> None:
    """
    Refuse *document* if one of its operations asks for more than the limits allow.

    Codes: `QUERY_TOO_DEEP`, `QUERY_TOO_LARGE`, `QUERY_TOO_MANY_ALIASES`, `QUERY_TOO_MANY_ROOT_FIELDS`,
    `QUERY_TOO_MANY_DIRECTIVES`, `QUERY_TOO_MANY_CONDITIONS`, `VALUE_TOO_DEEP`.
    """
    measuring = _Measuring(fragments_by_name(document))
    try:
        for node in document.definitions:
            if isinstance(node, OperationDefinitionNode):
                measuring.count_directives(node.directives)
                for variable in node.variable_definitions or ():
                    measuring.count_directives(variable.directives)
                    if variable.default_value is not None:
                        measuring.measure_values((variable.default_value,))
                _check_operation(measuring.selection_set(node.selection_set), limits)
            elif isinstance(node, FragmentDefinitionNode):
                # Also where nothing spreads it: validation will walk it all the same.
                _check_fields(measuring.fragment(node.name.value), limits)
    except RecursionError:
        raise refuse("QUERY_TOO_DEEP", "The query's fragments are nested too deeply.") from None
    if measuring.introspection_aliases > limits.introspection_aliases_max:
        raise refuse(
            "QUERY_TOO_MANY_ALIASES", f"Introspection may use {limits.introspection_aliases_max} aliases at most."
        )
    if measuring.directives > limits.directives_max:
        raise refuse("QUERY_TOO_MANY_DIRECTIVES", f"The query has more than {limits.directives_max} directives.")
    if len(measuring.condition_variables) > limits.conditions_max:
        raise refuse(
            "QUERY_TOO_MANY_CONDITIONS",
            f"The query uses more than {limits.conditions_max} variables in @skip and @include.",
        )
    if measuring.value_depth > limits.value_depth_max:
        raise refuse("VALUE_TOO_DEEP", f"A value in the query is nested deeper than {limits.value_depth_max} levels.")


def _check_operation(measure: Measure, limits: Limits) -> None:
    if measure.depth > limits.depth_max:
        raise refuse("QUERY_TOO_DEEP", f"The query is {measure.depth} levels deep; {limits.depth_max} are allowed.")
    if measure.root_fields > limits.root_fields_max:
        raise refuse("QUERY_TOO_MANY_ROOT_FIELDS", f"The query has more than {limits.root_fields_max} root fields.")
    _check_fields(measure, limits)
    if measure.aliases > limits.aliases_max:
        raise refuse("QUERY_TOO_MANY_ALIASES", f"The query has more than {limits.aliases_max} aliases.")


def _check_fields(measure: Measure, limits: Limits) -> None:
    if measure.fields > limits.fields_max:
        raise refuse("QUERY_TOO_LARGE", f"The query selects more than {limits.fields_max} fields, fragments expanded.")
