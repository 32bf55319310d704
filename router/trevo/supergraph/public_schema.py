"""
Makes the schema that clients see out of the supergraph's syntax tree.

What the federation needs for itself goes (`@join__…`, `@link`, `scalar join__FieldSet`), and so does everything marked
`@inaccessible`: types, fields, arguments, input fields, enum values. Requests are validated against this schema, so a
hidden name is answered like one that does not exist. Applications of other directives (`@tag`) stay on the syntax
nodes, for whoever reads them.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TypeVar

from graphql import (
    ConstDirectiveNode,
    DefinitionNode,
    DirectiveDefinitionNode,
    DocumentNode,
    EnumTypeDefinitionNode,
    EnumValueDefinitionNode,
    FieldDefinitionNode,
    GraphQLDeferDirective,
    GraphQLError,
    GraphQLSchema,
    InputObjectTypeDefinitionNode,
    InputValueDefinitionNode,
    InterfaceTypeDefinitionNode,
    ListTypeNode,
    NamedTypeNode,
    NonNullTypeNode,
    ObjectTypeDefinitionNode,
    SchemaDefinitionNode,
    TypeDefinitionNode,
    TypeNode,
    UnionTypeDefinitionNode,
    build_ast_schema,
)

from trevo.supergraph.errors import SupergraphError
from trevo.supergraph.features import Features

_Node = TypeVar("_Node", FieldDefinitionNode, InputValueDefinitionNode, EnumValueDefinitionNode)


def make_public_schema(document: DocumentNode, features: Features) -> GraphQLSchema:
    """
    The public schema, marked as valid: composition has checked it, and introspection and validation need no more.

    Refuses a supergraph that hides its query type, or of which nothing is left to ask.
    """
    pruning = _Pruning(document, features)
    definitions = tuple(kept for node in document.definitions if (kept := pruning.definition(node)) is not None)
    try:
        schema = build_ast_schema(DocumentNode(definitions=definitions), assume_valid=True)
    except (GraphQLError, TypeError) as error:
        raise SupergraphError(f"The supergraph is not a whole schema: {error}") from error
    if schema.query_type is None or not schema.query_type.fields:
        raise SupergraphError("The supergraph has no query type that clients may see.")
    return schema


def with_defer(schema: GraphQLSchema) -> GraphQLSchema:
    """*schema* with the directive `@defer`, and the same types."""
    others = (directive for directive in schema.directives if directive.name != GraphQLDeferDirective.name)
    arguments = schema.to_kwargs()
    arguments["directives"] = (*others, GraphQLDeferDirective)
    return GraphQLSchema(**arguments)


class _Pruning:
    """Copies of definitions without what clients must not see."""

    def __init__(self, document: DocumentNode, features: Features) -> None:
        self._features = features
        types = [node for node in document.definitions if isinstance(node, TypeDefinitionNode)]
        self._hidden_types = {
            node.name.value
            for node in types
            if features.owns_type(node.name.value) or self._is_inaccessible(node.directives)
        }

    def definition(self, node: DefinitionNode) -> DefinitionNode | None:
        if isinstance(node, DirectiveDefinitionNode):
            return None if self._features.owns_directive(node.name.value) else node
        if isinstance(node, SchemaDefinitionNode):
            return self._schema(node)
        if not isinstance(node, TypeDefinitionNode) or node.name.value in self._hidden_types:
            return None
        kept = replace(node, directives=self._directives(node.directives))
        match kept:
            case ObjectTypeDefinitionNode() | InterfaceTypeDefinitionNode():
                return replace(kept, interfaces=self._named(kept.interfaces), fields=_each(kept.fields, self._field))
            case UnionTypeDefinitionNode():
                return replace(kept, types=self._named(kept.types))
            case InputObjectTypeDefinitionNode():
                return replace(kept, fields=_each(kept.fields, self._input_value))
            case EnumTypeDefinitionNode():
                return replace(kept, values=_each(kept.values, self._enum_value))
        return kept

    def _schema(self, node: SchemaDefinitionNode) -> SchemaDefinitionNode:
        return replace(
            node,
            directives=self._directives(node.directives),
            operation_types=tuple(
                operation for operation in node.operation_types if operation.type.name.value not in self._hidden_types
            ),
        )

    def _field(self, node: FieldDefinitionNode) -> FieldDefinitionNode | None:
        if self._is_hidden(node.directives, node.type):
            return None
        return replace(
            node,
            directives=self._directives(node.directives),
            arguments=_each(node.arguments, self._input_value),
        )

    def _input_value(self, node: InputValueDefinitionNode) -> InputValueDefinitionNode | None:
        if self._is_hidden(node.directives, node.type):
            return None
        return replace(node, directives=self._directives(node.directives))

    def _enum_value(self, node: EnumValueDefinitionNode) -> EnumValueDefinitionNode | None:
        if self._is_inaccessible(node.directives):
            return None
        return replace(node, directives=self._directives(node.directives))

    def _named(self, nodes: Iterable[NamedTypeNode] | None) -> tuple[NamedTypeNode, ...]:
        return tuple(node for node in nodes or () if node.name.value not in self._hidden_types)

    def _directives(self, nodes: tuple[ConstDirectiveNode, ...] | None) -> tuple[ConstDirectiveNode, ...]:
        return tuple(node for node in nodes or () if not self._features.is_machinery(node.name.value))

    def _is_hidden(self, directives: tuple[ConstDirectiveNode, ...] | None, type_node: TypeNode) -> bool:
        # A member whose type is hidden is hidden with it; composition would have refused anything else.
        inner = type_node
        while isinstance(inner, (ListTypeNode, NonNullTypeNode)):
            inner = inner.type
        named = inner.name.value if isinstance(inner, NamedTypeNode) else ""
        return named in self._hidden_types or self._is_inaccessible(directives)

    def _is_inaccessible(self, directives: tuple[ConstDirectiveNode, ...] | None) -> bool:
        hides = self._features.inaccessible
        return hides is not None and any(node.name.value == hides for node in directives or ())


def _each(nodes: tuple[_Node, ...] | None, keep: Callable[[_Node], _Node | None]) -> tuple[_Node, ...]:
    return tuple(kept for node in nodes or () if (kept := keep(node)) is not None)
