"""
One operation as a tree: what everything after validation reads.

    query ($a: Boolean!) {                       query
      me { ...Named @include(if: $a) }           └─ me
    }                                               └─ on User if $a
    fragment Named on User { n: name }                 └─ n: name

The planner, the rules about who may ask, the answer's shape and introspection read this and no syntax. Spreads are put
in place, and one fragment's selections are one object wherever they are spread; what is under a literal condition that
never holds is left out; arguments are texts. A field is known by its identity: two that look the same are two.

Nothing of a tree is ever changed. It knows no schema: what a field is depends on the object that it is asked of.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from sys import intern

from graphql import (
    BooleanValueNode,
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    ListValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    ValueNode,
    VariableDefinitionNode,
    VariableNode,
    print_ast,
)

from trevo.door.documents import CONDITIONS, INTROSPECTION_FIELDS, fragments_by_name
from trevo.operation.deferral import NOW, Deferral, Mark, mark_of
from trevo.plan.conditions import ALWAYS, Condition

_CONDITIONS = {"include": True, "skip": False}


@dataclass(frozen=True, slots=True, eq=False)
class OperationField:
    """A field where it is selected."""

    name: str
    key: str
    """The response key: the client's alias, or the name."""
    condition: Condition = ALWAYS
    """Its own; those of what is around it are not in it."""
    arguments: str = ""
    """
    As text, with parentheses, in the order of their names, and then the directives that are for subgraphs:
    `(first: $n, id: "o1") @loud(times: 2)`.
    """
    variables: tuple[str, ...] = ()
    """Those used by the arguments and directives."""
    directives: tuple[str, ...] = ()
    """The names of those that are for subgraphs."""
    selections: "OperationSelections | None" = None
    """None for a leaf, and for introspection, which is answered from its syntax."""
    syntax: FieldNode | None = None
    """Of introspection."""
    deferred: Mark = NOW
    """For which deferred fragments alone it is wanted."""
    is_denied: bool = False
    """Null in the answer, because whoever asks may not have it."""

    @property
    def is_introspection(self) -> bool:
        return self.name in INTROSPECTION_FIELDS


@dataclass(frozen=True, slots=True, eq=False)
class OperationFragment:
    """A fragment where it is spread."""

    on: str | None
    """The type that it is for; None for the one around it."""
    selections: "OperationSelections"
    condition: Condition = ALWAYS
    directives: tuple[str, ...] = ()
    """The names of others than conditions, those of the fragment's definition too."""


@dataclass(frozen=True, slots=True, eq=False)
class OperationSelections:
    """What is selected of an object."""

    items: tuple[OperationField | OperationFragment, ...]

    def __iter__(self) -> Iterator[OperationField | OperationFragment]:
        return iter(self.items)


@dataclass(frozen=True, slots=True, eq=False)
class Operation:
    """A validated operation."""

    kind: str
    """`query`, `mutation` or `subscription`."""
    name: str | None
    selections: OperationSelections
    variables: tuple[VariableDefinitionNode, ...] = ()
    directives: tuple[str, ...] = ()
    """The names of those that stand on the operation itself."""
    conditions: Condition = ALWAYS
    """All that decide anything in it."""
    introspection: tuple[OperationField, ...] = ()
    """The fields that the router answers itself, wherever they stand."""
    introspection_fragments: tuple[FragmentDefinitionNode, ...] = ()
    """The syntax that these may spread."""
    lacks: bool = False
    """Whether something in it is denied."""

    @property
    def condition_names(self) -> tuple[str, ...]:
        """The variables that conditions read, in a fixed order."""
        return tuple(sorted({name for name, _ in self.conditions}))

    @property
    def is_answered_here(self) -> bool:
        """Whether no subgraph has to be asked: nothing is selected, or nothing but introspection."""
        return all(field.is_introspection for field in fields_in(self.selections))


def fields_in(selections: OperationSelections) -> Iterator[OperationField]:
    """The fields of an object, those in fragments too."""
    for each in selections:
        if isinstance(each, OperationField):
            yield each
        else:
            yield from fields_in(each.selections)


def deferrals_in(operation: Operation) -> tuple[Deferral, ...]:
    """All for which something is wanted in an *operation* that is written out, in its order."""
    found: dict[Deferral, None] = {}
    waiting = [operation.selections]
    while waiting:
        for each in waiting.pop():
            if isinstance(each, OperationField):
                found.update(dict.fromkeys(each.deferred))
            if each.selections is not None:
                waiting.append(each.selections)
    return tuple(sorted(found, key=lambda deferral: deferral.number))


def both(outer: Condition, inner: Condition) -> Condition | None:
    """What holds where *outer* and *inner* do; None where they never do together."""
    if any((name, not wanted) in outer for name, wanted in inner):
        return None
    return outer | inner


def build_tree(document: DocumentNode, operation: OperationDefinitionNode) -> Operation:
    """The tree of *operation* in a valid *document*."""
    fragments = fragments_by_name(document)
    building = _Building(fragments)
    selections = building.selections(operation.selection_set)
    return Operation(
        operation.operation.value,
        operation.name.value if operation.name else None,
        selections,
        tuple(operation.variable_definitions or ()),
        names_for_subgraphs(operation.directives),
        frozenset(building.conditions),
        tuple(building.introspection),
        tuple(fragments.values()) if building.introspection else (),
    )


class _Building:
    def __init__(self, fragments: Mapping[str, FragmentDefinitionNode]) -> None:
        self.fragments = fragments
        self.conditions: set[tuple[str, bool]] = set()
        self.introspection: list[OperationField] = []
        self._spread: dict[str, OperationSelections] = {}
        self._aliases: dict[str, str] = {}
        """Equal ones are one."""

    def selections(self, node: SelectionSetNode) -> OperationSelections:
        found = (self.selection(each) for each in node.selections)
        return OperationSelections(tuple(each for each in found if each is not None))

    def selection(self, node: SelectionNode) -> OperationField | OperationFragment | None:
        condition = self.condition(node.directives) if node.directives else ALWAYS
        if condition is None:
            return None
        directives = names_for_subgraphs(node.directives)
        if isinstance(node, FieldNode):
            return self.field(node, condition, directives)
        if isinstance(node, InlineFragmentNode):
            on = intern(node.type_condition.name.value) if node.type_condition else None
            return OperationFragment(on, self.selections(node.selection_set), condition, directives)
        assert isinstance(node, FragmentSpreadNode)  # noqa: S101  # nothing else is
        return self.spread(self.fragments[node.name.value], condition, directives)

    def spread(
        self, fragment: FragmentDefinitionNode, condition: Condition, directives: tuple[str, ...]
    ) -> OperationFragment:
        name = fragment.name.value
        if name not in self._spread:
            self._spread[name] = self.selections(fragment.selection_set)
        directives += names_for_subgraphs(fragment.directives)
        return OperationFragment(intern(fragment.type_condition.name.value), self._spread[name], condition, directives)

    def field(self, node: FieldNode, condition: Condition, directives: tuple[str, ...]) -> OperationField:
        # The schema's words come again in each operation, a client's in this one; no others are kept for ever.
        name = intern(node.name.value)
        key = self._aliases.setdefault(node.alias.value, node.alias.value) if node.alias else name
        if name in INTROSPECTION_FIELDS:
            field = OperationField(name, key, condition, syntax=node)
            self.introspection.append(field)
            return field
        arguments, variables = _read_arguments(node) if node.arguments or directives else ("", ())
        selections = self.selections(node.selection_set) if node.selection_set else None
        return OperationField(
            name, key, condition, arguments, variables, directives, selections, deferred=mark_of(node)
        )

    def condition(self, directives: tuple[DirectiveNode, ...]) -> Condition | None:
        """What `@include` and `@skip` among *directives* ask for; None where that can never hold."""
        found: Condition | None = ALWAYS
        for directive in directives:
            wanted = _CONDITIONS.get(directive.name.value)
            if wanted is None:
                continue
            value = next(argument.value for argument in directive.arguments or () if argument.name.value == "if")
            if isinstance(value, VariableNode):
                own = (value.name.value, wanted)
                self.conditions.add(own)
                found = None if found is None else both(found, frozenset({own}))
            elif not isinstance(value, BooleanValueNode) or value.value != wanted:
                found = None
        return found


def names_for_subgraphs(directives: tuple[DirectiveNode, ...] | None) -> tuple[str, ...]:
    """The names of *directives* but for conditions and `@defer`, which are the router's."""
    return tuple(each.name.value for each in directives or () if each.name.value not in CONDITIONS)


def _read_arguments(node: FieldNode) -> tuple[str, tuple[str, ...]]:
    for_subgraphs = [each for each in node.directives or () if each.name.value not in CONDITIONS]
    ordered = sorted(node.arguments or (), key=lambda argument: argument.name.value)
    text = ", ".join(f"{argument.name.value}: {print_ast(argument.value)}" for argument in ordered)
    directives = "".join(f" {print_ast(directive)}" for directive in for_subgraphs)
    passed = (*ordered, *(argument for directive in for_subgraphs for argument in directive.arguments or ()))
    variables = dict.fromkeys(name for argument in passed for name in _variables_in(argument.value))
    return f"({text}){directives}" if text else directives, tuple(variables)


def _variables_in(value: ValueNode) -> Iterator[str]:
    if isinstance(value, VariableNode):
        yield value.name.value
    elif isinstance(value, ListValueNode):
        for item in value.values:
            yield from _variables_in(item)
    elif isinstance(value, ObjectValueNode):
        for field in value.fields:
            yield from _variables_in(field.value)
