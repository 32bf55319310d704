"""
Leaves out of an operation what somebody may not ask for.

    { me { name email } search { ... on Secret { code } } }     User.email and the type Secret are not for everybody

    asked      { me { name } }                                   what is planned
    written    { me { name email } search { ... } }              what the answer looks like: email and search are null

Fragments are written out, for what they select may be had at one place and not at another. A field is looked at on the
type that it is selected on, as narrow as the fragments around it make it: `... on Book { ... on Media { title } }` is
about books alone. A field of which nothing is left is left out too. Only `__typename` and introspection are for
everybody.

One response key may be selected several times, once in a way that is allowed and once in one that is not (on an
interface, and on one type of it). So it is the single field of the tree that is *denied*, with all below it; a response
key is null where every field under it is.
"""

from dataclasses import dataclass, field, replace

from graphql import (
    GraphQLCompositeType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    OperationType,
    get_named_type,
    is_abstract_type,
    is_composite_type,
)

from trevo.operation.tree import Operation, OperationField, OperationFragment, OperationSelections, both
from trevo.plan.conditions import ALWAYS, Condition
from trevo.supergraph.authorization import EVERYBODY, AuthorizationRules, Rule


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A field that may not be asked for, where it stands highest."""

    coordinate: str
    """`User.email`."""
    condition: Condition
    """When it would have been asked for."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """An operation as it may be asked, and as it is answered."""

    asked: Operation
    """Without what is denied; nothing may be left of it."""
    written: Operation
    """Whole, with the mark on what is denied."""
    left_out: tuple[LeftOut, ...]


def rule_of_operation(rules: AuthorizationRules, schema: GraphQLSchema, operation: Operation) -> Rule:
    """What all that *operation* selects needs."""
    if not rules:
        return EVERYBODY
    gathering = _Gathering(_Scopes(schema), rules)
    gathering.selections(operation.selections, gathering.scopes.of_root(operation))
    return gathering.rule


def leave_out(rules: AuthorizationRules, schema: GraphQLSchema, operation: Operation, failing: Rule) -> Allowed:
    """*operation* for somebody for whom the clauses of *failing* do not hold."""
    leaving = _Leaving(_Scopes(schema), rules, failing)
    part = leaving.selections(operation.selections, leaving.scopes.of_root(operation), ALWAYS, is_denied=False)
    return Allowed(
        asked=replace(operation, selections=OperationSelections(tuple(part.asked))),
        written=replace(operation, selections=OperationSelections(tuple(part.written)), lacks=bool(leaving.left_out)),
        left_out=tuple(dict.fromkeys(leaving.left_out)),
    )


_TYPENAME = OperationField("__typename", "__typename")


def _is_for_everybody(field: OperationField) -> bool:
    return field.is_introspection or field.name == "__typename"


@dataclass(frozen=True, slots=True)
class _Scope:
    """What is known of the object around a selection."""

    type: GraphQLCompositeType
    possible: frozenset[str]
    """The object types that it can be; none for an interface that is an object everywhere."""


class _Scopes:
    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema

    def of_root(self, operation: Operation) -> _Scope:
        root = self._schema.get_root_type(OperationType(operation.kind))
        assert root is not None  # noqa: S101  # the operation has been validated
        return self._of(root)

    def below(self, scope: _Scope, field: OperationField) -> _Scope | None:
        """Of the objects that *field* gives; None for a leaf."""
        assert isinstance(scope.type, (GraphQLObjectType, GraphQLInterfaceType))  # noqa: S101  # a union has no fields
        returned = get_named_type(scope.type.fields[field.name].type)
        return self._of(returned) if is_composite_type(returned) else None

    def narrowed(self, scope: _Scope, condition: str | None) -> _Scope | None:
        """Within a fragment on *condition*; None where no object can be both."""
        if condition is None:
            return scope
        on = self._schema.type_map[condition]
        if on is scope.type or (is_abstract_type(on) and self._schema.is_sub_type(on, scope.type)):
            return scope
        fragment = self._of(on)
        if not scope.possible or not fragment.possible:
            return fragment
        possible = scope.possible & fragment.possible
        return _Scope(fragment.type, possible) if possible else None

    def _of(self, type_: object) -> _Scope:
        assert is_composite_type(type_)  # noqa: S101  # leaves have no selections, and no fragments
        objects = self._schema.get_possible_types(type_) if is_abstract_type(type_) else (type_,)
        return _Scope(type_, frozenset(each.name for each in objects))


@dataclass(slots=True)
class _Gathering:
    """Puts the rules of all fields together. What a fragment needs is the same wherever the same is known."""

    scopes: _Scopes
    rules: AuthorizationRules
    rule: Rule = EVERYBODY
    _seen: set[tuple[OperationSelections, _Scope]] = field(default_factory=set)

    def selections(self, selected: OperationSelections, scope: _Scope) -> None:
        if (selected, scope) in self._seen:
            return
        self._seen.add((selected, scope))
        for each in selected:
            if isinstance(each, OperationField):
                self.field(each, scope)
            elif (within := self.scopes.narrowed(scope, each.on)) is not None:
                self.selections(each.selections, within)

    def field(self, field: OperationField, scope: _Scope) -> None:
        if _is_for_everybody(field):
            return
        self.rule |= self.rules.needed(scope.type.name, field.name, scope.possible)
        below = self.scopes.below(scope, field)
        if field.selections is not None and below is not None:
            self.selections(field.selections, below)


_Items = list[OperationField | OperationFragment]


@dataclass(slots=True)
class _Part:
    """Selections, or one of them, in both forms."""

    asked: _Items = field(default_factory=list)
    written: _Items = field(default_factory=list)
    lacks: bool = False
    """Whether something is left out."""
    lacks_always: bool = False
    """Whether something is left out that would have been asked for whenever this is."""

    def add(self, other: "_Part", *, always: bool) -> None:
        self.asked += other.asked
        self.written += other.written
        self.lacks |= other.lacks
        self.lacks_always |= other.lacks_always and always


@dataclass(slots=True)
class _Leaving:
    """Writes an operation out."""

    scopes: _Scopes
    rules: AuthorizationRules
    failing: Rule
    left_out: list[LeftOut] = field(default_factory=list)

    def selections(
        self, selected: OperationSelections, scope: _Scope, condition: Condition, *, is_denied: bool
    ) -> _Part:
        part = _Part()
        for each in selected:
            narrowed = both(condition, each.condition)
            if narrowed is None:
                continue
            if isinstance(each, OperationField):
                found = self.field(each, scope, narrowed, is_denied=is_denied)
            else:
                found = self.fragment(each, scope, narrowed, is_denied=is_denied)
            part.add(found, always=narrowed == condition)
        return part

    def fragment(self, fragment: OperationFragment, scope: _Scope, condition: Condition, *, is_denied: bool) -> _Part:
        within = self.scopes.narrowed(scope, fragment.on)
        if within is None:
            return _Part()
        inner = self.selections(fragment.selections, within, condition, is_denied=is_denied)
        asked, written = _within(fragment, inner.asked), _within(fragment, inner.written)
        return _Part(asked, written, inner.lacks, inner.lacks_always)

    def field(self, field: OperationField, scope: _Scope, condition: Condition, *, is_denied: bool) -> _Part:
        if _is_for_everybody(field):
            # The same one: answers to introspection are known by it.
            return _Part([] if is_denied else [field], [field])
        is_highest = not is_denied and bool(
            self.rules.needed(scope.type.name, field.name, scope.possible) & self.failing
        )
        if is_highest:
            self.left_out.append(LeftOut(f"{scope.type.name}.{field.name}", condition))
        is_denied |= is_highest
        below = self.scopes.below(scope, field)
        if field.selections is None or below is None:
            return _denied(field) if is_denied else _Part([field], [field])
        inner = self.selections(field.selections, below, condition, is_denied=is_denied)
        written = replace(field, selections=OperationSelections(tuple(inner.written)))
        if is_denied or (not inner.asked and inner.lacks_always):
            return _denied(written)
        if inner.lacks and is_abstract_type(below.type):
            # What is null in the answer may depend on the type, and nothing that is asked may.
            inner.asked.append(_TYPENAME)
        return _Part([replace(field, selections=OperationSelections(tuple(inner.asked)))], [written])


def _denied(field: OperationField) -> _Part:
    return _Part([], [replace(field, is_denied=True)], lacks=True, lacks_always=True)


def _within(fragment: OperationFragment, items: _Items) -> _Items:
    """*items* in a fragment like *fragment*; nothing where there are none."""
    return [replace(fragment, selections=OperationSelections(tuple(items)))] if items else []
