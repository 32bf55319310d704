"""
For how long anybody may keep the answer to an operation: as long as what of it goes bad first, if all is public.

    me { name }               User: no hint            0 s: an object of which nothing is said is not kept
    products { name price }   Product 60 s, price 5 s  5 s
    products { note }         Note: PRIVATE            0 s

A leaf of which nothing is said is as good as its object. Conditions are taken to hold, and of an abstract type whatever
it may be counts: so the answer is never kept for longer than some of it is good.
"""

from collections.abc import Iterator
from dataclasses import replace

from graphql import (
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    is_composite_type,
)

from trevo.operation.tree import Operation, OperationField, OperationSelections
from trevo.supergraph.cache_control import CacheHint, CacheRules, strictest

_NOTHING_SAID = CacheHint()


def seconds_kept(rules: CacheRules, schema: GraphQLSchema, operation: Operation) -> int:
    """For how many seconds the answer to *operation* may be kept by anybody; 0: not at all."""
    root = schema.query_type
    if not rules or operation.kind != "query" or root is None:
        return 0
    return min(_Walk(rules, schema).ages(operation.selections, root.name, is_root=True), default=0)


class _Walk:
    def __init__(self, rules: CacheRules, schema: GraphQLSchema) -> None:
        self._hints = rules.hints
        self._schema = schema
        self._of_types: dict[str, CacheHint] = {}
        self._looked_at: set[tuple[OperationSelections | None, str]] = set()
        """Selections, by the type that they are of: what is below an interface would be walked once for each type."""

    def ages(self, selections: OperationSelections, around: str, *, is_root: bool = False) -> Iterator[int]:
        """How long each thing selected of an *around* is good."""
        for each in selections:
            if not isinstance(each, OperationField):
                yield from self.ages(each.selections, each.on or around, is_root=is_root)
            elif each.is_introspection:
                yield 0
            else:
                yield from self._ages_of(each, around, is_root=is_root)

    def _ages_of(self, field: OperationField, around: str, *, is_root: bool) -> Iterator[int]:
        for parent in self._possible(around):
            definition = parent.fields.get(field.name)
            if definition is None:
                continue
            type_ = get_named_type(definition.type)
            of_type = self._of_type(type_.name) if is_composite_type(type_) else _NOTHING_SAID
            hint = _over(of_type, self._hints.get(f"{parent.name}.{field.name}", _NOTHING_SAID))
            if hint.is_private:
                yield 0
            elif hint.max_age is not None:
                yield hint.max_age
            elif is_root or (is_composite_type(type_) and not hint.inherits):
                yield 0
            below = (field.selections, type_.name)
            if field.selections is not None and below not in self._looked_at:
                self._looked_at.add(below)
                yield from self.ages(field.selections, type_.name)

    def _of_type(self, name: str) -> CacheHint:
        """What is said of an object seen as *name*: the strictest of that type and of those that it may be."""
        known = self._of_types.get(name)
        if known is None:
            own = self._hints.get(name, _NOTHING_SAID)
            known = strictest([own, *(hint for each in self._possible(name) if (hint := self._hints.get(each.name)))])
            if own.max_age is None and not own.inherits:
                # Some may say how long they are good; the others are still objects of which nothing is said.
                known = replace(known, max_age=None)
            self._of_types[name] = known
        return known

    def _possible(self, name: str) -> Iterator[GraphQLObjectType | GraphQLInterfaceType]:
        """The types whose field may be meant where an object is seen as *name*."""
        type_ = self._schema.get_type(name)
        if isinstance(type_, (GraphQLInterfaceType, GraphQLUnionType)):
            if isinstance(type_, GraphQLInterfaceType):
                yield type_
            yield from self._schema.get_possible_types(type_)
        elif isinstance(type_, GraphQLObjectType):
            yield type_


def _over(of_type: CacheHint, of_field: CacheHint) -> CacheHint:
    """What a field says counts more than what its type does."""
    return CacheHint(
        of_type.max_age if of_field.max_age is None else of_field.max_age,
        of_type.is_private if of_field.is_private is None else of_field.is_private,
        of_type.inherits or of_field.inherits,
    )
