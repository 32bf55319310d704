"""
What the response looks like, worked out once per operation and values of its conditions.

    query ($full: Boolean!) { media { id ... on Book { title @include(if: $full) } } }

    media: Media                       for $full = true
      Book  → id: ID!, title: String
      Movie → id: ID!

The fields of an object depend on its runtime type, so a selection is a table from type to fields (GraphQL 6.3.2,
CollectFields), filled when a type is first met. Conditions are decided before, which keeps them out of the table;
the projections of the few combinations that really occur are cached.

A field that may not be asked for has its place in the table all the same, as one that is null whatever the data say:
the router itself may have fetched it as a key.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import reduce
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLList,
    GraphQLNamedOutputType,
    GraphQLNonNull,
    GraphQLOutputType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLUnionType,
    OperationType,
    is_abstract_type,
)

from trevo.operation.deferral import NOW, Mark, sooner
from trevo.operation.selection import Condition
from trevo.operation.tree import Operation, OperationField, OperationSelections
from trevo.projection.leaves import Coerce, leaf_of_enum, leaf_of_scalar


@dataclass(frozen=True, slots=True)
class NonNull:
    of: "Shape"


@dataclass(frozen=True, slots=True)
class ListOf:
    of: "Shape"


@dataclass(frozen=True, slots=True)
class LeafShape:
    type_name: str
    python_type: type | None
    """A value of exactly this type is right as it is; None when every value has to be looked at."""
    coerce: Coerce
    enum_values: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Introspection:
    """`__schema` and `__type`, answered beforehand."""


@dataclass(frozen=True, slots=True)
class Denied:
    """Null, because whoever asks may not have it."""


@dataclass(slots=True)
class Selection:
    """The fields wanted of an object of *type*, by its runtime type."""

    type: GraphQLNamedOutputType
    possible: frozenset[str]
    """The object types that the public schema allows here."""
    selected: tuple[OperationSelections, ...]
    collect: "Callable[[Selection, str | None], tuple[ResponseField, ...]]"
    by_type: "dict[str | None, tuple[ResponseField, ...]]" = field(default_factory=dict)

    def fields_of(self, type_name: str | None) -> "tuple[ResponseField, ...]":
        """The fields of an object of *type_name*; None when the data did not say."""
        fields = self.by_type.get(type_name)
        if fields is None:
            fields = self.by_type[type_name] = self.collect(self, type_name)
        return fields

    def depends_on_type(self) -> bool:
        """Whether something is selected for some types only."""
        alike = [each.selected_by for each in self.fields_of(None)]
        return any([each.selected_by for each in self.fields_of(name)] != alike for name in self.possible)


Shape = NonNull | ListOf | LeafShape | Introspection | Denied | Selection


@dataclass(frozen=True, slots=True)
class ResponseField:
    """One member of a response object."""

    key: str
    parent_name: str
    name: str
    shape: Shape
    python_type: type | None
    """The leaf's, to pass the usual value without a further look."""
    selected_by: tuple[OperationField, ...]
    type_name: str | None = None
    """The value of `__typename`, which is known from the place in the table."""
    deferred: Mark = NOW
    """For which deferred fragments alone it is wanted."""

    @property
    def is_denied(self) -> bool:
        return isinstance(self.shape.of if isinstance(self.shape, NonNull) else self.shape, Denied)


@dataclass(slots=True)
class Projection:
    """The shape of one operation's response."""

    root: Selection
    root_type_name: str
    lacks: bool = False
    """Whether something of it is denied."""
    uses: int = 0
    """How often it was used; code is written for a projection only when it comes back."""
    runs: int = 0
    """How often an operation was run that is answered in this shape; a program is written only when it comes back."""
    compiled: Callable[[Any], dict[str, Any]] | None = None

    @property
    def root_fields(self) -> tuple[ResponseField, ...]:
        return self.root.fields_of(self.root_type_name)


def build_projection(schema: GraphQLSchema, operation: Operation, conditions: Mapping[str, bool]) -> Projection:
    """
    The projection of *operation* under these values of its conditions.

    A member is denied where every field that selects it is.
    """
    root_type = schema.get_root_type(OperationType(operation.kind))
    if root_type is None:
        raise ValueError(f"The schema has no {operation.kind} type.")
    builder = _Builder(schema, conditions)
    return Projection(builder.selection(root_type, (operation.selections,)), root_type.name, lacks=operation.lacks)


_NO_TYPE_NAME = NonNull(LeafShape("String", None, lambda _: None))


def _mark(field: ResponseField) -> Mark:
    return reduce(sooner, (each.deferred for each in field.selected_by))


class _Builder:
    def __init__(self, schema: GraphQLSchema, conditions: Mapping[str, bool]) -> None:
        self.schema = schema
        self.conditions = dict(conditions)
        self.leaves: dict[GraphQLNamedOutputType, LeafShape] = {}

    def selection(self, type_: GraphQLNamedOutputType, selected: tuple[OperationSelections, ...]) -> Selection:
        possible = (
            frozenset(possible.name for possible in self.schema.get_possible_types(type_))
            if is_abstract_type(type_)
            else frozenset({type_.name})
        )
        return Selection(type_, possible, selected, self.collect)

    def collect(self, selection: Selection, type_name: str | None) -> tuple[ResponseField, ...]:
        parent = self.schema.type_map[type_name] if type_name else selection.type
        by_key: dict[str, list[OperationField]] = {}
        seen: set[OperationSelections] = set()
        for selected in selection.selected:
            self.collect_fields(selected, parent, by_key, seen)
        found = (self.field(parent, key, tuple(fields)) for key, fields in by_key.items())
        return tuple(replace(field, deferred=mark) if (mark := _mark(field)) else field for field in found)

    def collect_fields(
        self,
        selected: OperationSelections,
        parent: Any,
        by_key: dict[str, list[OperationField]],
        seen: set[OperationSelections],
    ) -> None:
        if selected in seen:
            return
        seen.add(selected)
        for each in selected.items:
            if each.condition and not self.holds(each.condition):
                continue
            if isinstance(each, OperationField):
                by_key.setdefault(each.key, []).append(each)
            elif each.on is None or self.applies(each.on, parent):
                self.collect_fields(each.selections, parent, by_key, seen)

    def holds(self, condition: Condition) -> bool:
        return all(self.conditions[name] is wanted for name, wanted in condition)

    def applies(self, condition: str, parent: GraphQLNamedOutputType) -> bool:
        if condition == parent.name:
            return True
        condition_type = self.schema.type_map[condition]
        if not is_abstract_type(condition_type) or isinstance(parent, GraphQLUnionType):
            return False
        return self.schema.is_sub_type(condition_type, parent)

    def field(self, parent: Any, key: str, fields: tuple[OperationField, ...]) -> ResponseField:
        first = fields[0]
        name = first.name
        if name == "__typename":
            # Of an abstract type only the table's entry for objects without a name gets here: there is no answer.
            known = None if is_abstract_type(parent) else str(parent.name)
            return ResponseField(key, parent.name, name, _NO_TYPE_NAME, None, fields, known)
        if first.is_introspection:
            return ResponseField(key, parent.name, name, Introspection(), None, fields)
        type_ = parent.fields[name].type
        if first.is_denied and all(each.is_denied for each in fields):
            shape: Shape = NonNull(Denied()) if isinstance(type_, GraphQLNonNull) else Denied()
            return ResponseField(key, parent.name, name, shape, None, fields)
        shape = self.shape(type_, tuple(each.selections for each in fields if each.selections is not None))
        inner = shape.of if isinstance(shape, NonNull) else shape
        return ResponseField(
            key, parent.name, name, shape, inner.python_type if isinstance(inner, LeafShape) else None, fields
        )

    def shape(self, type_: GraphQLOutputType, selected: tuple[OperationSelections, ...]) -> Shape:
        if isinstance(type_, GraphQLNonNull):
            return NonNull(self.shape(type_.of_type, selected))
        if isinstance(type_, GraphQLList):
            return ListOf(self.shape(type_.of_type, selected))
        return (
            self.leaf(type_)
            if isinstance(type_, (GraphQLEnumType, GraphQLScalarType))
            else self.selection(type_, selected)
        )

    def leaf(self, type_: GraphQLEnumType | GraphQLScalarType) -> LeafShape:
        """The same for every field of the type."""
        leaf = self.leaves.get(type_)
        if leaf is None:
            if isinstance(type_, GraphQLEnumType):
                values = frozenset(type_.values)
                leaf = LeafShape(type_.name, None, leaf_of_enum(type_.name, values), values)
            else:
                leaf = LeafShape(type_.name, *leaf_of_scalar(type_))
            self.leaves[type_] = leaf
        return leaf
