"""
Reads selections off the syntax tree.

    query ($a: Boolean!) {                      { node {
      node { ...Naming @include(if: $a) }   →       ... on Named { name @include(if: $a) }
    }                                               by type: ... on Book { name @include(if: $a) }
    fragment Naming on Named { name }                        ... on Film { name @include(if: $a) } } }

Spreads are put in place; literal conditions are decided; a fragment's condition moves to its fields; a fragment whose
type the surrounding object cannot have vanishes. What may have to be asked type by type carries its expansion. A
subtree that occurs in many places (one per type) is read once and shared.

Other directives than conditions are for subgraphs. They are kept on fields; elsewhere they are refused, since fragments
and the operation itself do not reach a subgraph as the client wrote them.
"""

from collections.abc import Iterator, Mapping

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
    OperationType,
    SelectionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    parse,
    print_ast,
)

from trevo.operation.normalize.merge import merge_selections
from trevo.operation.normalize.type_expansion import ByType, when_by_type
from trevo.operation.selection import (
    ALWAYS,
    TYPENAME,
    Condition,
    FieldSelection,
    FragmentSelection,
    Selection,
    Selections,
)
from trevo.supergraph import Supergraph

_CONDITIONS = frozenset({"include", "skip"})


class AliasError(Exception):
    """An alias that would hide what the router itself reads; the message is for the client."""


class DirectiveError(Exception):
    """A directive where it cannot be passed on to a subgraph; the message is for the client."""


def normalize_operation(
    supergraph: Supergraph, document: DocumentNode, operation: OperationDefinitionNode
) -> Selections:
    """
    The selections of a validated *operation*, without introspection.

    Fragments stand for the object types that clients can see. Raises AliasError for `__typename: name`, which would
    lie about an object's type, and DirectiveError for directives that cannot be passed on.
    """
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    _refuse_directives(operation.directives, "the operation")
    for definition in operation.variable_definitions or ():
        _refuse_directives(definition.directives, f"the variable ${definition.variable.name.value}")
    public_types = supergraph.public_schema.type_map
    possible = {
        name: frozenset(each for each in objects if each in public_types)
        for name, objects in supergraph.possible_types.items()
    }
    kind = {OperationType.QUERY: "query", OperationType.MUTATION: "mutation"}.get(operation.operation, "subscription")
    flattening = _Flattening(supergraph, fragments, possible, expand=True)
    flat = flattening.selection_set(operation.selection_set, supergraph.root_types[kind], ALWAYS)
    # The root's own __typename needs no subgraph.
    asked = (each for each in flat if not (isinstance(each, FieldSelection) and each.is_typename))
    merged = merge_selections(asked, run_in_order=kind == "mutation")
    if kind != "query":
        _refuse_different_directives(merged)
    return merged


def normalize_field_set(supergraph: Supergraph, type_name: str, field_set: str, *, expand: bool) -> Selections:
    """
    The selections that a `@key`, `@requires` or `@provides` on *type_name* means.

    They may see what is hidden from clients. With *expand* they have expansions: this is the form for fetching. In the
    form for sending and providing, fragments are for object types and interface fields stand as written.
    """
    (operation,) = parse("{" + field_set + "}", no_location=True).definitions
    assert isinstance(operation, OperationDefinitionNode)  # noqa: S101 - what braces around selections parse to
    flattening = _Flattening(supergraph, {}, supergraph.possible_types, expand=expand)
    return merge_selections(flattening.selection_set(operation.selection_set, type_name, ALWAYS))


class _Flattening:
    def __init__(
        self,
        supergraph: Supergraph,
        fragments: Mapping[str, FragmentDefinitionNode],
        possible: Mapping[str, frozenset[str]],
        *,
        expand: bool,
    ) -> None:
        self._supergraph = supergraph
        self._fragments = fragments
        self._possible = possible
        self._expand = expand
        self._by_type: dict[tuple[str, str], ByType | None] = {}
        self._sets: dict[tuple[int, str, Condition], Selections] = {}
        self._read: dict[int, tuple[str, tuple[str, ...]]] = {}

    def selection_set(self, node: SelectionSetNode, type_name: str, condition: Condition) -> Selections:
        known = (id(node), type_name, condition)
        if known not in self._sets:
            self._sets[known] = tuple(
                selection for each in node.selections for selection in self._selection(each, type_name, condition)
            )
        return self._sets[known]

    def _selection(self, node: SelectionNode, type_name: str, condition: Condition) -> Iterator[Selection]:
        narrowed = narrow(condition, node.directives)
        if narrowed is None:
            return
        if isinstance(node, FieldNode):
            yield from self._field(node, type_name, narrowed)
        elif isinstance(node, InlineFragmentNode):
            _refuse_directives(node.directives, "a fragment")
            on = node.type_condition.name.value if node.type_condition else type_name
            yield from self._fragment(node.selection_set, on, type_name, narrowed)
        elif isinstance(node, FragmentSpreadNode):
            fragment = self._fragments[node.name.value]
            _refuse_directives((*(node.directives or ()), *(fragment.directives or ())), "a fragment")
            on = fragment.type_condition.name.value
            yield from self._fragment(fragment.selection_set, on, type_name, narrowed)

    def _fragment(self, node: SelectionSetNode, on: str, type_name: str, condition: Condition) -> Iterator[Selection]:
        if on == type_name:
            yield from self.selection_set(node, type_name, condition)
        elif type_name not in self._possible:
            if type_name in self._possible.get(on, ()):
                yield from self.selection_set(node, type_name, condition)
        else:
            common = sorted(self._possible.get(on, {on}) & self._possible[type_name])
            by_type = tuple(
                FragmentSelection(object_type, self.selection_set(node, object_type, condition))
                for object_type in common
            )
            if not any(each.selections for each in by_type):
                # What it selects is for types that the surrounding object cannot have.
                return
            if len(by_type) > 1 and self._expand:
                yield FragmentSelection(on, self.selection_set(node, on, condition), by_type)
            else:
                yield from by_type

    def _field(self, node: FieldNode, type_name: str, condition: Condition) -> Iterator[Selection]:
        name = node.name.value
        if name in {"__schema", "__type"}:
            return
        if name == "__typename":
            _refuse_directives(node.directives, "__typename")
            # Whatever the client calls it, the data tree has it once, and the projection copies it.
            yield TYPENAME if not condition else FieldSelection(name, name, condition=condition)
            return
        key = node.alias.value if node.alias else name
        if key == "__typename":
            raise AliasError(f"The alias __typename for {name} would hide what the object is. Choose another name.")
        if self._expand and self._has_no_objects(type_name):
            # Nobody may be able to fetch this, and it would be of nothing.
            return
        yield self._plain_field(node, key, type_name, condition)

    def _has_no_objects(self, type_name: str) -> bool:
        """Whether clients see no object of the interface or union *type_name*: all are hidden, or there is none."""
        if self._possible.get(type_name, True):
            return False
        definition = self._supergraph.types[type_name]
        return not any(definition.is_interface_object_in(subgraph) for subgraph in definition.subgraphs)

    def _plain_field(self, node: FieldNode, key: str, type_name: str, condition: Condition) -> FieldSelection:
        definition = self._supergraph.types[type_name].fields[node.name.value]
        selections: Selections = ()
        if node.selection_set:
            selections = self.selection_set(node.selection_set, definition.type.name, condition)
            if not selections:
                # Nothing of the object can be had, but whether there is one must be known.
                selections = (FieldSelection("__typename", "__typename", condition=condition),)
        arguments, variables = self._arguments(node)
        expansion: tuple[FragmentSelection, ...] = ()
        fallback: tuple[FragmentSelection, ...] = ()
        if self._expand and type_name in self._possible:
            when = self._when_by_type(type_name, node.name.value)
            if when is not None:
                by_type = tuple(
                    FragmentSelection(object_type, (self._plain_field(node, key, object_type, condition),))
                    for object_type in sorted(self._possible[type_name])
                )
                expansion, fallback = (by_type, ()) if when is ByType.ALWAYS else ((), by_type)
        return FieldSelection(node.name.value, key, arguments, condition, selections, variables, expansion, fallback)

    def _arguments(self, node: FieldNode) -> tuple[str, tuple[str, ...]]:
        if not node.arguments and not node.directives:
            return "", ()
        if id(node) not in self._read:
            self._read[id(node)] = _read_arguments(node)
        return self._read[id(node)]

    def _when_by_type(self, type_name: str, field_name: str) -> ByType | None:
        known = (type_name, field_name)
        if known not in self._by_type:
            self._by_type[known] = when_by_type(self._supergraph, self._supergraph.types[type_name], field_name)
        return self._by_type[known]


def narrow(condition: Condition, directives: tuple[DirectiveNode, ...] | None) -> Condition | None:
    """*condition* and those of *directives*; None where they can never hold."""
    for directive in directives or ():
        if directive.name.value not in _CONDITIONS:
            continue
        wanted = directive.name.value == "include"
        value = next(argument.value for argument in directive.arguments or () if argument.name.value == "if")
        if isinstance(value, BooleanValueNode):
            if value.value != wanted:
                return None
        elif isinstance(value, VariableNode):
            if (value.name.value, not wanted) in condition:
                return None
            condition |= {(value.name.value, wanted)}
    return condition


def _read_arguments(node: FieldNode) -> tuple[str, tuple[str, ...]]:
    for_subgraphs = _not_conditions(node.directives)
    ordered = sorted(node.arguments or (), key=lambda argument: argument.name.value)
    text = ", ".join(f"{argument.name.value}: {print_ast(argument.value)}" for argument in ordered)
    directives = "".join(f" {print_ast(directive)}" for directive in for_subgraphs)
    passed = (*ordered, *(argument for directive in for_subgraphs for argument in directive.arguments or ()))
    variables = dict.fromkeys(name for argument in passed for name in _variables_in(argument.value))
    return f"({text}){directives}" if text else directives, tuple(variables)


def _not_conditions(directives: tuple[DirectiveNode, ...] | None) -> list[DirectiveNode]:
    return [directive for directive in directives or () if directive.name.value not in _CONDITIONS]


def _refuse_directives(directives: tuple[DirectiveNode, ...] | None, place: str) -> None:
    for directive in _not_conditions(directives):
        raise DirectiveError(
            f"The directive @{directive.name.value} cannot be passed on to a subgraph from {place}. Put it on fields."
        )


def _refuse_different_directives(selections: Selections) -> None:
    """Each of these fields is run once, so it cannot stand there with a directive and without."""
    arguments: dict[str, str] = {}
    for selection in selections:
        if isinstance(selection, FieldSelection) and arguments.setdefault(selection.key, selection.arguments) != (
            selection.arguments
        ):
            raise DirectiveError(
                f"The field {selection.key} is selected several times with different directives. Write them alike."
            )


def _variables_in(value: ValueNode) -> Iterator[str]:
    if isinstance(value, VariableNode):
        yield value.name.value
    elif isinstance(value, ListValueNode):
        for item in value.values:
            yield from _variables_in(item)
    elif isinstance(value, ObjectValueNode):
        for field in value.fields:
            yield from _variables_in(field.value)
