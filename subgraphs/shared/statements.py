"""
Statements written once.

Writing a SELECT with SQLAlchemy, and finding out that its SQL is known already, costs as much CPU as executing it. So
what screens read is a constant above its function in `crud/`, and takes its values by name at execution.
"""

from typing import Any

from sqlalchemy import ColumnElement, Table, TableValuedAlias, any_, bindparam, func
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute


def is_any_of(column: InstrumentedAttribute[Any], name: str) -> ColumnElement[bool]:
    """
    Whether *column* is one of the values in parameter *name*, a list.

    `IN` has a text of its own for each number of values; an array keeps one, and the server one prepared statement.
    """
    return column == any_(bindparam(name, type_=ARRAY(column.type)))


def table_of(model: type[DeclarativeBase]) -> Table:
    """
    The table of *model*, for an INSERT from `rows_of`.

    Its parameters are lists, not the values of mapped objects; and what writes to a table alone takes half of the CPU.
    Such a statement returns columns of the table, not the model's.
    """
    table = model.__table__
    if not isinstance(table, Table):
        raise TypeError(f"{model} is not mapped to a table")
    return table


def rows_of(*columns: InstrumentedAttribute[Any]) -> TableValuedAlias:
    """
    Rows that parameters give, a list for each of *columns*, named like it: what many are written from at once.

    `VALUES` has a text of its own for each number of rows.
    """
    lists = (bindparam(column.key, type_=ARRAY(column.type)) for column in columns)
    return func.unnest(*lists).table_valued(*(column.key for column in columns)).render_derived(name="given")
