"""Loads a supergraph file: text in, frozen records and the public schema out."""

from graphql import (
    DocumentNode,
    GraphQLSyntaxError,
    InterfaceTypeDefinitionNode,
    ObjectTypeDefinitionNode,
    SchemaDefinitionNode,
    UnionTypeDefinitionNode,
    parse,
)

from trevo.door.cost import read_cost_rules
from trevo.supergraph.cache_control import read_cache_rules
from trevo.supergraph.cache_tags import read_cache_tags
from trevo.supergraph.check_field_sets import check_field_sets
from trevo.supergraph.contexts import read_contexts
from trevo.supergraph.errors import SupergraphError
from trevo.supergraph.features import Features, read_features
from trevo.supergraph.interface_objects import complete_interfaces, mark_external_fields
from trevo.supergraph.join_directives import Subgraphs, read_subgraphs, read_type
from trevo.supergraph.public_schema import make_public_schema
from trevo.supergraph.read_authorization import read_authorization
from trevo.supergraph.supergraph import Supergraph, TypeDefinition, frozen_map


def load_supergraph(text: str) -> Supergraph:
    """
    Read a composed supergraph.

    Composition itself is not repeated: that the subgraphs fit together is taken as given. SupergraphError says what
    is wrong where the file is no supergraph, uses features that this router does not have, or is incomplete.
    """
    try:
        document = parse(text, no_location=True)
    except GraphQLSyntaxError as error:
        raise SupergraphError(f"The supergraph is not valid GraphQL: {error.message}") from error
    document = complete_interfaces(document)
    features = read_features(document)
    subgraphs = read_subgraphs(document)
    types = _read_types(document, features, subgraphs)
    check_field_sets(types)
    types = mark_external_fields(types)
    possible_types = _possible_types(document, types)
    roots = _root_types(document, types)
    contexts = read_contexts(document, features, types, possible_types, not_read=_changing(roots))
    return Supergraph(
        subgraphs=subgraphs.urls,
        types=frozen_map(types),
        possible_types=frozen_map(possible_types),
        root_types=frozen_map(roots),
        public_schema=make_public_schema(document, features),
        override_labels=frozenset(
            join.override_label
            for definition in types.values()
            for field in definition.fields.values()
            for join in field.joins
            if join.override_label
        ),
        contexts=frozen_map(contexts),
        cache_rules=read_cache_rules(document, features.cache_control),
        cache_tags=frozen_map(read_cache_tags(document, subgraphs.names)),
        cost_rules=read_cost_rules(document, cost=features.cost, list_size=features.list_size),
        authorization=read_authorization(document, features, types, possible_types, contexts),
        text=text,
    )


def _read_types(document: DocumentNode, features: Features, subgraphs: Subgraphs) -> dict[str, TypeDefinition]:
    return {
        node.name.value: read_type(node, subgraphs)
        for node in document.definitions
        if isinstance(node, (ObjectTypeDefinitionNode, InterfaceTypeDefinitionNode, UnionTypeDefinitionNode))
        and not features.owns_type(node.name.value)
    }


def _possible_types(document: DocumentNode, types: dict[str, TypeDefinition]) -> dict[str, frozenset[str]]:
    possible: dict[str, set[str]] = {name: set() for name, definition in types.items() if definition.is_abstract}
    for node in document.definitions:
        if isinstance(node, ObjectTypeDefinitionNode):
            for interface in node.interfaces or ():
                possible.setdefault(interface.name.value, set()).add(node.name.value)
        elif isinstance(node, UnionTypeDefinitionNode):
            possible[node.name.value] |= {member.name.value for member in node.types or ()}
    return {name: frozenset(objects) for name, objects in possible.items()}


def _changing(roots: dict[str, str]) -> frozenset[str]:
    return frozenset(name for kind, name in roots.items() if kind != "query")


def _root_types(document: DocumentNode, types: dict[str, TypeDefinition]) -> dict[str, str]:
    roots = {
        operation.operation.value: operation.type.name.value
        for node in document.definitions
        if isinstance(node, SchemaDefinitionNode)
        for operation in node.operation_types
    }
    missing = [name for name in roots.values() if name not in types]
    if missing:
        raise SupergraphError(f"The schema names {missing[0]} as a root type, but does not define it.")
    return roots
