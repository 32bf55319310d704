"""
When something is of use, by the values of the client's Boolean variables.

    name @include(if: $a) @skip(if: $b)     a condition: a, and not b
    two fields that need the same           conditions, any of which is enough: a; or b, and not a
"""

from collections.abc import Iterable, Mapping

Condition = frozenset[tuple[str, bool]]
"""
Variables with the value each must have, its default already applied: `@include(if: $a) @skip(if: $b)` is
`{(a, True), (b, False)}`.
"""

ALWAYS: Condition = frozenset()

Conditions = frozenset[Condition]
"""Any of which is enough; none that another implies."""

UNCONDITIONALLY: Conditions = frozenset({ALWAYS})


def any_of(conditions: Iterable[Condition]) -> Conditions:
    """*conditions* without those that another implies."""
    found = set(conditions)
    if ALWAYS in found:
        return UNCONDITIONALLY
    return frozenset(each for each in found if not any(other < each for other in found))


def in_common(conditions: Conditions) -> Condition:
    """What holds whichever of *conditions* does."""
    return frozenset.intersection(*conditions)


def hold(conditions: Conditions, values: Mapping[str, bool]) -> bool:
    """Whether any of *conditions* holds where the variables have these *values*."""
    return any(holds(each, values) for each in conditions)


def holds(condition: Condition, values: Mapping[str, bool]) -> bool:
    """Whether *condition* holds where the variables have these *values*."""
    return all(values[variable] is wanted for variable, wanted in condition)
