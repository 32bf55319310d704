"""
One operation by the rules of its schema.

What is selected twice under one response key is fetched once, and an object has one type; so fields are collected as
execution will collect them (GraphQL 6.3.2), for each type that an object may turn out to be. Conditions are left open:
a field carries those of the fragments around it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    DirectiveNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLScalarType,
    GraphQLSchema,
    InlineFragmentNode,
    ListValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    get_named_type,
    is_abstract_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    value_from_ast_untyped,
)

from trevo.door.cost.price import Amount, Condition, FieldPrice, OperationPrice, Selected, Values, total
from trevo.door.cost.rules import CostRules, ListSize
from trevo.door.documents import INTROSPECTION_FIELDS
from trevo.door.too_much import TooMuch

SELECTIONS_MAX = 100_000
"""Looked at while one operation is priced. Types that share fragments in many ways could make it endless."""

LENGTH_MAX = 10**12
"""What is longer is dear enough, and need not be a number of some hundred digits."""

ALWAYS: Condition = frozenset()

_Sizes = Mapping[tuple[str, ...], Amount]
"""Sizes that a field hands down, by the path of field names to the list."""


@dataclass(slots=True)
class _Collected:
    """All selections of one response key on one type."""

    nodes: list[tuple[FieldNode, Condition]] = field(default_factory=list)


def price_operation(
    schema: GraphQLSchema,
    rules: CostRules,
    operation: OperationDefinitionNode,
    fragments: Mapping[str, FragmentDefinitionNode],
) -> OperationPrice:
    """
    The price of a valid *operation*. Variables stay open, in sizes, in arguments and in conditions.

    Raises TooMuch with `QUERY_TOO_COMPLEX` where fragments on many types are interwoven without end.
    """
    root = schema.get_root_type(operation.operation)
    defaults = {
        each.variable.name.value: value_from_ast_untyped(each.default_value)
        for each in operation.variable_definitions or ()
        if each.default_value is not None
    }
    if root is None:
        return OperationPrice(Selected({}), defaults)
    return OperationPrice(
        _Pricing(schema, rules, fragments).selected(root, ((operation.selection_set, ALWAYS),), {}), defaults
    )


class _Pricing:
    def __init__(
        self, schema: GraphQLSchema, rules: CostRules, fragments: Mapping[str, FragmentDefinitionNode]
    ) -> None:
        self.schema = schema
        self.rules = rules
        self.fragments = fragments
        self.left = SELECTIONS_MAX
        self.known: dict[Any, Selected] = {}

    def selected(
        self, type_: GraphQLNamedType, sets: tuple[tuple[SelectionSetNode, Condition], ...], sizes: _Sizes
    ) -> Selected:
        key = (type_.name, tuple((id(node), condition) for node, condition in sets))
        known = None if sizes else self.known.get(key)
        if known is None:
            by_type = {each.name: self.fields(each, sets, sizes) for each in self.possible(type_)}
            dear = {name: prices for name, prices in by_type.items() if prices}
            known = Selected(dear)
            if not sizes:
                self.known[key] = known
        return known

    def possible(self, type_: GraphQLNamedType) -> Sequence[GraphQLObjectType]:
        if is_abstract_type(type_):
            return self.schema.get_possible_types(type_)
        return (type_,) if isinstance(type_, GraphQLObjectType) else ()

    def fields(
        self, type_: GraphQLObjectType, sets: tuple[tuple[SelectionSetNode, Condition], ...], sizes: _Sizes
    ) -> tuple[FieldPrice, ...]:
        by_key: dict[str, _Collected] = {}
        for node, condition in sets:
            self.collect(node, condition, type_, by_key, set())
        prices = (self.field(type_, key, collected.nodes, sizes) for key, collected in by_key.items())
        return tuple(price for price in prices if price is not None)

    def collect(
        self,
        selection_set: SelectionSetNode,
        outer: Condition,
        type_: GraphQLObjectType,
        by_key: dict[str, _Collected],
        seen: set[tuple[str, Condition]],
    ) -> None:
        for node in selection_set.selections:
            self.left -= 1
            if self.left < 0:
                raise TooMuch("QUERY_TOO_COMPLEX", "The query's fragments are interwoven too often to be priced.")
            condition = _condition(node.directives, outer)
            if condition is None:
                continue
            if isinstance(node, FieldNode):
                key = node.alias.value if node.alias else node.name.value
                by_key.setdefault(key, _Collected()).nodes.append((node, condition))
            elif isinstance(node, InlineFragmentNode):
                if node.type_condition is None or self.applies(node.type_condition.name.value, type_):
                    self.collect(node.selection_set, condition, type_, by_key, seen)
            elif isinstance(node, FragmentSpreadNode) and (node.name.value, condition) not in seen:
                seen.add((node.name.value, condition))
                fragment = self.fragments[node.name.value]
                if self.applies(fragment.type_condition.name.value, type_):
                    self.collect(fragment.selection_set, condition, type_, by_key, seen)

    def applies(self, name: str, type_: GraphQLObjectType) -> bool:
        if name == type_.name:
            return True
        condition = self.schema.type_map.get(name)
        return condition is not None and is_abstract_type(condition) and self.schema.is_sub_type(condition, type_)

    def field(
        self, parent: GraphQLObjectType, key: str, nodes: list[tuple[FieldNode, Condition]], handed: _Sizes
    ) -> FieldPrice | None:
        """The price of one field; None where it costs nothing whatever comes."""
        node = nodes[0][0]
        name = node.name.value
        conditions = () if any(not condition for _, condition in nodes) else tuple(each for _, each in nodes)
        if name in INTROSPECTION_FIELDS:
            return FieldPrice(key, name, 1.0, conditions=conditions)
        definition = parent.fields.get(name)
        if definition is None:
            return None  # __typename
        coordinates = self.coordinates(parent, name)
        list_size = next((s for each in coordinates if (s := self.rules.list_sizes.get(each)) is not None), None)
        size, handed_down = self.sizes(
            definition, node, list_size, {k[1:]: v for k, v in handed.items() if k[0] == name}
        )
        type_ = get_named_type(definition.type)
        below = None
        if not is_leaf_type(type_):
            sets = tuple((each.selection_set, condition) for each, condition in nodes if each.selection_set)
            below = self.selected(type_, sets, handed_down)
        weight = self.weight(coordinates, type_)
        arguments = total(self.arguments(definition, node, coordinates))
        if weight == 0 and arguments == 0 and (below is None or below.known == 0):
            return None
        return FieldPrice(key, name, weight, size, arguments, below, conditions)

    def coordinates(self, parent: GraphQLObjectType, name: str) -> tuple[str, ...]:
        """Of a field, and of the interfaces that it comes from, whose rules hold where it has none of its own."""
        interfaces = [each for each in parent.interfaces if name in each.fields]
        return tuple(f"{each.name}.{name}" for each in (parent, *interfaces))

    def weight(self, coordinates: tuple[str, ...], type_: GraphQLNamedType) -> float:
        for each in (*coordinates, type_.name):
            if each in self.rules.weights:
                return self.rules.weights[each]
        return 0.0 if isinstance(type_, (GraphQLScalarType, GraphQLEnumType)) else 1.0

    def sizes(
        self, definition: GraphQLField, node: FieldNode, list_size: ListSize | None, handed: _Sizes
    ) -> tuple[Amount, _Sizes]:
        """How long the field's own list is (1 if it is none), and what it hands down."""
        depth = _list_depth(definition.type)
        own: Amount = handed.get((), self.rules.list_size_assumed)
        below = {path: size for path, size in handed.items() if path}
        if list_size is not None:
            said = _said_size(list_size, node, self.rules.list_size_assumed)
            if list_size.sized_fields:
                below |= {tuple(path.split(".")): said for path in list_size.sized_fields}
            else:
                own = said
        if depth == 0:
            return 1.0, below
        inner = float(self.rules.list_size_assumed ** (depth - 1))
        return _times(own, inner), below

    def arguments(self, definition: GraphQLField, node: FieldNode, coordinates: tuple[str, ...]) -> list[Amount]:
        amounts: list[Amount] = []
        for given in node.arguments or ():
            name = given.name.value
            argument = definition.args.get(name)
            if argument is None:
                continue
            places = [f"{coordinate}({name}:)" for coordinate in coordinates]
            weight = next((w for place in places if (w := self.rules.weights.get(place)) is not None), None)
            amounts.append(self.input(argument.type, weight, given.value))
        return amounts

    def input(self, type_: Any, weight: float | None, node: ValueNode) -> Amount:
        """What the value in *node* costs as a *type_*."""
        named = get_named_type(type_)
        own = _input_weight(self.rules, named, weight)
        if own == 0 and not isinstance(named, GraphQLInputObjectType):
            return 0.0
        if isinstance(node, VariableNode):
            return _reader_of_price(self.rules, named, own, node.name.value)
        if isinstance(node, ListValueNode):
            return total(self.input(type_, weight, each) for each in node.values)
        if isinstance(node, ObjectValueNode) and isinstance(named, GraphQLInputObjectType):
            members: list[Amount] = [own]
            for each in node.fields:
                member = named.fields.get(each.name.value)
                if member is not None:
                    place = f"{named.name}.{each.name.value}"
                    members.append(self.input(member.type, self.rules.weights.get(place), each.value))
            return total(members)
        return 0.0 if node.kind == "null_value" else own


def _reader_of_price(rules: CostRules, named: GraphQLNamedType, own: float, variable: str) -> Callable[[Values], float]:
    """What a variable's value costs. Like whatever reads a request's values, this keeps nothing of the syntax."""
    return lambda values: _given(rules, named, own, values.get(variable))


def _given(rules: CostRules, named: GraphQLNamedType, own: float, value: Any) -> float:
    """What *value* costs, which need not fit its type: execution will say so."""
    if value is None:
        return 0.0
    if isinstance(value, list):
        return sum(_given(rules, named, own, each) for each in value)
    if not isinstance(named, GraphQLInputObjectType) or not isinstance(value, dict):
        return own
    cost = own
    for name, each in value.items():
        member = named.fields.get(name)
        if member is not None:
            inner = get_named_type(member.type)
            weight = rules.weights.get(f"{named.name}.{name}")
            cost += _given(rules, inner, _input_weight(rules, inner, weight), each)
    return cost


def _input_weight(rules: CostRules, named: GraphQLNamedType, weight: float | None) -> float:
    if weight is not None:
        return weight
    default = 1.0 if isinstance(named, GraphQLInputObjectType) else 0.0
    return rules.weights.get(named.name, default)


def _list_depth(type_: GraphQLOutputType) -> int:
    depth = 0
    inner: Any = type_
    while is_list_type(inner) or is_non_null_type(inner):
        depth += is_list_type(inner)
        inner = inner.of_type
    return depth


def _times(amount: Amount, factor: float) -> Amount:
    if callable(amount):
        return lambda values: amount(values) * factor
    return amount * factor


def _condition(directives: tuple[DirectiveNode, ...] | None, outer: Condition) -> Condition | None:
    """*outer* and what the directives ask for; None where that can never hold."""
    condition = set(outer)
    for directive in directives or ():
        name = directive.name.value
        if name not in {"skip", "include"}:
            continue
        wanted = name == "include"
        for argument in directive.arguments or ():
            if isinstance(argument.value, VariableNode):
                condition.add((argument.value.name.value, wanted))
            elif value_from_ast_untyped(argument.value) is not wanted:
                return None
    return frozenset(condition)


def _said_size(list_size: ListSize, node: FieldNode, assumed: int) -> Amount:
    """The size that the slicing arguments of *node* ask for, or else what the schema assumes."""
    otherwise = list_size.assumed_size if list_size.assumed_size is not None else assumed
    if not list_size.slicing_arguments:
        return float(otherwise)
    readers = {path: _reader(node, path.split(".")) for path in list_size.slicing_arguments}
    field_name = node.name.value

    def size(values: Values) -> float:
        given = {path: read(values) for path, read in readers.items()}
        lengths = [length for value in given.values() if (length := _length(value)) is not None]
        if not lengths:
            lengths = [length for value in list_size.defaults.values() if (length := _length(value)) is not None]
        if list_size.require_one_slicing_argument and len(lengths) != 1:
            names = ", ".join(f"'{name}'" for name in list_size.slicing_arguments)
            message = f"'{field_name}' needs exactly one of its arguments {names}, to say how long its list is."
            raise TooMuch("COST_SLICING_ARGUMENT_REQUIRED", message)
        return max(lengths, default=float(otherwise))

    if any(depends for depends in map(_has_variable, node.arguments or ())) or list_size.require_one_slicing_argument:
        return size
    return size({})


def _has_variable(node: Any) -> bool:
    value = node.value
    if isinstance(value, ListValueNode):
        return False  # only its length counts
    if isinstance(value, ObjectValueNode):
        return any(map(_has_variable, value.fields))
    return isinstance(value, VariableNode)


def _reader(node: FieldNode, path: list[str]) -> Callable[[Values], Any]:
    """Reads the argument at *path* off *node*."""
    name, *members = path
    value: Any = next((each.value for each in node.arguments or () if each.name.value == name), None)
    while members and isinstance(value, ObjectValueNode):
        value = next((each.value for each in value.fields if each.name.value == members[0]), None)
        members = members[1:]
    if isinstance(value, VariableNode):
        variable = value.name.value
        return lambda values: _member(values.get(variable), members)
    if isinstance(value, ListValueNode):
        items: list[None] = [None] * len(value.values)
        return lambda _: items
    known = None if value is None or members else value_from_ast_untyped(value)
    return lambda _: known


def _member(value: Any, members: list[str]) -> Any:
    for name in members:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _length(value: Any) -> float | None:
    """How long a list it asks for; None for what says nothing."""
    if isinstance(value, list):
        return float(len(value))
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(min(max(0, value), LENGTH_MAX))
    return None
