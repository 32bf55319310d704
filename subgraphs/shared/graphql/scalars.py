"""
Scalars of the graph. `Decimal` is a string on the wire, so no client ever reads money as a float.

Strawberry serves `uuid.UUID`, `datetime.date` and `datetime.datetime` as `UUID`, `Date` and `DateTime`; identifiers
are plain `ID` in the graph, so that a client need not know how we make them.
"""

from decimal import Decimal
from uuid import UUID

import strawberry
from graphql import GraphQLError
from strawberry.types.scalar import ScalarDefinition

DECIMAL_CHARACTERS_MAX = 40


def parse_id(value: object) -> UUID | None:
    """
    The UUID in an `ID`; None when it is not one.

    An identifier that cannot exist is treated like one that does not exist: the answer is absence, not an error.
    """
    try:
        return UUID(str(value))
    except ValueError:
        return None


def require_id(value: object) -> UUID:
    """The UUID in an `ID`; an `ID` that is none becomes the nil UUID, which nothing has."""
    return parse_id(value) or UUID(int=0)


def parse_decimal(value: object) -> Decimal:
    """A `Decimal` from the wire. Floats are refused: they have already lost what they meant."""
    if isinstance(value, Decimal):
        return value
    if isinstance(value, bool) or not isinstance(value, str | int) or len(str(value)) > DECIMAL_CHARACTERS_MAX:
        raise GraphQLError('Decimal takes a string like "1234.56"')
    try:
        number = Decimal(value)
    except ArithmeticError:
        raise GraphQLError(f'Decimal cannot represent {value!r}; send a string like "1234.56"') from None
    if not number.is_finite():
        raise GraphQLError("Decimal takes finite numbers")
    # "1e999999999" is short, but writing it out would fill the memory.
    if abs(number.adjusted()) >= DECIMAL_CHARACTERS_MAX:
        raise GraphQLError(f"Decimal takes numbers of at most {DECIMAL_CHARACTERS_MAX} digits")
    return number


DECIMAL = strawberry.scalar(
    name="Decimal",
    description='A decimal number as a string: "1234.56". Never a float.',
    serialize=lambda value: format(value, "f"),
    parse_value=parse_decimal,
)

SCALARS: dict[object, ScalarDefinition] = {Decimal: DECIMAL}
