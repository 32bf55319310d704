"""
Reads the tags by which whoever caches answers may drop them again (`@cacheTag`, Federation 2.12).

    user(id: ID!): User
      @join__directive(graphs: [ACCOUNTS], name: "federation__cacheTag", args: {format: "user-{$args.id}"})

They change nothing of an answer. The router caches no answers itself; an extension that does finds them in the model.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from graphql import (
    ConstDirectiveNode,
    DocumentNode,
    FieldDefinitionNode,
    InterfaceTypeDefinitionNode,
    ObjectTypeDefinitionNode,
    value_from_ast_untyped,
)

_NAMES = frozenset({"cacheTag", "federation__cacheTag"})


@dataclass(frozen=True, slots=True)
class CacheTag:
    """One tag of a type or a field, as one subgraph gives it."""

    subgraph: str
    format: str
    """With places for arguments and keys: `user-{$args.id}`, `user-{$key.id}`."""


def read_cache_tags(document: DocumentNode, subgraphs: Mapping[str, str]) -> dict[str, tuple[CacheTag, ...]]:
    """By coordinate, `Type` or `Type.field`; *subgraphs* has names by the values of `join__Graph`."""
    found: dict[str, tuple[CacheTag, ...]] = {}
    for node in document.definitions:
        if isinstance(node, (ObjectTypeDefinitionNode, InterfaceTypeDefinitionNode)):
            places: list[tuple[str, FieldDefinitionNode | ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode]]
            places = [(node.name.value, node)]
            places += [(f"{node.name.value}.{field.name.value}", field) for field in node.fields or ()]
            for coordinate, place in places:
                tags = tuple(tag for each in place.directives or () for tag in _tags(each, subgraphs))
                if tags:
                    found[coordinate] = tags
    return found


def _tags(application: ConstDirectiveNode, subgraphs: Mapping[str, str]) -> Iterator[CacheTag]:
    if application.name.value != "join__directive":
        return
    given = {each.name.value: value_from_ast_untyped(each.value) for each in application.arguments or ()}
    arguments, graphs = given.get("args"), given.get("graphs")
    text = arguments.get("format") if isinstance(arguments, dict) else None
    if given.get("name") in _NAMES and isinstance(text, str) and isinstance(graphs, list):
        yield from (CacheTag(subgraphs[graph], text) for graph in graphs if graph in subgraphs)
