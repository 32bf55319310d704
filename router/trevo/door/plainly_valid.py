"""
Whether a document is plainly valid: told in two walks of it, without a list of errors.

graphql-core asks some thirty rules about every node, which takes longer than planning, and most documents are right.
So a document is first read by one who knows only what is right beyond doubt, and doubts everything else: the rare, the
wrong, and what could be right in a way that needs a closer look. What is doubted is validated by all the rules, which
alone decide that something is wrong, and say what.

    { me { name } }                        plainly valid
    { me { nmae } }                        doubted; the rules say what is wrong
    { a: me { name } a: you { name } }     doubted: two fields under one key
    subscription { rated }                 doubted, since subscriptions have rules of their own
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NoReturn

from graphql import (
    ArgumentNode,
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLArgument,
    GraphQLCompositeType,
    GraphQLError,
    GraphQLField,
    GraphQLIncludeDirective,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLSchema,
    GraphQLSkipDirective,
    InlineFragmentNode,
    ListValueNode,
    NamedTypeNode,
    NullValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    do_types_overlap,
    get_named_type,
    is_composite_type,
    is_input_type,
    is_leaf_type,
    is_required_argument,
    is_required_input_field,
    print_ast,
    type_from_ast,
)
from graphql.type import TypeNameMetaFieldDef
from graphql.utilities import is_type_sub_type_of, validate_input_literal

_CONDITIONS = {"skip": GraphQLSkipDirective, "include": GraphQLIncludeDirective}


def is_plainly_valid(schema: GraphQLSchema, document: DocumentNode, *, comparisons_max: int) -> bool:
    """
    Whether all rules of GraphQL hold for *document*, whose size has been checked.

    False says that this is not plain, not that it is wrong. Fields that are repeated so often that *comparisons_max*
    would be exceeded are not plain.
    """
    try:
        _Reading(schema, comparisons_max).document(document)
    except (_Doubt, RecursionError):
        return False
    return True


class _Doubt(Exception):
    """Something that is not plainly right."""


def _doubt() -> NoReturn:
    raise _Doubt


@dataclass(slots=True)
class _Mentions:
    """What one definition mentions, by name."""

    fragments: dict[str, None] = field(default_factory=dict)
    variables: list[tuple[str, Any]] = field(default_factory=list)
    """With the type that is expected in its place."""


class _Reading:
    def __init__(self, schema: GraphQLSchema, comparisons_max: int) -> None:
        self.schema = schema
        self.comparisons_left = comparisons_max
        self.fragments: dict[str, FragmentDefinitionNode] = {}
        self.types: dict[str, GraphQLCompositeType] = {}
        """What the fragments are about."""
        self.mentions = _Mentions()
        """Of the definition that is being read."""

    def document(self, document: DocumentNode) -> None:
        operations: list[OperationDefinitionNode] = []
        for node in document.definitions:
            if isinstance(node, OperationDefinitionNode):
                operations.append(node)
            elif isinstance(node, FragmentDefinitionNode) and node.name.value not in self.fragments:
                self.fragments[node.name.value] = node
            else:
                _doubt()
        names = [node.name.value for node in operations if node.name]
        if len(set(names)) < len(operations) and len(operations) > 1:
            _doubt()
        mentions = {name: self.fragment(node) for name, node in self.fragments.items()}
        spread: set[str] = set()
        for operation in operations:
            spread |= self.operation(operation, mentions)
        if len(spread) < len(self.fragments):
            _doubt()

    def fragment(self, node: FragmentDefinitionNode) -> _Mentions:
        if node.directives or node.variable_definitions:
            _doubt()
        self.mentions = _Mentions()
        self.selection_set(node.selection_set, self.fragment_type(node.name.value))
        return self.mentions

    def fragment_type(self, name: str) -> GraphQLCompositeType:
        type_ = self.types.get(name)
        if type_ is None:
            node = self.fragments.get(name) or _doubt()
            type_ = self.types[name] = self.condition(node.type_condition)
        return type_

    def condition(self, node: NamedTypeNode) -> GraphQLCompositeType:
        type_ = self.schema.type_map.get(node.name.value)
        return type_ if is_composite_type(type_) else _doubt()

    def operation(self, node: OperationDefinitionNode, of_fragments: dict[str, _Mentions]) -> set[str]:
        """The fragments that are spread in *node*, wherever."""
        root = self.schema.get_root_type(node.operation)
        if root is None or node.operation is OperationType.SUBSCRIPTION or node.directives:
            _doubt()
        variables = dict(self.variables(node))
        if len(variables) < len(node.variable_definitions or ()):
            _doubt()
        self.mentions = _Mentions()
        self.selection_set(node.selection_set, root)
        mentions, spread = [self.mentions], _reached(self.mentions, of_fragments)
        mentions += [of_fragments[name] for name in spread]
        used: set[str] = set()
        for name, expected in (each for mentioned in mentions for each in mentioned.variables):
            used.add(name)
            if name not in variables or not is_type_sub_type_of(self.schema, variables[name], expected):
                _doubt()
        if len(used) < len(variables):
            _doubt()
        self.merge([(node.selection_set, root)])
        return spread

    def variables(self, operation: OperationDefinitionNode) -> Iterator[tuple[str, Any]]:
        for node in operation.variable_definitions or ():
            type_ = type_from_ast(self.schema, node.type)
            if node.directives or not is_input_type(type_):
                _doubt()
            if node.default_value is not None:
                self.mentions = _Mentions()
                self.value(node.default_value, type_)
                if self.mentions.variables:
                    _doubt()
            yield node.variable.name.value, type_

    def selection_set(self, selection_set: SelectionSetNode, parent: GraphQLCompositeType) -> None:
        if not selection_set.selections:
            _doubt()
        for node in selection_set.selections:
            if node.directives:
                self.conditions(node.directives)
            if isinstance(node, FieldNode):
                self.field(node, parent)
            elif isinstance(node, FragmentSpreadNode):
                if node.arguments:
                    _doubt()
                self.mentions.fragments[node.name.value] = None
                self.check_overlap(self.fragment_type(node.name.value), parent)
            elif isinstance(node, InlineFragmentNode):
                inner = self.condition(node.type_condition) if node.type_condition else parent
                self.check_overlap(inner, parent)
                self.selection_set(node.selection_set, inner)
            else:
                _doubt()

    def check_overlap(self, inner: GraphQLCompositeType, outer: GraphQLCompositeType) -> None:
        if inner is not outer and not do_types_overlap(self.schema, inner, outer):
            _doubt()

    def field(self, node: FieldNode, parent: GraphQLCompositeType) -> None:
        definition = _definition(parent, node.name.value)
        if node.arguments or definition.args:
            self.arguments(node.arguments or (), definition.args)
        type_ = get_named_type(definition.type)
        if node.selection_set is None:
            if not is_leaf_type(type_):
                _doubt()
        elif is_composite_type(type_):
            self.selection_set(node.selection_set, type_)
        else:
            _doubt()

    def conditions(self, directives: tuple[DirectiveNode, ...]) -> None:
        """Only `@skip` and `@include`, each once."""
        names = {directive.name.value for directive in directives}
        if len(names) < len(directives):
            _doubt()
        for directive in directives:
            known = _CONDITIONS.get(directive.name.value)
            if known is None or self.schema.get_directive(known.name) is not known:
                _doubt()
            self.arguments(directive.arguments or (), known.args)

    def arguments(self, given: tuple[ArgumentNode, ...], known: dict[str, GraphQLArgument]) -> None:
        names = {node.name.value for node in given}
        if len(names) < len(given) or any(
            is_required_argument(argument) and name not in names for name, argument in known.items()
        ):
            _doubt()
        for node in given:
            self.value(node.value, (known.get(node.name.value) or _doubt()).type)

    def value(self, node: ValueNode, type_: Any) -> None:
        if isinstance(node, VariableNode):
            self.mentions.variables.append((node.name.value, type_))
            return
        is_null = isinstance(node, NullValueNode)
        if isinstance(type_, GraphQLNonNull):
            if is_null:
                _doubt()
            type_ = type_.of_type
        if is_null:
            return
        if isinstance(type_, GraphQLList):
            for item in node.values if isinstance(node, ListValueNode) else (node,):
                self.value(item, type_.of_type)
        elif isinstance(type_, GraphQLInputObjectType):
            self.input_object(node, type_)
        elif isinstance(node, (ListValueNode, ObjectValueNode)):
            _doubt()
        else:
            validate_input_literal(node, type_, _on_error)

    def input_object(self, node: ValueNode, type_: GraphQLInputObjectType) -> None:
        if type_.is_one_of or not isinstance(node, ObjectValueNode):
            _doubt()
        known: dict[str, GraphQLInputField] = type_.fields
        names = {member.name.value for member in node.fields}
        if len(names) < len(node.fields) or any(
            is_required_input_field(member) and name not in names for name, member in known.items()
        ):
            _doubt()
        for member in node.fields:
            self.value(member.value, (known.get(member.name.value) or _doubt()).type)

    def merge(self, sets: list[tuple[SelectionSetNode, GraphQLCompositeType]]) -> None:
        """See that what is selected of one object under one key is one field, and below it likewise."""
        by_key: dict[str, list[tuple[FieldNode, GraphQLCompositeType]]] = {}
        spread: set[str] = set()
        for selection_set, parent in sets:
            self.collect(selection_set, parent, by_key, spread)
        for together in by_key.values():
            first, parent = together[0]
            definition = _definition(parent, first.name.value)
            if len(together) > 1:
                self.compare(definition, together)
            if first.selection_set is not None:
                type_: Any = get_named_type(definition.type)
                self.merge([(node.selection_set, type_) for node, _ in together if node.selection_set])

    def collect(
        self,
        selection_set: SelectionSetNode,
        parent: GraphQLCompositeType,
        by_key: dict[str, list[tuple[FieldNode, GraphQLCompositeType]]],
        spread: set[str],
    ) -> None:
        for node in selection_set.selections:
            if isinstance(node, FieldNode):
                key = node.alias.value if node.alias else node.name.value
                by_key.setdefault(key, []).append((node, parent))
            elif isinstance(node, InlineFragmentNode):
                inner = self.condition(node.type_condition) if node.type_condition else parent
                self.collect(node.selection_set, inner, by_key, spread)
            elif isinstance(node, FragmentSpreadNode) and node.name.value not in spread:
                spread.add(node.name.value)
                fragment = self.fragments[node.name.value]
                self.collect(fragment.selection_set, self.fragment_type(node.name.value), by_key, spread)

    def compare(self, definition: GraphQLField, together: list[tuple[FieldNode, GraphQLCompositeType]]) -> None:
        """See that all of *together* are the same field, with the same arguments, of one type."""
        self.comparisons_left -= len(together) * (len(together) - 1) // 2
        if self.comparisons_left < 0:
            _doubt()
        (first, first_parent), *others = together
        arguments = _printed(first)
        for node, parent in others:
            if node.name.value != first.name.value or _printed(node) != arguments:
                _doubt()
            if parent is not first_parent and str(_definition(parent, node.name.value).type) != str(definition.type):
                _doubt()


def _definition(parent: Any, name: str) -> GraphQLField:
    """What *parent* has under *name*. Introspection of a schema has rules of its own."""
    if name == "__typename":
        return TypeNameMetaFieldDef
    definition: GraphQLField | None = getattr(parent, "fields", _NO_FIELDS).get(name)
    return definition if definition is not None else _doubt()


_NO_FIELDS: dict[str, GraphQLField] = {}
"""Of a union."""


def _printed(node: FieldNode) -> dict[str, str]:
    return {argument.name.value: print_ast(argument.value) for argument in node.arguments or ()}


def _reached(mentions: _Mentions, of_fragments: dict[str, _Mentions]) -> set[str]:
    """The fragments that are spread from *mentions*, however indirectly; none of them within itself."""
    done: set[str] = set()
    under_way: list[tuple[str, Iterator[str]]] = [("", iter(mentions.fragments))]
    open_names: set[str] = set()
    while under_way:
        name, inner = under_way[-1]
        following = next(inner, None)
        if following is None:
            under_way.pop()
            open_names.discard(name)
            done.add(name)
        elif following in open_names:
            _doubt()
        elif following not in done:
            open_names.add(following)
            under_way.append((following, iter(of_fragments[following].fragments)))
    done.discard("")
    return done


def _on_error(_error: GraphQLError, _path: list[str | int]) -> None:
    _doubt()
