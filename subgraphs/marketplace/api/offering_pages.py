"""
Pages of offerings in any of their orders.

The kernel's cursor is an instant and an id; offerings are also sorted by rate, term or funding, so their cursor names
its order and carries that order's value.
"""

import base64
import binascii
from typing import Any
from uuid import UUID

from graphql import GraphQLError

from subgraphs.marketplace import models
from subgraphs.marketplace.crud.offering_search import SORT_KEYS, OfferingSort


def encode_cursor(sort: OfferingSort, row: models.Offering) -> str:
    value = SORT_KEYS[sort].value_of(row)
    text = value.isoformat() if hasattr(value, "isoformat") else str(value)
    return base64.urlsafe_b64encode(f"{sort.value}|{text}|{row.id}".encode()).decode()


def decode_cursor(sort: OfferingSort, cursor: str) -> tuple[Any, UUID]:
    """The sort value and id after which the page begins. Raises a client's error for what is no cursor of *sort*."""
    try:
        named, value, row_id = base64.urlsafe_b64decode(cursor.encode()).decode().split("|")
        if named != sort.value:
            raise _bad("`after` belongs to a list in another order")
        return SORT_KEYS[sort].parse(value), UUID(row_id)
    except (ValueError, ArithmeticError, binascii.Error, UnicodeError):
        raise _bad("`after` must be the endCursor of an earlier page") from None


def _bad(message: str) -> GraphQLError:
    return GraphQLError(message, extensions={"code": "BAD_USER_INPUT"})
