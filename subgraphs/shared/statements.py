"""
Statements written once.

Writing a SELECT with SQLAlchemy, and finding out that its SQL is known already, costs as much CPU as executing it. So
what screens read is a constant above its function in `crud/`, and takes its values by name at execution.
"""

from typing import Any

from sqlalchemy import ColumnElement, TableValuedAlias, any_, bindparam, func
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import InstrumentedAttribute


def is_any_of(column: InstrumentedAttribute[Any], name: str) -> ColumnElement[bool]:
    """
    Whether *column* is one of the values in parameter *name*, a list.

    `IN` has a text of its own for each number of values; an array keeps one, and the server one prepared statement.
    """
    return column == any_(bindparam(name, type_=ARRAY(column.type)))


ONCE_FOR_ALL = {"dml_strategy": "raw"}
"""Execution option of an INSERT from `rows_of`: its parameters are lists, not the values of one mapped object."""


def rows_of(*columns: InstrumentedAttribute[Any]) -> TableValuedAlias:
    """
    Rows that parameters give, a list for each of *columns*, named like it: what many are written from at once.

    `VALUES` has a text of its own for each number of rows.
    """
    lists = (bindparam(column.key, type_=ARRAY(column.type)) for column in columns)
    return func.unnest(*lists).table_valued(*(column.key for column in columns)).render_derived(name="given")
