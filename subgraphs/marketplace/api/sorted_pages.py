"""
Pages of lists in any of their orders.

The kernel's cursor is an instant and an id; offerings are also sorted by rate, term or funding, and offers of quotas by
price, so their cursor names its order and carries that order's value.
"""

import base64
import binascii
from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Any
from uuid import UUID

from graphql import GraphQLError

from subgraphs.marketplace.crud.sorted_lists import Place, Row, SortKey
from subgraphs.shared.graphql.paging import PageInfo, PageRequest


def cut_sorted_page(
    rows: Sequence[Row], page: PageRequest, sort: StrEnum, key: SortKey[Row]
) -> tuple[Sequence[Row], PageInfo]:
    """The rows that belong to *page* (of the up to `limit` found, in the order *sort* by *key*) and its `pageInfo`."""
    kept = rows[: page.first]
    end = encode_cursor(sort, key.value_of(kept[-1]), kept[-1].id) if kept else None
    return kept, PageInfo(has_next_page=len(rows) > page.first, end_cursor=end)


def encode_cursor(sort: StrEnum, value: Any, row_id: UUID) -> str:
    """The place of a row with *value* in a list of that order."""
    text = value.isoformat() if hasattr(value, "isoformat") else str(value)
    return base64.urlsafe_b64encode(f"{sort.value}|{text}|{row_id}".encode()).decode()


def decode_cursor(sort: StrEnum, cursor: str, parse: Callable[[str], Any]) -> Place:
    """The sort value and id after which the page begins. Raises a client's error for what is no cursor of *sort*."""
    try:
        named, value, row_id = base64.urlsafe_b64decode(cursor.encode()).decode().split("|")
        if named != sort.value:
            raise _bad("`after` belongs to a list in another order")
        return parse(value), UUID(row_id)
    except (ValueError, ArithmeticError, binascii.Error, UnicodeError):
        raise _bad("`after` must be the endCursor of an earlier page") from None


def _bad(message: str) -> GraphQLError:
    return GraphQLError(message, extensions={"code": "BAD_USER_INPUT"})
