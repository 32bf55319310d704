"""
Makes selections of an operation's tree.

    query ($a: Boolean!) {                      { node {
      node { ...Naming @include(if: $a) }   →       ... on Named { name @include(if: $a) }
    }                                               by type: ... on Book { name @include(if: $a) }
    fragment Naming on Named { name }                        ... on Film { name @include(if: $a) } } }

A fragment's condition moves to its fields; a fragment whose type the surrounding object cannot have vanishes. What may
have to be asked type by type carries its expansion. A subtree that occurs in many places (one per type) is read once
and shared.

Other directives than conditions are for subgraphs. They are kept on fields; elsewhere they are refused, since fragments
and the operation itself do not reach a subgraph as the client wrote them.
"""

from collections.abc import Iterator, Mapping

from graphql import OperationDefinitionNode, parse

from trevo.operation.deferral import Mark
from trevo.operation.normalize.merge import merge_selections
from trevo.operation.normalize.type_expansion import ByType, when_by_type
from trevo.operation.selection import TYPENAME, FieldSelection, FragmentSelection, Selection, Selections, fields_of
from trevo.operation.tree import (
    Operation,
    OperationField,
    OperationFragment,
    OperationSelections,
    both,
    build_tree,
    names_for_subgraphs,
)
from trevo.plan.conditions import ALWAYS, Condition
from trevo.supergraph import Supergraph


class AliasError(Exception):
    """An alias that would hide what the router itself reads; the message is for the client."""


class DirectiveError(Exception):
    """A directive where it cannot be passed on to a subgraph; the message is for the client."""


def normalize_operation(supergraph: Supergraph, operation: Operation) -> Selections:
    """
    The selections of a validated *operation*, without introspection.

    Fragments stand for the object types that clients can see. Raises AliasError for `__typename: name`, which would
    lie about an object's type, and DirectiveError for directives that cannot be passed on.
    """
    _refuse_directives(operation.directives, "the operation")
    for definition in operation.variables:
        _refuse_directives(
            names_for_subgraphs(definition.directives), f"the variable ${definition.variable.name.value}"
        )
    flattening = _Flattening(supergraph, supergraph.public_possible_types, expand=True)
    flat = flattening.selections(operation.selections, supergraph.root_types[operation.kind], ALWAYS)
    # The root's own __typename needs no subgraph.
    asked = (each for each in flat if not (isinstance(each, FieldSelection) and each.is_typename))
    merged = merge_selections(asked, run_in_order=operation.kind == "mutation")
    if operation.kind != "query":
        _refuse_different_directives(merged)
    return merged


def normalize_field_set(supergraph: Supergraph, type_name: str, field_set: str, *, expand: bool) -> Selections:
    """
    The selections that a `@key`, `@requires` or `@provides` on *type_name* means.

    They may see what is hidden from clients. With *expand* they have expansions: this is the form for fetching. In the
    form for sending and providing, fragments are for object types and interface fields stand as written.
    """
    document = parse("{" + field_set + "}", no_location=True)
    (operation,) = document.definitions
    assert isinstance(operation, OperationDefinitionNode)  # noqa: S101 - what braces around selections parse to
    flattening = _Flattening(supergraph, supergraph.possible_types, expand=expand)
    return merge_selections(flattening.selections(build_tree(document, operation).selections, type_name, ALWAYS))


class _Flattening:
    def __init__(self, supergraph: Supergraph, possible: Mapping[str, frozenset[str]], *, expand: bool) -> None:
        self._supergraph = supergraph
        self._possible = possible
        self._expand = expand
        self._by_type: dict[tuple[str, str], ByType | None] = {}
        self._known: dict[tuple[OperationSelections, str, Condition], Selections] = {}

    def selections(self, selected: OperationSelections, type_name: str, condition: Condition) -> Selections:
        known = (selected, type_name, condition)
        if known not in self._known:
            self._known[known] = tuple(
                selection for each in selected for selection in self._selection(each, type_name, condition)
            )
        return self._known[known]

    def _selection(
        self, each: OperationField | OperationFragment, type_name: str, condition: Condition
    ) -> Iterator[Selection]:
        narrowed = both(condition, each.condition)
        if narrowed is None:
            return
        if isinstance(each, OperationField):
            yield from self._field(each, type_name, narrowed)
        else:
            _refuse_directives(each.directives, "a fragment")
            yield from self._fragment(each.selections, each.on or type_name, type_name, narrowed)

    def _fragment(
        self, selected: OperationSelections, on: str, type_name: str, condition: Condition
    ) -> Iterator[Selection]:
        if on == type_name:
            yield from self.selections(selected, type_name, condition)
        elif type_name not in self._possible:
            if type_name in self._possible.get(on, ()):
                yield from self.selections(selected, type_name, condition)
        else:
            common = sorted(self._possible.get(on, {on}) & self._possible[type_name])
            by_type = tuple(
                FragmentSelection(object_type, self.selections(selected, object_type, condition))
                for object_type in common
            )
            if not any(each.selections for each in by_type):
                # What it selects is for types that the surrounding object cannot have.
                return
            if len(by_type) > 1 and self._expand:
                yield FragmentSelection(on, self.selections(selected, on, condition), by_type)
            else:
                yield from by_type

    def _field(self, field: OperationField, type_name: str, condition: Condition) -> Iterator[Selection]:
        if field.is_introspection:
            return
        if field.name == "__typename":
            _refuse_directives(field.directives, "__typename")
            # Whatever the client calls it, the data tree has it once, and the projection copies it.
            yield TYPENAME if not condition and not field.deferred else _typename(condition, field.deferred)
            return
        if field.key == "__typename":
            raise AliasError(
                f"The alias __typename for {field.name} would hide what the object is. Choose another name."
            )
        if self._expand and self._has_no_objects(type_name):
            # Nobody may be able to fetch this, and it would be of nothing.
            return
        yield self._plain_field(field, type_name, condition)

    def _has_no_objects(self, type_name: str) -> bool:
        """Whether clients see no object of the interface or union *type_name*: all are hidden, or there is none."""
        if self._possible.get(type_name, True):
            return False
        definition = self._supergraph.types[type_name]
        return not any(definition.is_interface_object_in(subgraph) for subgraph in definition.subgraphs)

    def _plain_field(self, field: OperationField, type_name: str, condition: Condition) -> FieldSelection:
        definition = self._supergraph.types[type_name].fields[field.name]
        selections: Selections = ()
        if field.selections is not None:
            selections = self.selections(field.selections, definition.type.name, condition)
            if not selections or _are_later(selections, field.deferred):
                # Nothing of the object can be had, or not yet; but whether there is one must be known.
                selections = (_typename(condition, field.deferred), *selections)
        expansion: tuple[FragmentSelection, ...] = ()
        fallback: tuple[FragmentSelection, ...] = ()
        if self._expand and type_name in self._possible:
            when = self._when_by_type(type_name, field.name)
            if when is not None:
                by_type = tuple(
                    FragmentSelection(object_type, (self._plain_field(field, object_type, condition),))
                    for object_type in sorted(self._possible[type_name])
                )
                expansion, fallback = (by_type, ()) if when is ByType.ALWAYS else ((), by_type)
        return FieldSelection(
            field.name,
            field.key,
            field.arguments,
            condition,
            selections,
            field.variables,
            field.deferred,
            expansion,
            fallback,
        )

    def _when_by_type(self, type_name: str, field_name: str) -> ByType | None:
        known = (type_name, field_name)
        if known not in self._by_type:
            self._by_type[known] = when_by_type(self._supergraph, self._supergraph.types[type_name], field_name)
        return self._by_type[known]


def _typename(condition: Condition, mark: Mark) -> FieldSelection:
    return FieldSelection("__typename", "__typename", condition=condition, deferred=mark)


def _are_later(selections: Selections, mark: Mark) -> bool:
    """Whether of an object that is wanted for *mark* nothing may be wanted as soon, whatever its type."""
    if any(isinstance(each, FieldSelection) and each.deferred == mark for each in selections):
        return False
    return any(field.deferred != mark for field in fields_of(selections))


def _refuse_directives(names: tuple[str, ...], place: str) -> None:
    for name in names:
        raise DirectiveError(f"The directive @{name} cannot be passed on to a subgraph from {place}. Put it on fields.")


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
