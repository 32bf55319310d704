"""
Lists in an order, page by page.

A page continues after the sort value and the id of the last row seen, so it stays right while rows come and go.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Select, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from subgraphs.marketplace.models import Offering, QuotaOffer

Place = tuple[Any, UUID]
"""The sort value and the id of a row."""

Row = TypeVar("Row", Offering, QuotaOffer)
Statement = TypeVar("Statement", bound=Select[Any])


@dataclass(frozen=True)
class Order:
    """By a value, and by id where that is the same."""

    value: ColumnElement[Any] | InstrumentedAttribute[Any]
    row_id: InstrumentedAttribute[UUID]
    descending: bool = False


@dataclass(frozen=True)
class SortKey(Generic[Row]):
    """An order that can be asked for: how a cursor gets its value of a row, and reads one back."""

    order: Order
    value_of: Callable[[Row], Any]
    parse: Callable[[str], Any]


def in_order(statement: Statement, order: Order) -> Statement:
    """*statement*, in *order*."""
    if order.descending:
        return statement.order_by(order.value.desc(), order.row_id.desc())
    return statement.order_by(order.value, order.row_id)


def beyond(statement: Statement, order: Order, place: Place | None) -> Statement:
    """Of *statement* the rows that come after *place* in *order*; None stands before them all."""
    if place is None:
        return statement
    here, there = tuple_(order.value, order.row_id), tuple_(*place)
    return statement.where(here < there if order.descending else here > there)


def values_of(wanted: object) -> dict[str, Any]:
    """The values of a filter's fields that look for something; one status alone is called `status`."""
    values = {name: value for name, value in vars(wanted).items() if value is not None}
    if len(values.get("statuses", ())) == 1:
        # An index by status gives its rows in the order of a page only where one status is asked for, not a list.
        [values["status"]] = values.pop("statuses")
    return values


def read_whole(text: str) -> int:
    """A whole number of a cursor. Raises ValueError for what is none."""
    if not _WHOLE.fullmatch(text):
        raise ValueError("not a whole number that a page could end with")
    return int(text)


_WHOLE = re.compile(r"[0-9]{1,9}")
