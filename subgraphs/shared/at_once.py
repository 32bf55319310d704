"""
Many rows written in one statement, which has one text however many they are.

SQLAlchemy hands the driver an INSERT or UPDATE of one row with a list of rows, and the server executes it row by row.
Here such a statement takes each column's values as an array. Nobody who writes has to know: objects that are added to
a session, or changed in it, are written so when it flushes.

    INSERT INTO holds (id, status) VALUES ($1::UUID, $2::VARCHAR)
    INSERT INTO holds (id, status) SELECT * FROM unnest($1::UUID[], $2::VARCHAR[])

What is not of this form stays as it is: values that the server works out, arrays, what answers with its rows.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

_TYPE = r"(?:TIMESTAMP WITH TIME ZONE|DOUBLE PRECISION|[A-Z]+(?:\(\d+(?:, \d+)?\))?)"
_VALUE = rf"\$\d+::{_TYPE}"
_SET, _FOUND = rf'"?\w+"?={_VALUE}', rf'\w+\."?\w+"? = {_VALUE}'
_INSERT = re.compile(rf'(INSERT INTO \w+ \([\w", ]+\)) VALUES \(({_VALUE}(?:, {_VALUE})*)\)')  # noqa: S608  # a pattern
_UPDATE = re.compile(rf"(UPDATE \w+) SET ({_SET}(?:, {_SET})*) WHERE ({_FOUND}(?: AND {_FOUND})*)")  # noqa: S608  # a pattern
_EACH_VALUE = re.compile(rf"\$(\d+)::({_TYPE})")


def write_at_once(engine: AsyncEngine) -> None:
    """Have what is written over *engine* for many rows written so."""
    event.listen(engine.sync_engine, "before_cursor_execute", _at_once, retval=True)


def _at_once(
    _connection: Any, _cursor: Any, statement: str, rows: Any, _context: Any, executemany: bool
) -> tuple[str, Any]:
    if not executemany:
        return statement, rows
    text, keys = for_all(statement)
    if text is None or _meets_a_row_twice(rows, keys):
        return statement, rows
    return text, [tuple(map(list, zip(*rows, strict=True)))]


def _meets_a_row_twice(rows: Sequence[Sequence[Any]], keys: Sequence[int]) -> bool:
    """Whether an UPDATE changes one row more than once; each is then to see what the one before it has done."""
    return bool(keys) and len({tuple(row[key] for key in keys) for row in rows}) < len(rows)


@lru_cache(maxsize=500)
def for_all(statement: str) -> tuple[str | None, tuple[int, ...]]:
    """
    The text of *statement* for all rows at once, if it has such a form.

    And the places of the values by which an UPDATE finds its rows.
    """
    if insert := _INSERT.fullmatch(" ".join(statement.split())):
        return f"{insert[1]} SELECT * FROM {_arrays(insert[2])}", ()  # noqa: S608  # texts of SQLAlchemy's
    if update := _UPDATE.fullmatch(" ".join(statement.split())):
        table, new, found = update.groups()
        names = ", ".join(f"v{value[1]}" for value in _EACH_VALUE.finditer(f"{new} {found}"))
        given = f"{_arrays(f'{new} {found}')} AS given({names})"
        keys = tuple(int(value[1]) - 1 for value in _EACH_VALUE.finditer(found))
        return f"{table} SET {_named(new)} FROM {given} WHERE {_named(found)}", keys
    return None, ()


def _arrays(values: str) -> str:
    return f"unnest({', '.join(f'${value[1]}::{value[2]}[]' for value in _EACH_VALUE.finditer(values))})"


def _named(values: str) -> str:
    return _EACH_VALUE.sub(r"given.v\1", values)
