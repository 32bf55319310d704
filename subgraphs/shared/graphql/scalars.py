"""
Scalars of the graph. `Decimal` is a string on the wire, so no client ever reads money as a float.

`Date` and `DateTime` take one form each, so that no two readers differ. Identifiers are plain `ID` in the graph, so
that a client need not know how we make them.
"""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import strawberry
from graphql import GraphQLError
from strawberry.types.scalar import ScalarDefinition

from subgraphs.shared.instants import read_day, read_instant
from subgraphs.shared.money import InvalidAmount, read_decimal

_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
"""Written out. Python also takes braces, prefixes, underscores and any script's digits: other names of one thing."""


def parse_id(value: object) -> UUID | None:
    """
    The UUID in an `ID`; None when it is not one.

    An identifier that cannot exist is treated like one that does not exist: the answer is absence, not an error.
    """
    text = str(value)
    return UUID(text) if _UUID.fullmatch(text) else None


def require_id(value: object) -> UUID:
    """The UUID in an `ID`; an `ID` that is none becomes the nil UUID, which nothing has."""
    return parse_id(value) or UUID(int=0)


def parse_decimal(value: object) -> Decimal:
    """
    A `Decimal` from the wire, variable or literal alike: a string, as it goes out.

    Numbers are refused, whole ones too: a client that sends them has computed with floats, or soon will.
    """
    try:
        return read_decimal(value)
    except InvalidAmount:
        raise GraphQLError('Decimal takes a string of digits like "1234.56"') from None


def write_decimal(value: Decimal) -> str:
    return format(value, "f")


DECIMAL = strawberry.scalar(
    name="Decimal",
    description='An exact decimal number as a string: "1234.56", "-5", "0.18". A minus where it is below zero, digits, '
    "and where there are decimal places a point and those digits; no plus, no exponent, no separators of thousands. "
    "JSON's numbers are refused: who sends them has reckoned with floats.",
    specified_by_url="https://www.w3.org/TR/xmlschema11-2/#decimal",
    serialize=write_decimal,
    parse_value=parse_decimal,
)


def parse_date(value: object) -> date:
    try:
        return read_day(value)
    except ValueError:
        raise GraphQLError('Date takes a day like "2026-11-23"') from None


def parse_date_time(value: object) -> datetime:
    try:
        return read_instant(value)
    except ValueError:
        raise GraphQLError('DateTime takes an instant with its offset, like "2026-11-23T12:00:00Z"') from None


def write_date_time(value: datetime) -> str:
    """
    *value* in the one form of instants, `"2026-11-23T12:00:00.000Z"`: in UTC, cut to milliseconds.

    Raises ValueError for one without an offset, which says no instant.
    """
    if value.tzinfo is not UTC:
        if value.tzinfo is None:
            raise ValueError(f"{value} has no offset")
        value = value.astimezone(UTC)
    return f"{value.isoformat(timespec='milliseconds')[:-6]}Z"


DATE = strawberry.scalar(
    name="Date",
    description='A day: "2026-11-23". In Brasília, unless it is said otherwise.',
    specified_by_url="https://scalars.graphql.org/andimarek/local-date.html",
    serialize=date.isoformat,
    parse_value=parse_date,
)
DATE_TIME = strawberry.scalar(
    name="DateTime",
    description='An instant: "2026-11-23T12:00:00.000Z". Sent in UTC (`Z`) with three decimal places of the second, '
    "the rest cut off. Read with `Z` or any offset from UTC (`-03:00`), and with up to six decimal places or none.",
    specified_by_url="https://scalars.graphql.org/andimarek/date-time.html",
    serialize=write_date_time,
    parse_value=parse_date_time,
)

SCALARS: dict[object, ScalarDefinition] = {Decimal: DECIMAL, date: DATE, datetime: DATE_TIME}
