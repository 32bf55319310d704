"""
Statements compiled once: their text, how values become the driver's, and how records become rows.

Two statements of one shape differ in values alone. A constant of `crud/` is known by itself; a statement that is
written anew each time by SQLAlchemy's cache key, which takes as long again as running it. An `IN` over a list that a
call gives has a text of its own for each number of values and is written out each time; `is_any_of` is not.
"""

from collections import OrderedDict, namedtuple
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import Executable, Select, inspect
from sqlalchemy.dialects.postgresql import asyncpg as postgresql
from sqlalchemy.engine import Dialect
from sqlalchemy.sql import ClauseElement
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import BindParameter
from sqlalchemy.sql.selectable import SelectBase
from sqlalchemy.types import NullType, TypeEngine

from subgraphs.shared.reading.rows import key_places, loaded_columns, row_class

Record = Sequence[Any]
"""What asyncpg gives for a row: values in the order of the columns."""
Column = tuple[str, int]
"""Its name and the number of its type, as the server says."""
Processor = Callable[[Any], Any]
Maker = Callable[[Record], Any]

SHAPES_MAX = 500
STATEMENTS_MAX = 1_000
"""As many are remembered, those used last."""

DIALECT: Dialect = postgresql.dialect()  # type: ignore[no-untyped-call]


@dataclass(frozen=True, slots=True)
class Element:
    """One thing that rows are made of: a column, or a model with all of its own."""

    name: str
    start: int
    types: Sequence[TypeEngine[Any]]
    entity: type[Any] | None = None
    key: Sequence[int] = ()
    """Where the model's primary key is among its columns."""

    def maker(self, columns: Sequence[Column], *, is_alone: bool) -> Maker:
        """What makes it of a record with these *columns*."""
        mine = columns[self.start : self.start + len(self.types)]
        processors = [
            (place, process)
            for place, (type_, (_, oid)) in enumerate(zip(self.types, mine, strict=True))
            if (process := type_.dialect_impl(DIALECT).result_processor(DIALECT, oid)) is not None
        ]
        if self.entity is None:
            return _column_maker(self.start, processors[0][1] if processors else None)
        if is_alone and not processors:
            new, row = tuple.__new__, row_class(self.entity)
            return lambda record: new(row, record)
        return self._row_maker(row_class(self.entity), processors)

    def _row_maker(self, row: type[Any], processors: Sequence[tuple[int, Processor]]) -> Maker:
        new, start, end, key = tuple.__new__, self.start, self.start + len(self.types), self.key

        def make(record: Record) -> Any:
            values = list(record[start:end])
            if all(values[place] is None for place in key):
                return None  # what an outer join has not found
            for place, process in processors:
                values[place] = process(values[place])
            return new(row, values)

        return make


def _column_maker(place: int, process: Processor | None) -> Maker:
    if process is None:
        return lambda record: record[place]
    return lambda record: process(record[place])


def _flattened(statement: Executable) -> tuple[Executable, list[Element] | None]:
    """*statement* with each model's columns by themselves, and what its rows are made of; None where it is text."""
    if not isinstance(statement, Select):
        if not isinstance(statement, SelectBase):
            return statement, None
        columns = statement.selected_columns
        return statement, [Element(column.key or "", place, [column.type]) for place, column in enumerate(columns)]
    if statement._with_options:  # noqa: SLF001  # SQLAlchemy offers no other look at them
        raise TypeError("a look has no options of loading: name the columns that it is to read")
    selected: list[Any] = []
    elements = []
    for described in statement.column_descriptions:
        expression, start = described["expr"], len(selected)
        if expression is not described["entity"]:
            selected.append(expression)
            elements.append(Element(described["name"], start, [described["type"]]))
            continue
        mapper = inspect(expression).mapper
        attributes = loaded_columns(mapper.class_)
        selected += [getattr(expression, attribute.key) for attribute in attributes]
        types = [attribute.columns[0].type for attribute in attributes]
        elements.append(Element(described["name"], start, types, mapper.class_, key_places(mapper.class_)))
    if all(element.entity is None for element in elements):
        return statement, elements
    return statement.with_only_columns(*selected, maintain_column_froms=True), elements


class Shape:
    """What all statements of one shape have in common."""

    def __init__(self, statement: Executable) -> None:
        selected, self._elements = _flattened(statement)
        self.compiled = cast("SQLCompiler", cast("ClauseElement", selected).compile(dialect=DIALECT))
        self.is_known = False
        """Whether the server has said of what types the columns are."""
        self._makers: list[Maker] = []
        self._row: Callable[[Iterable[Any]], Any] = tuple

    def learn(self, columns: Sequence[Column]) -> None:
        elements = self._elements
        if elements is None:
            elements = [Element(name, place, [NullType()]) for place, (name, _) in enumerate(columns)]
        names = [element.name for element in elements]
        named: Any = namedtuple("Row", names, rename=True)  # type: ignore[misc]  # names of the statement's own
        self._row = named._make
        self._makers = [element.maker(columns, is_alone=len(elements) == 1) for element in elements]
        self.is_known = True

    def firsts(self, records: Iterable[Record]) -> list[Any]:
        """The first thing of each row."""
        if not self._makers:
            return []
        make = self._makers[0]
        return [make(record) for record in records]

    def rows(self, records: Iterable[Record]) -> list[Any]:
        """All things of each row, as a tuple with their names."""
        makers, row = self._makers, self._row
        return [row([make(record) for make in makers]) for record in records]


class Bound:
    """A shape with the values that one statement was written with."""

    def __init__(self, shape: Shape, own: Mapping[str, Any]) -> None:
        self.shape = shape
        self._own = own
        self._written: tuple[str, list[tuple[str, Processor | None]]] | None = None

    def write(self, given: Mapping[str, Any] | None) -> tuple[str, list[Any]]:
        """The text, and the values in its order and the driver's form: *given* by name, else the statement's own."""
        values = {**self._own, **given} if given else self._own
        if self._written is not None:
            text, takes = self._written
            return text, [values[name] if process is None else process(values[name]) for name, process in takes]
        state = self.shape.compiled.construct_expanded_state(values)
        names = state.positiontup or ()
        takes = [(name, state.processors.get(name)) for name in names]
        if self._own.keys() >= state.parameter_expansion.keys():
            # Of a list of one's own, each value has become one of the text's.
            self._own = {**self._own, **{name: state.parameters[name] for name in names if name not in values}}
            self._written = state.statement, takes
        values = state.parameters
        return state.statement, [values[name] if process is None else process(values[name]) for name, process in takes]


class Shapes:
    """Of all statements that a database is asked."""

    def __init__(self) -> None:
        self._bound: OrderedDict[Executable, Bound] = OrderedDict()
        self._shapes: OrderedDict[Any, tuple[Shape, dict[str, int]]] = OrderedDict()
        """By cache key, with the places of the values there by their names in the text."""

    def bound(self, statement: Executable) -> Bound:
        bound = self._bound.get(statement)
        if bound is None:
            bound = self._bound[statement] = self._bind(statement)
            if len(self._bound) > STATEMENTS_MAX:
                self._bound.popitem(last=False)
        else:
            self._bound.move_to_end(statement)
        return bound

    def _bind(self, statement: Executable) -> Bound:
        key = cast("ClauseElement", statement)._generate_cache_key()  # noqa: SLF001  # as SQLAlchemy's own example of a cache of results does
        if key is None:
            shape = Shape(statement)
            return Bound(shape, _own_values({name: bind for bind, name in shape.compiled.bind_names.items()}))
        if key.key in self._shapes:
            self._shapes.move_to_end(key.key)
            shape, places = self._shapes[key.key]
        else:
            shape = Shape(statement)
            place_of = {bind.key: place for place, bind in enumerate(key.bindparams)}
            places = {name: place_of[bind.key] for bind, name in shape.compiled.bind_names.items()}
            self._shapes[key.key] = shape, places
            if len(self._shapes) > SHAPES_MAX:
                self._shapes.popitem(last=False)
        return Bound(shape, _own_values({name: key.bindparams[place] for name, place in places.items()}))


def _own_values(binds: Mapping[str, BindParameter[Any]]) -> dict[str, Any]:
    """What the statement was written with, by name; not what it leaves to be given."""
    return {name: bind.effective_value for name, bind in binds.items() if not bind.required}
