"""`Money` in the graph: one definition, alike in every subgraph."""

from decimal import Decimal
from enum import Enum

import strawberry

from subgraphs.shared.money import InvalidAmount, to_decimal, to_minor
from subgraphs.shared.refusal import InvalidInput


@strawberry.enum(description="Currencies of the platform.")
class Currency(Enum):
    BRL = "BRL"
    """The Brazilian real, R$."""


@strawberry.federation.type(shareable=True, description="An amount of money. The amount is an exact decimal.")
class Money:
    amount: Decimal = strawberry.field(
        description='In the currency\'s main unit, always with its two decimal places: "1234.56" is R$ 1,234.56.'
    )
    currency: Currency = strawberry.field(description="Which currency it is in.")

    @classmethod
    def of_minor(cls, minor: int) -> "Money":
        """Money of *minor* cents."""
        return cls(amount=to_decimal(minor), currency=Currency.BRL)

    @classmethod
    def of_minor_or_none(cls, minor: int | None) -> "Money | None":
        return None if minor is None else cls.of_minor(minor)


@strawberry.input(description="An amount of money; at most two decimal places.")
class MoneyInput:
    amount: Decimal = strawberry.field(
        description='In the currency\'s main unit, as a string: "1234.5" and "1234.50" are the same.'
    )
    currency: Currency = strawberry.field(
        default=Currency.BRL, description="BRL unless said otherwise; there is no other yet."
    )

    def to_minor(self, field: str = "amount") -> int:
        """
        Whole cents. Refuses with InvalidInput for fractions of a cent and amounts out of range.

        It names *field*, of which an input may have several.
        """
        try:
            return to_minor(self.amount)
        except InvalidAmount as error:
            raise InvalidInput(
                field=field, reason=str(error), reason_pt="O valor precisa ter até duas casas decimais."
            ) from None
