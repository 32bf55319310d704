"""
How a mutation is declared: by its success, which the resolver returns, and the refusals that its verb raises.

    @mutation(refusals.OfferingNotFound, refusals.OfferingClosed, description="Invest in an offering.")
    async def invest(info: Info, input: InvestInput) -> Investment: ...

is `invest(input: InvestInput!): InvestResult` with `union InvestResult = Investment | OfferingNotFound |
OfferingClosed | IdempotencyKeyReused | InvalidInput`.
"""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Annotated, Any, Union

import strawberry
from strawberry.types.base import WithStrawberryObjectDefinition
from strawberry.utils.str_converters import to_camel_case

from subgraphs.shared.graphql.refusals import in_graph, type_of
from subgraphs.shared.refusal import Busy, IdempotencyKeyReused, InvalidInput, Refusal


def mutation(
    *refusals: type[Refusal],
    description: str,
    name: str | None = None,
    result: str | None = None,
    result_name: str | None = None,
    directives: Sequence[object] = (),
) -> Callable[[Callable[..., Any]], Any]:
    """
    A mutation that may be refused with *refusals*; what takes an input with InvalidInput too, and what takes a key
    with IdempotencyKeyReused.

    *result* describes the union; its name is the field's, unless there is a *result_name*. The argument is described
    as its type is.
    """

    def declared(resolver: Callable[..., Any]) -> Any:
        field_name = name or to_camel_case(resolver.__name__)
        kinds, success = _all_refusals(refusals, resolver), resolver.__annotations__["return"]
        union = strawberry.union(
            result_name or f"{field_name[0].upper()}{field_name[1:]}Result",
            description=result or f"{_name_of(success)} when it is done; otherwise the rule that said no.",
        )
        members = (success, *map(type_of, kinds))
        _describe_input(resolver)

        @wraps(resolver)
        async def answer(*arguments: Any, **named: Any) -> Any:
            # Here the refusal has left the resolver's transaction, which has been rolled back.
            try:
                return await resolver(*arguments, **named)
            except kinds as refused:
                return in_graph(refused)

        return strawberry.mutation(
            answer,
            name=name,
            description=description,
            directives=directives,
            graphql_type=Annotated[Union[members], union],  # noqa: UP007  # made at run time
        )

    return declared


def _name_of(type_: type[WithStrawberryObjectDefinition]) -> str:
    return type_.__strawberry_definition__.name


def _describe_input(resolver: Callable[..., Any]) -> None:
    input_type = resolver.__annotations__.get("input")
    if input_type is not None:
        description = input_type.__strawberry_definition__.description
        resolver.__annotations__["input"] = Annotated[input_type, strawberry.argument(description=description)]


def _all_refusals(own: Sequence[type[Refusal]], resolver: Callable[..., Any]) -> tuple[type[Refusal], ...]:
    """A mutation's *own* refusals, then those about how it was sent."""
    input_type = resolver.__annotations__.get("input")
    of_sending = {
        IdempotencyKeyReused: "idempotency_key" in getattr(input_type, "__annotations__", {}),
        Busy: Busy in own,
        InvalidInput: input_type is not None,
    }
    return (
        *(kind for kind in own if kind not in of_sending),
        *(kind for kind, is_given in of_sending.items() if is_given),
    )
