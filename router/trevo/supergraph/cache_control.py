"""
Reads how long an answer stays good, and for whom (`@cacheControl`, as Apollo Server has it).

    type Product @cacheControl(maxAge: 60) {
      price: Int @cacheControl(maxAge: 5)
      note: Note @cacheControl(scope: PRIVATE)
    }

Composers write it into the supergraph where a subgraph wants them to (`@composeDirective`), at the place itself or as
`@join__directive`. Where several subgraphs speak of one place, the strictest counts.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from graphql import (
    ConstDirectiveNode,
    DocumentNode,
    FieldDefinitionNode,
    InterfaceTypeDefinitionNode,
    ObjectTypeDefinitionNode,
    UnionTypeDefinitionNode,
    value_from_ast_untyped,
)


@dataclass(frozen=True, slots=True)
class CacheHint:
    """What is said at one place; what is not said is another's to say."""

    max_age: int | None = None
    """Seconds."""
    is_private: bool | None = None
    inherits: bool = False
    """Whether it is as good as what is around it."""


@dataclass(frozen=True, slots=True)
class CacheRules:
    """All that the graph says. False: it says nothing."""

    hints: Mapping[str, CacheHint] = field(default_factory=lambda: MappingProxyType({}))
    """By coordinate, `Type` or `Type.field`."""

    def __bool__(self) -> bool:
        return bool(self.hints)


def strictest(said: Sequence[CacheHint]) -> CacheHint:
    """What holds where all that is *said* does."""
    ages = [each.max_age for each in said if each.max_age is not None]
    scopes = [each.is_private for each in said if each.is_private is not None]
    inherits = all(each.inherits for each in said)
    return CacheHint(min(ages, default=None), any(scopes) if scopes else None, inherits)


_Place = FieldDefinitionNode | ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode | UnionTypeDefinitionNode


def read_cache_rules(document: DocumentNode, names: frozenset[str]) -> CacheRules:
    """What the file says by directives called *names*."""
    hints = {}
    for coordinate, place in _places(document):
        if said := [_hint(each) for each in _applications(place, names)]:
            hints[coordinate] = strictest(said)
    return CacheRules(MappingProxyType(hints))


def _places(document: DocumentNode) -> Iterator[tuple[str, _Place]]:
    for node in document.definitions:
        if isinstance(node, (ObjectTypeDefinitionNode, InterfaceTypeDefinitionNode)):
            yield node.name.value, node
            for each in node.fields or ():
                yield f"{node.name.value}.{each.name.value}", each
        elif isinstance(node, UnionTypeDefinitionNode):
            yield node.name.value, node


def _applications(place: _Place, names: frozenset[str]) -> Iterator[Mapping[str, Any]]:
    for application in place.directives or ():
        given = _arguments(application)
        if application.name.value in names:
            yield given
        elif application.name.value == "join__directive" and given.get("name") in names:
            arguments = given.get("args")
            yield arguments if isinstance(arguments, dict) else {}


def _arguments(application: ConstDirectiveNode) -> dict[str, Any]:
    return {each.name.value: value_from_ast_untyped(each.value) for each in application.arguments or ()}


def _hint(given: Mapping[str, Any]) -> CacheHint:
    age, scope = given.get("maxAge"), given.get("scope")
    # What is no number of seconds is taken for none, so that nobody keeps what was not meant to be kept.
    max_age = age if isinstance(age, int) and age > 0 else (None if age is None else 0)
    return CacheHint(max_age, None if scope is None else scope != "PUBLIC", given.get("inheritMaxAge") is True)
