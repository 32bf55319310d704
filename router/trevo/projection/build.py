"""
What the response looks like, worked out once per operation and values of its conditions.

    query ($full: Boolean!) { media { id ... on Book { title @include(if: $full) } } }

    media: Media                       for $full = true
      Book  → id: ID!, title: String
      Movie → id: ID!

The fields of an object depend on its runtime type, so a selection is a table from type to fields (GraphQL 6.3.2,
CollectFields), filled when a type is first met; where an object type stands there is but one, and it is filled at once.
What is selected alike in several places, as fragments do, is one object for all of them. Conditions are decided before,
which keeps them out of the table; the projections of the few combinations that really occur are cached.

A field that may not be asked for has its place in the table all the same, as one that is null whatever the data say:
the router itself may have fetched it as a key.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
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
from trevo.operation.tree import Operation, OperationField, OperationSelections
from trevo.plan.conditions import holds
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
    """What the table is filled from; nothing where it is filled."""
    collect: "Callable[[Selection, str | None], tuple[ResponseField, ...]]"
    fields: "tuple[ResponseField, ...] | None" = None
    """Of an object type, whatever the data say."""
    by_type: "dict[str | None, tuple[ResponseField, ...]] | None" = None
    """Of an abstract type."""

    def fields_of(self, type_name: str | None) -> "tuple[ResponseField, ...]":
        """The fields of an object of *type_name*; None when the data did not say."""
        if self.fields is not None:
            return self.fields
        if self.by_type is None:
            self.by_type = {}
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


class ResponseTypes:
    """What the shapes of answers need to know of a schema, alike for all operations."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self.schema = schema
        self._possible: dict[str, frozenset[str]] = {}
        self._leaves: dict[str, LeafShape] = {}
        self._required: dict[str, NonNull] = {}

    def possible(self, type_: GraphQLNamedOutputType) -> frozenset[str]:
        """The object types that an object seen as *type_* can be."""
        found = self._possible.get(type_.name)
        if found is None:
            objects = self.schema.get_possible_types(type_) if is_abstract_type(type_) else (type_,)
            found = self._possible[type_.name] = frozenset(each.name for each in objects)
        return found

    def applies(self, condition: str, type_: GraphQLNamedOutputType) -> bool:
        """Whether what is selected on the type *condition* is selected of a *type_*."""
        if condition == type_.name:
            return True
        on = self.schema.type_map[condition]
        if not is_abstract_type(on) or isinstance(type_, GraphQLUnionType):
            return False
        return self.schema.is_sub_type(on, type_)

    def leaf(self, type_: GraphQLEnumType | GraphQLScalarType) -> LeafShape:
        leaf = self._leaves.get(type_.name)
        if leaf is None:
            if isinstance(type_, GraphQLEnumType):
                values = frozenset(type_.values)
                leaf = LeafShape(type_.name, None, leaf_of_enum(type_.name, values), values)
            else:
                leaf = LeafShape(type_.name, *leaf_of_scalar(type_))
            self._leaves[type_.name] = leaf
        return leaf

    def required_leaf(self, type_: GraphQLEnumType | GraphQLScalarType) -> NonNull:
        """Of a leaf that is never null."""
        required = self._required.get(type_.name)
        if required is None:
            required = self._required[type_.name] = NonNull(self.leaf(type_))
        return required


def build_projection(types: ResponseTypes, operation: Operation, conditions: Mapping[str, bool]) -> Projection:
    """
    The projection of *operation* under these values of its conditions.

    A member is denied where every field that selects it is.
    """
    root_type = types.schema.get_root_type(OperationType(operation.kind))
    if root_type is None:
        raise ValueError(f"The schema has no {operation.kind} type.")
    builder = _Builder(types, conditions)
    root = Selection(root_type, types.possible(root_type), (operation.selections,), builder.collect)
    root.fields = builder.collect(root, root_type.name)
    return Projection(root, root_type.name, lacks=operation.lacks)


_NO_TYPE_NAME = NonNull(LeafShape("String", None, lambda _: None))


class _Builder:
    """Kept by the selections of one operation whose tables are not filled yet."""

    def __init__(self, types: ResponseTypes, conditions: Mapping[str, bool]) -> None:
        self.types = types
        self.conditions = dict(conditions)

    def collect(self, selection: Selection, type_name: str | None) -> tuple[ResponseField, ...]:
        """The fields of an object of *type_name*, with all below them that depends on no further type."""
        collecting = _Collecting(self)
        fields = collecting.fields(selection, type_name)
        while collecting.pending:
            below = collecting.pending.pop()
            below.fields = collecting.fields(below, below.type.name)
            below.selected = ()
        return fields


class _Collecting:
    """Collects fields, and remembers those below which there is something, since fragments repeat them."""

    def __init__(self, builder: _Builder) -> None:
        self.builder = builder
        self.types = builder.types
        self.pending: list[Selection] = []
        """Of object types; still to be filled."""
        self._known: dict[tuple[str, tuple[OperationField, ...]], ResponseField] = {}

    def fields(self, selection: Selection, type_name: str | None) -> tuple[ResponseField, ...]:
        parent = self.types.schema.type_map[type_name] if type_name else selection.type
        by_key: dict[str, list[OperationField]] = {}
        seen: set[OperationSelections] = set()
        for selected in selection.selected:
            self._collect(selected, parent, by_key, seen)
        return tuple(self._field(parent, key, tuple(fields)) for key, fields in by_key.items())

    def _collect(
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
            if each.condition and not holds(each.condition, self.builder.conditions):
                continue
            if isinstance(each, OperationField):
                by_key.setdefault(each.key, []).append(each)
            elif each.on is None or self.types.applies(each.on, parent):
                self._collect(each.selections, parent, by_key, seen)

    def _field(self, parent: Any, key: str, fields: tuple[OperationField, ...]) -> ResponseField:
        first = fields[0]
        if first.selections is None:
            return self._make(parent, key, fields)
        known = (parent.name, fields)
        found = self._known.get(known)
        if found is None:
            found = self._known[known] = self._make(parent, key, fields)
        return found

    def _make(self, parent: Any, key: str, fields: tuple[OperationField, ...]) -> ResponseField:
        first = fields[0]
        name = first.name
        mark = first.deferred and reduce(sooner, (each.deferred for each in fields))
        if name == "__typename":
            # Of an abstract type only the table's entry for objects without a name gets here: there is no answer.
            known = None if is_abstract_type(parent) else str(parent.name)
            return ResponseField(key, parent.name, name, _NO_TYPE_NAME, None, fields, known, mark)
        if first.is_introspection:
            return ResponseField(key, parent.name, name, Introspection(), None, fields, deferred=mark)
        type_ = parent.fields[name].type
        if first.is_denied and all(each.is_denied for each in fields):
            denied: Shape = NonNull(Denied()) if isinstance(type_, GraphQLNonNull) else Denied()
            return ResponseField(key, parent.name, name, denied, None, fields, deferred=mark)
        shape = self._shape(type_, fields)
        inner = shape.of if isinstance(shape, NonNull) else shape
        python_type = inner.python_type if isinstance(inner, LeafShape) else None
        return ResponseField(key, parent.name, name, shape, python_type, fields, deferred=mark)

    def _shape(self, type_: GraphQLOutputType, fields: tuple[OperationField, ...]) -> Shape:
        if isinstance(type_, GraphQLNonNull):
            inner = type_.of_type
            if isinstance(inner, (GraphQLEnumType, GraphQLScalarType)):
                return self.types.required_leaf(inner)
            return NonNull(self._shape(inner, fields))
        if isinstance(type_, GraphQLList):
            return ListOf(self._shape(type_.of_type, fields))
        if isinstance(type_, (GraphQLEnumType, GraphQLScalarType)):
            return self.types.leaf(type_)
        selected = tuple(each.selections for each in fields if each.selections is not None)
        selection = Selection(type_, self.types.possible(type_), selected, self.builder.collect)
        if not is_abstract_type(type_):
            self.pending.append(selection)
        return selection
