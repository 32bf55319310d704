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
interface, and on one type of it). So it is the syntax node that is *denied*, with all below it; a field is null where
every node that selects it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from graphql import (
    DirectiveNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLCompositeType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    NamedTypeNode,
    NameNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    get_named_type,
    is_abstract_type,
    is_composite_type,
)

from trevo.door.documents import INTROSPECTION_FIELDS
from trevo.operation.normalize.flatten import narrow
from trevo.operation.selection import ALWAYS, Condition
from trevo.supergraph.authorization import EVERYBODY, AuthorizationRules, Rule

Fragments = Mapping[str, FragmentDefinitionNode]

_FOR_EVERYBODY = INTROSPECTION_FIELDS | {"__typename"}


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

    asked: OperationDefinitionNode
    """Without what is denied; nothing may be left of it."""
    written: OperationDefinitionNode
    denied: frozenset[int]
    """The fields of *written* that are denied, by their identity."""
    left_out: tuple[LeftOut, ...]


def rule_of_operation(
    rules: AuthorizationRules, schema: GraphQLSchema, operation: OperationDefinitionNode, fragments: Fragments
) -> Rule:
    """What all that *operation* selects needs."""
    if not rules:
        return EVERYBODY
    gathering = _Gathering(_Scopes(schema), rules, fragments)
    gathering.selection_set(operation.selection_set, gathering.scopes.of_root(operation))
    return gathering.rule


def leave_out(
    rules: AuthorizationRules,
    schema: GraphQLSchema,
    operation: OperationDefinitionNode,
    fragments: Fragments,
    failing: Rule,
) -> Allowed:
    """*operation*, which has been validated, for somebody for whom the clauses of *failing* do not hold."""
    leaving = _Leaving(_Scopes(schema), rules, fragments, failing)
    part = leaving.selection_set(operation.selection_set, leaving.scopes.of_root(operation), ALWAYS, is_denied=False)
    return Allowed(
        asked=_with_selections(operation, part.asked),
        written=_with_selections(operation, part.written),
        denied=frozenset(leaving.denied),
        left_out=tuple(dict.fromkeys(leaving.left_out)),
    )


_TYPENAME = FieldNode(name=NameNode(value="__typename"), directives=(), arguments=())


@dataclass(frozen=True, slots=True)
class _Scope:
    """What is known of the object around a selection."""

    type: GraphQLCompositeType
    possible: frozenset[str]
    """The object types that it can be; none for an interface that is an object everywhere."""


class _Scopes:
    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema

    def of_root(self, operation: OperationDefinitionNode) -> _Scope:
        root = self._schema.get_root_type(operation.operation)
        assert root is not None  # noqa: S101  # the operation has been validated
        return self._of(root)

    def below(self, scope: _Scope, node: FieldNode) -> _Scope | None:
        """Of the objects that *node* gives; None for a leaf."""
        assert isinstance(scope.type, (GraphQLObjectType, GraphQLInterfaceType))  # noqa: S101  # a union has no fields
        returned = get_named_type(scope.type.fields[node.name.value].type)
        return self._of(returned) if is_composite_type(returned) else None

    def narrowed(self, scope: _Scope, condition: NamedTypeNode | None) -> _Scope | None:
        """Within a fragment on *condition*; None where no object can be both."""
        if condition is None:
            return scope
        on = self._schema.type_map[condition.name.value]
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
    fragments: Fragments
    rule: Rule = EVERYBODY
    _seen: set[tuple[int, _Scope]] = field(default_factory=set)

    def selection_set(self, node: SelectionSetNode, scope: _Scope) -> None:
        if (id(node), scope) in self._seen:
            return
        self._seen.add((id(node), scope))
        for each in node.selections:
            if isinstance(each, FieldNode):
                self.field(each, scope)
                continue
            fragment = self.fragments[each.name.value] if isinstance(each, FragmentSpreadNode) else each
            assert isinstance(fragment, (FragmentDefinitionNode, InlineFragmentNode))  # noqa: S101  # nothing else is
            within = self.scopes.narrowed(scope, fragment.type_condition)
            if within is not None:
                self.selection_set(fragment.selection_set, within)

    def field(self, node: FieldNode, scope: _Scope) -> None:
        if node.name.value in _FOR_EVERYBODY:
            return
        self.rule |= self.rules.needed(scope.type.name, node.name.value, scope.possible)
        below = self.scopes.below(scope, node)
        if node.selection_set and below is not None:
            self.selection_set(node.selection_set, below)


@dataclass(slots=True)
class _Part:
    """A selection set, or a node of one, in both forms."""

    asked: list[SelectionNode] = field(default_factory=list)
    written: list[SelectionNode] = field(default_factory=list)
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
    """Writes an operation out, every field as a node of its own."""

    scopes: _Scopes
    rules: AuthorizationRules
    fragments: Fragments
    failing: Rule
    denied: set[int] = field(default_factory=set)
    left_out: list[LeftOut] = field(default_factory=list)

    def selection_set(self, node: SelectionSetNode, scope: _Scope, condition: Condition, *, is_denied: bool) -> _Part:
        part = _Part()
        for each in node.selections:
            narrowed = narrow(condition, each.directives)
            if narrowed is None:
                continue
            if isinstance(each, FieldNode):
                found = self.field(each, scope, narrowed, is_denied=is_denied)
            else:
                found = self.fragment(each, scope, narrowed, is_denied=is_denied)
            part.add(found, always=narrowed == condition)
        return part

    def fragment(self, node: SelectionNode, scope: _Scope, condition: Condition, *, is_denied: bool) -> _Part:
        fragment = self.fragments[node.name.value] if isinstance(node, FragmentSpreadNode) else node
        assert isinstance(fragment, (FragmentDefinitionNode, InlineFragmentNode))  # noqa: S101  # nothing else is
        within = self.scopes.narrowed(scope, fragment.type_condition)
        if within is None:
            return _Part()
        inner = self.selection_set(fragment.selection_set, within, condition, is_denied=is_denied)
        directives = tuple(node.directives or ())
        if fragment is not node:
            directives += tuple(fragment.directives or ())
        return _Part(
            _inline(fragment.type_condition, directives, inner.asked),
            _inline(fragment.type_condition, directives, inner.written),
            inner.lacks,
            inner.lacks_always,
        )

    def field(self, node: FieldNode, scope: _Scope, condition: Condition, *, is_denied: bool) -> _Part:
        name = node.name.value
        if name in _FOR_EVERYBODY:
            # The same node: answers to introspection are known by it.
            return _Part([] if is_denied else [node], [node])
        is_highest = not is_denied and bool(self.rules.needed(scope.type.name, name, scope.possible) & self.failing)
        if is_highest:
            self.left_out.append(LeftOut(f"{scope.type.name}.{name}", condition))
        is_denied |= is_highest
        below = self.scopes.below(scope, node)
        if node.selection_set is None or below is None:
            return self._decided([] if is_denied else [node], replace(node))
        inner = self.selection_set(node.selection_set, below, condition, is_denied=is_denied)
        written = replace(node, selection_set=SelectionSetNode(selections=tuple(inner.written)))
        if is_denied or (not inner.asked and inner.lacks_always):
            return self._decided([], written)
        if inner.lacks and is_abstract_type(below.type):
            # What is null in the answer may depend on the type, and nothing that is asked may.
            inner.asked.append(_TYPENAME)
        return self._decided([replace(node, selection_set=SelectionSetNode(selections=tuple(inner.asked)))], written)

    def _decided(self, asked: list[SelectionNode], written: FieldNode) -> _Part:
        if asked:
            return _Part(asked, [written])
        self.denied.add(id(written))
        return _Part([], [written], lacks=True, lacks_always=True)


def _inline(
    condition: NamedTypeNode | None, directives: tuple[DirectiveNode, ...], selections: list[SelectionNode]
) -> list[SelectionNode]:
    if not selections:
        return []
    inner = SelectionSetNode(selections=tuple(selections))
    return [InlineFragmentNode(type_condition=condition, directives=directives, selection_set=inner)]


def _with_selections(operation: OperationDefinitionNode, selections: list[SelectionNode]) -> OperationDefinitionNode:
    return replace(operation, selection_set=SelectionSetNode(selections=tuple(selections)))
