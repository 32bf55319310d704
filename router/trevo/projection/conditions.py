"""What the variables of `@skip` and `@include` decided."""

from collections.abc import Mapping

from trevo.errors import refuse


def check_conditions(names: tuple[str, ...], conditions: Mapping[str, bool]) -> None:
    """
    See that *names* have values.

    A variable with a default may be declared nullable and still stand in `@skip(if:)`; sent as null it decides
    nothing, which is refused here (`BAD_USER_INPUT`) because no field could say so later.
    """
    for name in names:
        if name not in conditions:
            raise refuse(
                "BAD_USER_INPUT", f"Variable '${name}' is used in @skip, @include or @defer and must not be null."
            )
