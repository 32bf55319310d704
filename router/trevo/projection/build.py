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
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLEnumType,
    GraphQLList,
    GraphQLNamedOutputType,
    GraphQLNonNull,
    GraphQLOutputType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLUnionType,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    is_abstract_type,
)

from trevo.door.documents import INTROSPECTION_FIELDS
from trevo.projection.conditions import is_included
from trevo.projection.leaves import Coerce, leaf_of_enum, leaf_of_scalar


@dataclass(frozen=True, slots=True)
class NonNull:
    of: "Shape"


@dataclass(frozen=True, slots=True)
class ListOf:
    of: "Shape"


@dataclass(frozen=True, slots=True)
class Leaf:
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
    selection_sets: tuple[SelectionSetNode, ...]
    collect: "Callable[[Selection, str | None], tuple[Field, ...]]"
    by_type: "dict[str | None, tuple[Field, ...]]" = field(default_factory=dict)

    def fields_of(self, type_name: str | None) -> "tuple[Field, ...]":
        """The fields of an object of *type_name*; None when the data did not say."""
        fields = self.by_type.get(type_name)
        if fields is None:
            fields = self.by_type[type_name] = self.collect(self, type_name)
        return fields

    def depends_on_type(self) -> bool:
        """Whether something is selected for some types only."""
        alike = [tuple(map(id, each.nodes)) for each in self.fields_of(None)]
        return any([tuple(map(id, each.nodes)) for each in self.fields_of(name)] != alike for name in self.possible)


Shape = NonNull | ListOf | Leaf | Introspection | Denied | Selection


@dataclass(frozen=True, slots=True)
class Field:
    """One member of a response object."""

    key: str
    parent_name: str
    name: str
    shape: Shape
    python_type: type | None
    """The leaf's, to pass the usual value without a further look."""
    nodes: tuple[FieldNode, ...]
    type_name: str | None = None
    """The value of `__typename`, which is known from the place in the table."""

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
    def root_fields(self) -> tuple[Field, ...]:
        return self.root.fields_of(self.root_type_name)


def build_projection(
    schema: GraphQLSchema,
    operation: OperationDefinitionNode,
    fragments: Mapping[str, FragmentDefinitionNode],
    conditions: Mapping[str, bool],
    denied: frozenset[int] = frozenset(),
) -> Projection:
    """
    The projection of *operation* under these values of its conditions. The operation has been validated.

    A field is *denied* where all nodes that select it are, by their identity.
    """
    root_type = schema.get_root_type(operation.operation)
    if root_type is None:
        raise ValueError(f"The schema has no {operation.operation.value} type.")
    builder = _Builder(schema, fragments, conditions, denied)
    return Projection(builder.selection(root_type, (operation.selection_set,)), root_type.name, lacks=bool(denied))


_NO_TYPE_NAME = Leaf("String", None, lambda _: None)


class _Builder:
    def __init__(
        self,
        schema: GraphQLSchema,
        fragments: Mapping[str, FragmentDefinitionNode],
        conditions: Mapping[str, bool],
        denied: frozenset[int],
    ) -> None:
        self.schema = schema
        self.fragments = fragments
        self.conditions = dict(conditions)
        self.denied = denied

    def selection(self, type_: GraphQLNamedOutputType, selection_sets: tuple[SelectionSetNode, ...]) -> Selection:
        possible = (
            frozenset(possible.name for possible in self.schema.get_possible_types(type_))
            if is_abstract_type(type_)
            else frozenset({type_.name})
        )
        return Selection(type_, possible, selection_sets, self.collect)

    def collect(self, selection: Selection, type_name: str | None) -> tuple[Field, ...]:
        parent = self.schema.type_map[type_name] if type_name else selection.type
        nodes_by_key: dict[str, list[FieldNode]] = {}
        for selection_set in selection.selection_sets:
            self.collect_nodes(selection_set, parent, nodes_by_key, set())
        return tuple(self.field(parent, key, tuple(nodes)) for key, nodes in nodes_by_key.items())

    def collect_nodes(
        self, selection_set: SelectionSetNode, parent: Any, nodes_by_key: dict[str, list[FieldNode]], seen: set[str]
    ) -> None:
        for node in selection_set.selections:
            if not is_included(node, self.conditions):
                continue
            if isinstance(node, FieldNode):
                key = node.alias.value if node.alias else node.name.value
                nodes_by_key.setdefault(key, []).append(node)
            elif isinstance(node, InlineFragmentNode):
                if node.type_condition is None or self.applies(node.type_condition.name.value, parent):
                    self.collect_nodes(node.selection_set, parent, nodes_by_key, seen)
            elif isinstance(node, FragmentSpreadNode) and node.name.value not in seen:
                seen.add(node.name.value)
                fragment = self.fragments[node.name.value]
                if self.applies(fragment.type_condition.name.value, parent):
                    self.collect_nodes(fragment.selection_set, parent, nodes_by_key, seen)

    def applies(self, condition: str, parent: GraphQLNamedOutputType) -> bool:
        if condition == parent.name:
            return True
        condition_type = self.schema.type_map[condition]
        if not is_abstract_type(condition_type) or isinstance(parent, GraphQLUnionType):
            return False
        return self.schema.is_sub_type(condition_type, parent)

    def field(self, parent: Any, key: str, nodes: tuple[FieldNode, ...]) -> Field:
        name = nodes[0].name.value
        if name == "__typename":
            # Of an abstract type only the table's entry for objects without a name gets here: there is no answer.
            known = None if is_abstract_type(parent) else str(parent.name)
            return Field(key, parent.name, name, NonNull(_NO_TYPE_NAME), None, nodes, known)
        if name in INTROSPECTION_FIELDS and self.is_query_type(parent):
            return Field(key, parent.name, name, Introspection(), None, nodes)
        if self.denied and all(id(node) in self.denied for node in nodes):
            is_required = isinstance(parent.fields[name].type, GraphQLNonNull)
            return Field(key, parent.name, name, NonNull(Denied()) if is_required else Denied(), None, nodes)
        selection_sets = tuple(node.selection_set for node in nodes if node.selection_set)
        shape = self.shape(parent.fields[name].type, selection_sets)
        inner = shape.of if isinstance(shape, NonNull) else shape
        return Field(key, parent.name, name, shape, inner.python_type if isinstance(inner, Leaf) else None, nodes)

    def is_query_type(self, parent: Any) -> bool:
        return parent is self.schema.query_type

    def shape(self, type_: GraphQLOutputType, selection_sets: tuple[SelectionSetNode, ...]) -> Shape:
        match type_:
            case GraphQLNonNull():
                return NonNull(self.shape(type_.of_type, selection_sets))
            case GraphQLList():
                return ListOf(self.shape(type_.of_type, selection_sets))
            case GraphQLEnumType():
                values = frozenset(type_.values)
                return Leaf(type_.name, None, leaf_of_enum(type_.name, values), values)
            case GraphQLScalarType():
                python_type, coerce = leaf_of_scalar(type_)
                return Leaf(type_.name, python_type, coerce)
            case _:
                return self.selection(type_, selection_sets)
