"""
A document over a schema, written as Python.

Each object type with what is selected of it becomes a function that makes its part of the answer:

    def payout_4(o, run):
        if type(o) is not Payout_5: plain(o)
        return {
            "id": (v1 if type(v1 := o.id) is str else id_6(v1)),
            "net": money_7(o.net, run),
        }

A function is a coroutine function if anything below it waits. What waits beside something else that waits is a
function of its own, so that both can be awaited together. Which fields are selected is told by graphql-core's own
functions, for certain values of the variables that `@skip` and `@include` name; other values need other code.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    GraphQLField,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    VariableNode,
    is_abstract_type,
    is_leaf_type,
)
from graphql.execution.collect_fields import FieldDetails, FragmentDetails, collect_fields, collect_subfields
from graphql.execution.values import get_variable_values
from strawberry.execution import optimized_is_awaitable

from subgraphs.shared.graphql.compiled.asked import AskedDocument, CannotCompile, names_variable, variable_reader
from subgraphs.shared.graphql.compiled.fields import (
    CAST,
    HowResolved,
    Leaf,
    class_of,
    class_of_possible,
    how_resolved,
    leaf_of,
)
from subgraphs.shared.graphql.compiled.module import Module, Unit
from subgraphs.shared.graphql.compiled.run import (
    FieldPlace,
    Program,
    all_immutable,
    coercer,
    each,
    each_or_null,
    find_entities,
    nothing,
    plain,
    together,
    typed,
)

RUNTIME = {
    helper.__name__: helper for helper in (each, each_or_null, find_entities, nothing, plain, together, typed)
} | {"is_awaitable": optimized_is_awaitable}
"""What the code uses by its own name."""

NOTHING = Unit(nothing.__name__, waits=False)
"""For objects of which nothing is selected."""

ENTITIES = "_entities"
Fields = dict[str, list[FieldDetails]]


@dataclass
class _Function:
    """The lines of one function that is being written."""

    variables: int = 0
    lines: list[str] = field(default_factory=list)

    def variable(self) -> str:
        self.variables += 1
        return f"v{self.variables}"


@dataclass(frozen=True, slots=True)
class _Selected:
    """A field where it stands in the document."""

    parent: GraphQLObjectType
    definition: GraphQLField
    how: HowResolved
    details: list[FieldDetails]

    @property
    def name(self) -> str:
        return self.details[0].node.name.value


def write_program(schema: Any, document: AskedDocument, conditions: Mapping[str, Any]) -> Program:
    """
    The program of *document* over *schema*, where the variables that decide what is selected are *conditions*.

    One that is missing there was not sent. Raises CannotCompile.
    """
    try:
        return _Writer(schema, document, conditions).program()
    except (RecursionError, SyntaxError, MemoryError):
        raise CannotCompile("deep") from None


class _Writer:
    def __init__(self, schema: Any, document: AskedDocument, conditions: Mapping[str, Any]) -> None:
        self._schema = schema
        self._core = schema._schema  # noqa: SLF001  # Strawberry keeps the graphql-core schema there
        self._document = document
        deciding = [each for each in document.variables if each.variable.name.value in document.conditions]
        values = get_variable_values(self._core, deciding, dict(conditions))
        if isinstance(values, list):
            raise CannotCompile("variables")
        self._values = values
        self._fragments = {name: FragmentDetails(node) for name, node in document.fragments.items()}
        self._code = Module(RUNTIME)
        self._leaves: dict[str, tuple[Leaf, str]] = {}
        self._units: dict[tuple[int, int], Unit] = {}
        self._waiting_units: dict[str, Unit] = {}
        self._kept: list[Any] = []
        """What units are known by the identity of."""
        self._places: list[FieldPlace] = []
        self._place_numbers: dict[tuple[int, ...], int] = {}

    def program(self) -> Program:
        collected = collect_fields(
            self._core, self._fragments, self._values, self._core.query_type, self._document.operation
        )
        main = self._object(self._core.query_type, self._fields(collected), is_root=True)
        if not main.waits:
            main = self._waiting(main)
        function = self._code.written(main.name)
        return Program(
            self._schema,
            self._document,
            variable_reader(self._core, self._document),
            self._places,
            self._code.text,
            self._code.weight(),
            main=lambda run: function(None, run),
        )

    # Values: what is selected of a type.

    def _fields(self, collected: Any) -> Fields:
        if collected.new_defer_usages:
            raise CannotCompile("defer")
        return dict(collected.grouped_field_set)

    def _selected(self, type_: GraphQLObjectType, details: list[FieldDetails]) -> Fields:
        operation = self._document.operation
        return self._fields(collect_subfields(self._core, self._fragments, self._values, operation, type_, details))

    def _unit(self, type_: Any, details: list[FieldDetails]) -> Unit:
        """The function for values of *type_*, no leaf, of which *details* select."""
        key = (id(type_), id(details))
        unit = self._units.get(key)
        if unit is None:
            self._kept += (type_, details)
            if isinstance(type_, GraphQLList):
                unit = self._list(type_.of_type, details)
            elif is_abstract_type(type_):
                unit = self._abstract(type_, details)
            else:
                unit = self._object(type_, self._selected(type_, details))
            self._units[key] = unit
        return unit

    def _object(self, type_: GraphQLObjectType, fields: Fields, *, is_root: bool = False) -> Unit:
        name, function = self._code.name(type_.name), _Function()
        members: list[str] = []
        waiting: list[tuple[str, str]] = []
        for key, details in fields.items():
            text, waits = self._field(type_, details, function)
            if waits:
                variable = function.variable()
                waiting.append((variable, text))
                text = variable
            members.append(f"{json.dumps(key)}: {text},")
        lines = [] if is_root else [self._check_object(type_)]
        if len(waiting) == 1:
            lines.append(f"{waiting[0][0]} = await {waiting[0][1]}")
        elif waiting:
            variables, calls = zip(*waiting, strict=True)
            lines.append(f"{', '.join(variables)} = await together([{', '.join(calls)}])")
        lines += ["return {", *(f"    {member}" for member in members), "}"] if members else ["return {}"]
        return self._code.add(name, "o, run", lines, waits=bool(waiting))

    def _check_object(self, type_: GraphQLObjectType) -> str:
        kind = class_of(type_)
        if type_.is_type_of is None:
            return (
                "plain(o)" if kind is None else f"if type(o) is not {self._code.constant(type_.name, kind)}: plain(o)"
            )
        if kind is None:
            raise CannotCompile("type")
        name = self._code.constant(type_.name, kind)
        return f"if type(o) is not {name} or getattr(o, {CAST!r}, None) is not None: typed(o)"

    def _abstract(self, type_: Any, details: list[FieldDetails]) -> Unit:
        units: dict[type, Unit] = {}
        for possible in self._core.get_possible_types(type_):
            kind = class_of_possible(possible, type_)
            if kind is not None:
                units[kind] = self._unit(possible, details) if self._selected(possible, details) else NOTHING
        kinds, waits = self._code.name(f"{type_.name}_types"), any(unit.waits for unit in units.values())
        table = {
            self._code.constant(kind.__name__, kind): (self._waiting(unit) if waits and not unit.waits else unit).name
            for kind, unit in units.items()
        }
        self._code.add_table(kinds, table)
        lines = [
            f"complete = {kinds}.get(type(o))",
            f"if complete is None or getattr(o, {CAST!r}, None) is not None: typed(o)",
            f"return {'await ' if waits else ''}complete(o, run)",
        ]
        return self._code.add(self._code.name(type_.name), "o, run", lines, waits=waits)

    def _waiting(self, unit: Unit) -> Unit:
        """What does the same as *unit*, and can be awaited."""
        name = f"waiting_{unit.name}"
        if name not in self._waiting_units:
            lines = [f"return {unit.name}(o, run)"]
            self._waiting_units[name] = self._code.add(name, "o, run", lines, waits=True)
        return self._waiting_units[name]

    def _list(self, item: Any, details: list[FieldDetails]) -> Unit:
        name = self._code.name("list")
        inner = item.of_type if isinstance(item, GraphQLNonNull) else item
        nullable = inner is item
        if is_leaf_type(inner):
            each_item = self._leaf(inner, "x", "x", nullable=nullable)
            return self._code.add(name, "items, run", [f"return [{each_item} for x in run.listed(items)]"], waits=False)
        unit = self._unit(inner, details)
        if unit.waits:
            together_ = "each_or_null" if nullable else "each"
            return self._code.add(
                name, "items, run", [f"return await {together_}({unit.name}, items, run)"], waits=True
            )
        each_item = f"None if x is None else {unit.name}(x, run)" if nullable else f"{unit.name}(x, run)"
        return self._code.add(name, "items, run", [f"return [{each_item} for x in run.listed(items)]"], waits=False)

    def _completed(
        self, type_: GraphQLOutputType, details: list[FieldDetails], value: str, function: _Function
    ) -> tuple[str, bool]:
        """The text that completes *value*, to be used once, as *type_*; and whether it waits."""
        inner: Any = type_.of_type if isinstance(type_, GraphQLNonNull) else type_
        nullable = inner is type_
        if is_leaf_type(inner):
            variable = function.variable()
            return self._leaf(inner, variable, f"{variable} := {value}", nullable=nullable), False
        unit = self._unit(inner, details)
        wait = "await " if unit.waits else ""
        if not nullable:
            return f"{wait}{unit.name}({value}, run)", unit.waits
        variable = function.variable()
        return f"(None if ({variable} := {value}) is None else {wait}{unit.name}({variable}, run))", unit.waits

    def _leaf(self, type_: Any, variable: str, first: str, *, nullable: bool) -> str:
        """*first* is the text that is evaluated first; then *variable* has the value."""
        leaf, coerce = self._leaf_of(type_)
        slow = f"{coerce}({variable})"
        null = f"None if ({first}) is None else "
        if leaf.kind is None:
            return f"({null}{slow})" if nullable else f"{coerce}({first})"
        uses = "" if leaf.uses is None else self._code.constant(f"{type_.name}_uses", leaf.uses)
        text = leaf.text.format(v=variable, uses=uses)
        is_kind, further = f"is {self._kind(leaf.kind)}", leaf.test.format(v=variable, uses=uses)
        if not nullable:
            return f"({text} if type({first}) {is_kind}{further} else {slow})"
        if text == variable:
            return f"({text} if type({first}) {is_kind}{further} or {variable} is None else {slow})"
        return f"({null}{text} if type({variable}) {is_kind}{further} else {slow})"

    def _kind(self, kind: type) -> str:
        return kind.__name__ if kind in (str, int, bool) else self._code.constant(kind.__name__, kind)

    def _leaf_of(self, type_: Any) -> tuple[Leaf, str]:
        """How values of *type_* are written, and the name of the function for those without literal code."""
        known = self._leaves.get(type_.name)
        if known is None:
            coerce = self._code.constant(f"{type_.name}_value", coercer(type_.coerce_output_value))
            known = self._leaves[type_.name] = leaf_of(type_), coerce
        return known

    # Fields: how a value is come by.

    def _field(self, parent: GraphQLObjectType, details: list[FieldDetails], function: _Function) -> tuple[str, bool]:
        """The text of a field's part of an answer; what waits is text to be awaited."""
        name = details[0].node.name.value
        if name == "__typename":
            return json.dumps(parent.name), False
        definition = self._core.get_field(parent, name)
        how = None if definition is None else how_resolved(definition)
        if how is None:
            raise CannotCompile("introspection")
        selected = _Selected(parent, definition, how, details)
        if not (how.guards or how.waits or how.is_strawberrys or self._is_entities(selected)):
            text, waits = self._completed(definition.type, details, self._value(selected), function)
            if not waits:
                return text, False
        unit = self._separate(selected)
        return f"{unit.name}(o, run)", unit.waits

    def _separate(self, at: _Selected) -> Unit:
        """A field as a function of its own."""
        checks = [guard.of_asker for guard in at.how.guards if guard.of_asker is not None]
        lines = [f"{self._code.constant('require', check)}(run.context)" for check in checks]
        value = self._value(at)
        is_awaited = at.how.waits or self._is_entities(at)
        waits = is_awaited or at.how.is_strawberrys
        if is_awaited:
            lines.append(f"v = await {value}")
        elif at.how.is_strawberrys:
            lines += [f"v = {value}", "if is_awaitable(v): v = await v"]
        text, completing_waits = self._completed(at.definition.type, at.details, "v" if waits else value, _Function())
        name = self._code.name(at.name)
        return self._code.add(name, "o, run", [*lines, f"return {text}"], waits=waits or completing_waits)

    def _is_entities(self, at: _Selected) -> bool:
        return at.parent is self._core.query_type and at.name == ENTITIES

    def _value(self, at: _Selected) -> str:
        """The text that resolves a field."""
        if at.how.attribute is not None:
            return f"o.{at.how.attribute}"
        if self._is_entities(at):
            return self._entities(at)
        if at.how.function is None:
            place = self._place(at)
            resolve = self._code.constant(f"resolve_{at.name}", at.definition.resolve)
            return f"{resolve}(o, run.raw_info({place}), **run.raw_arguments({place}))"
        resolver = at.how.field.base_resolver
        assert resolver is not None  # noqa: S101  # an author's function is one
        given = ["o"] if resolver.self_parameter else []
        by_name = (resolver.parent_parameter, resolver.root_parameter)
        given += [f"{parameter.name}=o" for parameter in by_name if parameter]
        if at.definition.args or resolver.info_parameter:
            place = self._place(at)
            given += self._arguments(place)
            if resolver.info_parameter:
                given.append(f"{resolver.info_parameter.name}=run.infos[{place}] or run.info({place})")
        return f"{self._code.constant(f'resolve_{at.how.field.python_name}', at.how.function)}({', '.join(given)})"

    def _entities(self, at: _Selected) -> str:
        """The look-up of entities, without the steps of a resolver."""
        place = self._place(at)
        (argument,) = at.details[0].node.arguments or ()
        value = argument.value
        if isinstance(value, VariableNode):
            representations = f"run.variables.coerced[{value.name.value!r}]"
        else:
            representations = f"run.raw_arguments({place})['representations']"
        return f"find_entities(run.infos[{place}] or run.info({place}), {representations})"

    def _place(self, at: _Selected) -> int:
        nodes = [each.node for each in at.details]
        key = (id(at.parent), *map(id, nodes))
        if key not in self._place_numbers:
            self._place_numbers[key] = len(self._places)
            self._places.append(FieldPlace(at.parent, at.definition, at.how.field, nodes, at.how.check_arguments))
        return self._place_numbers[key]

    def _arguments(self, number: int) -> list[str]:
        place = self._places[number]
        if not place.definition.args:
            return []
        if not any(names_variable(argument) for argument in place.nodes[0].arguments or ()):
            try:
                raw, converted = place.read_arguments(self._schema, None)
            except Exception:  # noqa: BLE001  # graphql-core says what is wrong, each time
                raise CannotCompile("arguments") from None
            if all_immutable(raw) and all_immutable(converted):
                return [f"{name}={self._literal(name, value)}" for name, value in converted.items()]
        return [f"**run.arguments({number})"]

    def _literal(self, name: str, value: Any) -> str:
        return repr(value) if type(value) in (type(None), bool, int, str) else self._code.constant(name, value)
