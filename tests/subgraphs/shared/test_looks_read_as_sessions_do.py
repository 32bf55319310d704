"""
Every statement that `crud/` reads with gives a look what it gives a transaction: the same values, of the same types.

Each domain's tables are filled with values of all their columns' types, whatever its rules say about them, and each
function that takes a `Reader` is called with many arguments on both roads.
"""

import dataclasses
import importlib
import inspect
import pkgutil
import random
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from types import ModuleType, NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import (
    ARRAY,
    Boolean,
    Column,
    Date,
    DateTime,
    Integer,
    LargeBinary,
    Numeric,
    Table,
    Text,
    TextClause,
    Uuid,
    text,
)
from sqlalchemy import inspect as inspect_mapping
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.exc import DBAPIError, MultipleResultsFound, NoResultFound
from sqlalchemy.types import TypeDecorator

from launch.databases import DOMAINS
from subgraphs.shared.database import Database
from subgraphs.shared.graphql.paging import Cursor, PageRequest
from subgraphs.shared.reading import Reader
from subgraphs.shared.reading.rows import loaded_columns
from tests.fixtures.databases import MakeDatabase, as_owner, sql_of_the_owner

ROWS_PER_TABLE = 60
CALLS_PER_FUNCTION = 8
CALLS_MAX = 60
"""As long as it finds nothing."""

PEOPLE = [UUID(int=number) for number in range(1, 9)]
"""So few that rows of one table belong to those of another."""
NOON = datetime(2026, 8, 14, 12, tzinfo=UTC)
WORDS = ["", "a", "São Félix 100%", "'; --"]

DROP_RULES = """
DO $$ DECLARE rule text; BEGIN
    FOR rule IN
        SELECT format('DROP TRIGGER %I ON %s', tgname, tgrelid::regclass) FROM pg_trigger WHERE NOT tgisinternal
    LOOP EXECUTE rule; END LOOP;
    FOR rule IN
        SELECT format('ALTER TABLE %s DROP CONSTRAINT %I CASCADE', conrelid::regclass, conname) FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace AND contype IN ('c', 'f', 'u', 'x')
        ORDER BY contype <> 'f'
    LOOP EXECUTE rule; END LOOP;
    FOR rule IN
        SELECT format('DROP INDEX %s', indexrelid::regclass) FROM pg_index JOIN pg_class ON oid = indexrelid
        WHERE relnamespace = 'public'::regnamespace AND indisunique AND NOT indisprimary
    LOOP EXECUTE rule; END LOOP;
END $$
"""
ALLOWED_WORDS = """
SELECT (SELECT attname FROM pg_attribute WHERE attrelid = conrelid AND attnum = conkey[1]) AS column,
       conrelid::regclass::text AS table, pg_get_constraintdef(oid) AS rule
FROM pg_constraint WHERE contype = 'c' AND array_length(conkey, 1) = 1
"""


NOTHING: list[Any] = [[], {}, (NoneType, None), (int, 0), (bool, False), "NoResultFound"]


def crud_modules(domain: str) -> list[ModuleType]:
    package = importlib.import_module(f"subgraphs.{domain}.crud")
    names = [f"{package.__name__}.{module.name}" for module in pkgutil.iter_modules(package.__path__)]
    return [importlib.import_module(name) for name in (*names, "subgraphs.shared.standing.crud")]


def readers(domain: str) -> list[Callable[..., Any]]:
    return [
        function
        for module in crud_modules(domain)
        for function in vars(module).values()
        if inspect.isfunction(function)
        and function.__module__ == module.__name__
        and (hints := get_type_hints(function)).get("session") == Reader
        and hints["return"] is not NoneType
        # What is given its statement has none of its own.
        and TextClause not in hints.values()
    ]


class Values:
    """Draws values, the same in every run."""

    def __init__(self, words: Mapping[tuple[str, str], Sequence[str]]) -> None:
        self._draw = random.Random()
        self._words = words

    def begin(self, name: str) -> None:
        """What is drawn from here on depends on *name* alone."""
        self._draw.seed(name)

    def row(self, table: Table) -> dict[str, Any]:
        drawn = {column.name: self._of_column(table, column) for column in table.columns}
        return {name: value for name, value in drawn.items() if value is not NotImplemented}

    def _of_column(self, table: Table, column: Column[Any]) -> Any:
        if column.identity is not None or column.computed is not None:
            return NotImplemented
        if column.nullable and self._draw.random() < 0.5:
            return None
        type_ = column.type
        if isinstance(type_, TypeDecorator):
            return self._draw.choice(list(type_.members))
        if isinstance(type_, Text):
            return self._draw.choice(self._words.get((table.name, column.name), WORDS))
        return self._of_type(type_)

    def _of_type(self, type_: Any) -> Any:
        draw = self._draw
        of_types: list[tuple[Any, Callable[[], Any]]] = [
            (Uuid, lambda: draw.choice(PEOPLE)),
            (ARRAY, lambda: draw.sample(WORDS, draw.randrange(3))),
            (JSONB, lambda: {"é": [1, None, True, "x"], "n": draw.randrange(9)}),
            (Boolean, lambda: draw.random() < 0.5),
            (Numeric, lambda: Decimal(draw.randrange(1, 9_999)).scaleb(-(type_.scale or 4))),
            (Integer, lambda: draw.randrange(1, 20)),
            (LargeBinary, lambda: bytes([draw.randrange(3)])),
            (DateTime, lambda: NOON + timedelta(microseconds=draw.randrange(-(10**12), 10**12))),
            (Date, lambda: NOON.date() + timedelta(days=draw.randrange(-9, 9))),
        ]
        return next(make for kind, make in of_types if isinstance(type_, kind))()

    def arguments(self, function: Callable[..., Any]) -> dict[str, Any]:
        hints = get_type_hints(function)
        names = [name for name in inspect.signature(function).parameters if name != "session"]
        drawn = {name: self.of(hints[name]) for name in names}
        if "sort" in drawn and drawn["after"] is not None:
            drawn["after"] = (self._place(drawn["sort"].name), drawn["after"][1])
        return drawn

    def _place(self, sort: str) -> Any:
        if sort in ("CLOSING_SOON", "NEWEST"):
            return self.of(datetime)
        return self.of(Decimal if sort == "HIGHEST_RATE" else int)

    def of(self, hint: Any) -> Any:
        origin, arguments = get_origin(hint), get_args(hint)
        if origin in (Union, UnionType):
            if NoneType in arguments and self._draw.random() < 0.4:
                return None
            return self.of(self._draw.choice([each for each in arguments if each is not NoneType]))
        if origin is Literal:
            return self._draw.choice(arguments)
        if origin is tuple:
            return tuple(self.of(argument) for argument in arguments)
        if origin in (Sequence, Collection, Iterable):
            return [self.of(arguments[0]) for _ in range(self._draw.randrange(4))]
        is_named_tuple = isinstance(hint, type) and issubclass(hint, tuple)
        if is_named_tuple or (dataclasses.is_dataclass(hint) and hint is not PageRequest):
            return hint(**{name: self.of(each) for name, each in get_type_hints(hint).items()})
        if isinstance(hint, type) and issubclass(hint, Enum):
            return self._draw.choice(list(hint))
        return self._plain(hint)

    def _plain(self, hint: Any) -> Any:
        if hint is PageRequest:
            after = Cursor(self.of(datetime), self.of(UUID)) if self._draw.random() < 0.5 else None
            return PageRequest(first=self._draw.randrange(1, 6), after=after)
        kinds: dict[Any, Any] = {
            UUID: Uuid(),
            int: Integer(),
            Decimal: Numeric(9, 4),
            datetime: DateTime(),
            date: Date(),
            bytes: LargeBinary(),
            bool: Boolean(),
        }
        if hint in (str, Any):
            return self._draw.choice([word for words in self._words.values() for word in words] + WORDS)
        return self._of_type(kinds[hint])


async def fill(database: Database, domain: str) -> Values:
    """Rows in all tables of *domain*, free of its rules."""
    words: dict[tuple[str, str], Sequence[str]] = {}
    for rule in await sql_of_the_owner(database, ALLOWED_WORDS):
        # CHECK ((status = ANY (ARRAY['OPEN'::text, 'PAID'::text])))
        if named := rule["rule"].split("'")[1::2]:
            words[rule["table"], rule["column"]] = named
    values = Values(words)
    async with as_owner(database) as session:
        await session.execute(text(DROP_RULES))
        for table in importlib.import_module(f"subgraphs.{domain}.models").Base.metadata.tables.values():
            values.begin(table.name)
            rows = {}
            for number in range(ROWS_PER_TABLE):
                row = values.row(table)
                rows[tuple(row.get(column.name, number) for column in table.primary_key)] = row
            for row in rows.values():
                # Some tables have rows from the beginning, which migrations wrote.
                await session.execute(insert(table).values(row).on_conflict_do_nothing())
    return values


async def answer(function: Callable[..., Any], opened: Any, arguments: dict[str, Any]) -> Any:
    """What *function* finds or is refused, in the session *opened*."""
    try:
        async with opened as session:
            found = function(session, **arguments)
            return plain([row async for row in found] if inspect.isasyncgen(found) else await found)
    except (NoResultFound, MultipleResultsFound) as error:
        return type(error).__name__
    except DBAPIError as error:
        return getattr(error.orig, "sqlstate", None)
    except asyncpg.PostgresError as error:
        return error.sqlstate


def plain(found: Any) -> Any:
    """What *found* holds, with the type of each value."""
    if (
        model := next((each for each in type(found).__mro__ if inspect_mapping(each, raiseerr=False)), None)
    ) is not None:
        return model.__name__, {each.key: plain(getattr(found, each.key)) for each in loaded_columns(model)}
    if dataclasses.is_dataclass(found):
        return type(found).__name__, [plain(getattr(found, field.name)) for field in dataclasses.fields(found)]
    if isinstance(found, Mapping):
        return {key: plain(value) for key, value in found.items()}
    if isinstance(found, Sequence) and not isinstance(found, str | bytes):
        return [plain(value) for value in found]
    return type(found), found


@pytest.mark.parametrize("domain", DOMAINS)
async def test_a_look_finds_what_a_transaction_finds(domain: str, make_database: MakeDatabase) -> None:
    database = await make_database(domain)
    values = await fill(database, domain)
    found_nothing = []
    for function in readers(domain):
        values.begin(function.__qualname__)
        calls = found = 0
        while calls < CALLS_PER_FUNCTION or (not found and calls < CALLS_MAX):
            calls += 1
            arguments = values.arguments(function)
            looked = await answer(function, database.read(), arguments)
            assert looked == await answer(function, database.begin(), arguments), (function.__qualname__, arguments)
            found += looked not in NOTHING
        if not found:
            found_nothing.append(function.__qualname__)
    # Nearly all compare more than emptiness; what is drawn seldom fits four conditions at once.
    assert len(found_nothing) <= len(readers(domain)) // 5, found_nothing
