"""
Reads the `@join__…` directives off the supergraph's syntax tree.

    type Post @join__type(graph: POSTS, key: "id") { title: String @join__field(graph: POSTS, override: "legacy") }

Versions 0.2 to 0.5 of the join specification (composition of Federation 2.0 to 2.12) are read alike: each only added
arguments.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from graphql import (
    ConstDirectiveNode,
    DocumentNode,
    EnumTypeDefinitionNode,
    FieldDefinitionNode,
    GraphQLSyntaxError,
    InterfaceTypeDefinitionNode,
    ListTypeNode,
    NonNullTypeNode,
    ObjectTypeDefinitionNode,
    TypeNode,
    UnionTypeDefinitionNode,
    parse_type,
    print_ast,
    value_from_ast_untyped,
)

from trevo.supergraph.errors import SupergraphError
from trevo.supergraph.supergraph import (
    ContextArgument,
    Field,
    JoinField,
    JoinType,
    TypeDefinition,
    TypeReference,
    frozen_map,
)

CompositeNode = ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode | UnionTypeDefinitionNode
_Described = CompositeNode | FieldDefinitionNode


@dataclass(frozen=True, slots=True)
class Subgraphs:
    """The subgraphs of a supergraph, and their names by the enum values that stand for them in the file."""

    urls: Mapping[str, str]
    names: Mapping[str, str]

    def name(self, value: object, *, where: str) -> str:
        if not isinstance(value, str) or value not in self.names:
            raise SupergraphError(f"{where} speaks of the subgraph {value}, which `join__Graph` does not list.")
        return self.names[value]


def read_subgraphs(document: DocumentNode) -> Subgraphs:
    """The values of `enum join__Graph`, each with `@join__graph(name:, url:)`."""
    for node in document.definitions:
        if isinstance(node, EnumTypeDefinitionNode) and node.name.value == "join__Graph":
            break
    else:
        raise SupergraphError(
            "There is no `enum join__Graph`, so this is not a supergraph of Federation 2. "
            "Compose the subgraphs' schemas first."
        )
    urls: dict[str, str] = {}
    names: dict[str, str] = {}
    for value in node.values or ():
        arguments = next(_applications(value.directives, "join__graph"), None)
        if arguments is None:
            raise SupergraphError(f"`join__Graph.{value.name.value}` has no `@join__graph` with a name and a URL.")
        name = str(arguments.get("name"))
        if name in urls:
            raise SupergraphError(f"Two subgraphs are called {name}.")
        urls[name] = str(arguments.get("url") or "")
        names[value.name.value] = name
    return Subgraphs(frozen_map(urls), frozen_map(names))


def read_type(node: CompositeNode, subgraphs: Subgraphs) -> TypeDefinition:
    where = f"The type {node.name.value}"
    joins = tuple(_read_join_type(arguments, subgraphs, where) for arguments in _joins(node, "join__type"))
    fields = {} if isinstance(node, UnionTypeDefinitionNode) else _read_fields(node, subgraphs)
    kind = {"object_type_definition": "object", "interface_type_definition": "interface"}.get(node.kind, "union")
    return TypeDefinition(
        name=node.name.value,
        kind=kind,
        joins=joins or tuple(JoinType(subgraph) for subgraph in subgraphs.urls),
        fields=frozen_map(fields),
        implements=_by_subgraph(node, "join__implements", "interface", subgraphs),
        members=_by_subgraph(node, "join__unionMember", "member", subgraphs),
    )


def read_type_reference(node: TypeNode) -> TypeReference:
    depth = 0
    inner = node
    while isinstance(inner, (ListTypeNode, NonNullTypeNode)):
        depth += isinstance(inner, ListTypeNode)
        inner = inner.type
    return TypeReference(text=print_ast(node), name=inner.name.value, list_depth=depth)  # type: ignore[attr-defined]  # only a named type is left


def _read_fields(
    node: ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode, subgraphs: Subgraphs
) -> dict[str, Field]:
    fields = {}
    for field in node.fields or ():
        where = f"{node.name.value}.{field.name.value}"
        fields[field.name.value] = Field(
            name=field.name.value,
            type=read_type_reference(field.type),
            arguments=frozen_map({a.name.value: read_type_reference(a.type) for a in field.arguments or ()}),
            joins=tuple(_read_join_field(arguments, subgraphs, where) for arguments in _joins(field, "join__field")),
        )
    return fields


def _read_join_type(arguments: Mapping[str, object], subgraphs: Subgraphs, where: str) -> JoinType:
    return JoinType(
        subgraph=subgraphs.name(arguments.get("graph"), where=where),
        key=_text(arguments.get("key")),
        resolvable=arguments.get("resolvable") is not False,
        is_interface_object=arguments.get("isInterfaceObject") is True,
    )


def _read_join_field(arguments: Mapping[str, object], subgraphs: Subgraphs, where: str) -> JoinField:
    graph = arguments.get("graph")
    type_text = _text(arguments.get("type"))
    return JoinField(
        subgraph=None if graph is None else subgraphs.name(graph, where=where),
        type=None if type_text is None else _parse_type_reference(type_text, where),
        external=arguments.get("external") is True,
        requires=_text(arguments.get("requires")),
        provides=_text(arguments.get("provides")),
        override=_text(arguments.get("override")),
        override_label=_text(arguments.get("overrideLabel")),
        contexts=tuple(_read_contexts(arguments.get("contextArguments"), where)),
    )


def _read_contexts(value: object, where: str) -> Iterator[ContextArgument]:
    for entry in value if isinstance(value, list) else ():
        read = [_text(entry.get(name)) for name in ("name", "type", "context", "selection")]
        name, type_text, context, selection = read
        if not (name and type_text and context and selection):
            raise SupergraphError(f"{where} has a context argument without a name, a type, a context or a selection.")
        field_set = selection.strip()
        if field_set.startswith("{") and field_set.endswith("}"):
            field_set = field_set[1:-1].strip()
        yield ContextArgument(name, _parse_type_reference(type_text, where), context, field_set)


def _parse_type_reference(text: str, where: str) -> TypeReference:
    try:
        return read_type_reference(parse_type(text, no_location=True))
    except GraphQLSyntaxError as error:
        raise SupergraphError(f"{where} has a type that cannot be read: {text}") from error


def _by_subgraph(
    node: CompositeNode, directive: str, argument: str, subgraphs: Subgraphs
) -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for arguments in _joins(node, directive):
        subgraph = subgraphs.name(arguments.get("graph"), where=f"The type {node.name.value}")
        found.setdefault(subgraph, set()).add(str(arguments.get(argument)))
    if not found and (written := _written(node, directive)):
        # Join 0.2 did not say whose these are: everybody who has the type has them all.
        joins = [subgraphs.name(a.get("graph"), where=node.name.value) for a in _joins(node, "join__type")]
        found = dict.fromkeys(joins or subgraphs.urls, written)
    return frozen_map({subgraph: frozenset(names) for subgraph, names in found.items()})


def _written(node: CompositeNode, directive: str) -> set[str]:
    """What stands in the type's own definition: the members of a union, or the interfaces of any other type."""
    if isinstance(node, UnionTypeDefinitionNode):
        return {member.name.value for member in node.types or ()} if directive == "join__unionMember" else set()
    return {interface.name.value for interface in node.interfaces or ()} if directive == "join__implements" else set()


def _joins(node: _Described, directive: str) -> Iterator[Mapping[str, object]]:
    return _applications(node.directives, directive)


def _applications(directives: tuple[ConstDirectiveNode, ...] | None, directive: str) -> Iterator[Mapping[str, object]]:
    for application in directives or ():
        if application.name.value == directive:
            yield {a.name.value: value_from_ast_untyped(a.value) for a in application.arguments or ()}


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value.strip() else None
