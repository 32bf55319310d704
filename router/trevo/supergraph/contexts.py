"""
Reads which types set contexts (`@context`), and checks that what is taken of them can be had (`@fromContext`).

    type Order @context(name: "shop__order") { currency: String!  item: Item }
    type Item { price(currency: String @fromContext(field: "$order { currency }")): Float }

Composition writes `@context` as it stands, with the name of the subgraph before that of the context, and what fields
take as `contextArguments` of `@join__field`. The arguments are none of the supergraph's own: clients cannot give them.

An interface or a union that sets a context does so for its object types. A mutation or a subscription sets none: to
read something of one for an argument would be to run it.
"""

from collections.abc import Iterator, Mapping

from graphql import DocumentNode, InterfaceTypeDefinitionNode, ObjectTypeDefinitionNode, UnionTypeDefinitionNode

from trevo.supergraph.check_field_sets import check_field_set
from trevo.supergraph.errors import SupergraphError
from trevo.supergraph.features import Features
from trevo.supergraph.supergraph import ContextArgument, TypeDefinition

_Setting = ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode | UnionTypeDefinitionNode


def read_contexts(
    document: DocumentNode,
    features: Features,
    types: Mapping[str, TypeDefinition],
    possible_types: Mapping[str, frozenset[str]],
    *,
    not_read: frozenset[str],
) -> dict[str, frozenset[str]]:
    """
    By the name of a context: the object types that set it; none of *not_read*, the roots that must not be run for it.

    Raises SupergraphError where a field takes what nobody sets, or what an object that sets it does not have.
    """
    found: dict[str, frozenset[str]] = {}
    for node in document.definitions:
        if isinstance(node, _Setting):
            objects = possible_types.get(node.name.value, frozenset((node.name.value,))) - not_read
            for name in _names_set(node, features.context):
                found[name] = found.get(name, frozenset()) | objects
    for where, argument in _taken(types):
        if not found.get(argument.context):
            raise SupergraphError(f"{where} takes the context {argument.context}, which no type sets.")
        for type_name in sorted(found[argument.context]):
            check_field_set(types, type_name, where, argument.selection)
    return found


def _names_set(node: _Setting, directive: str | None) -> Iterator[str]:
    for application in node.directives or ():
        if application.name.value == directive:
            for argument in application.arguments or ():
                if argument.name.value == "name":
                    yield str(getattr(argument.value, "value", ""))


def _taken(types: Mapping[str, TypeDefinition]) -> Iterator[tuple[str, ContextArgument]]:
    for definition in types.values():
        for field in definition.fields.values():
            for join in field.joins:
                for argument in join.contexts:
                    yield f"The argument {definition.name}.{field.name}({argument.name}:)", argument
