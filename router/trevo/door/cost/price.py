"""
The price of one operation: a tree in which only what costs something is left.

What does not depend on a request's variables is a number already, so pricing a request walks only the branches with a
variable in them, and usually nothing at all.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from trevo.door.too_much import TooMuch

Values = Mapping[str, Any]
"""The variables of one request, by name, as the client sent them."""

Amount = float | Callable[[Values], float]
"""A number, or how to get it from the variables."""

Condition = frozenset[tuple[str, bool]]
"""Variables with the value that each must have."""


def amount_in(amount: Amount, values: Values) -> float:
    return amount(values) if callable(amount) else amount


def total(amounts: Iterable[Amount]) -> Amount:
    """The sum, of which the known part is added up here and now."""
    known = 0.0
    unknown: list[Callable[[Values], float]] = []
    for amount in amounts:
        if callable(amount):
            unknown.append(amount)
        else:
            known += amount
    if not unknown:
        return known
    return lambda values: known + sum(each(values) for each in unknown)


@dataclass(frozen=True, slots=True)
class FieldPrice:
    """
    One selected field: `size × (weight + what is below) + arguments`, never less than nothing.

    Arguments may have negative weights, for those that spare work.
    """

    key: str
    """The response key."""
    name: str
    weight: float
    size: Amount = 1.0
    arguments: Amount = 0.0
    below: "Selected | None" = None
    conditions: tuple[Condition, ...] = ()
    """It is selected if one of them holds; always where there are none."""
    known: float | None = field(default=None, init=False)
    """The estimate, where no variable has a part in it."""

    def __post_init__(self) -> None:
        depends = self.conditions or callable(self.size) or callable(self.arguments)
        if not depends and (self.below is None or self.below.known is not None):
            object.__setattr__(self, "known", self._work_out({}))

    def estimate(self, values: Values) -> float:
        if self.known is not None:
            return self.known
        return self._work_out(values) if self.holds(values) else 0.0

    def holds(self, values: Values) -> bool:
        return not self.conditions or any(
            all(values.get(name) is wanted for name, wanted in condition) for condition in self.conditions
        )

    def _work_out(self, values: Values) -> float:
        below = self.below.estimate(values) if self.below else 0.0
        cost = amount_in(self.size, values) * (self.weight + below) + amount_in(self.arguments, values)
        return max(cost, 0.0)

    def measure(self, value: Any, values: Values) -> float:
        """What it came to: *value* is what the response has in its place."""
        return max(self._measure(value, values) + amount_in(self.arguments, values), 0.0)

    def _measure(self, value: Any, values: Values) -> float:
        if value is None:
            return 0.0
        if isinstance(value, list):
            return sum(self._measure(item, values) for item in value)
        below = self.below.measure(value, values) if self.below and isinstance(value, dict) else 0.0
        return self.weight + below


@dataclass(frozen=True, slots=True)
class Selected:
    """What is selected of an object: the fields that cost something, by the type that the object may turn out to be."""

    by_type: Mapping[str, tuple[FieldPrice, ...]]
    known: float | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        if all(price.known is not None for prices in self.by_type.values() for price in prices):
            object.__setattr__(self, "known", self._work_out({}))

    def estimate(self, values: Values) -> float:
        """Of the dearest type."""
        return self._work_out(values) if self.known is None else self.known

    def dearest(self, values: Values) -> tuple[str, tuple[FieldPrice, ...]]:
        """The type that costs most, with its fields."""
        return max(
            self.by_type.items(), key=lambda each: sum(price.estimate(values) for price in each[1]), default=("", ())
        )

    def _work_out(self, values: Values) -> float:
        return max((sum(price.estimate(values) for price in prices) for prices in self.by_type.values()), default=0.0)

    def measure(self, data: Mapping[str, Any], values: Values) -> float:
        # Which type it was, the response need not say; what it has of each type is enough.
        return max(
            (
                sum(price.measure(data[price.key], values) for price in prices if price.key in data)
                for prices in self.by_type.values()
            ),
            default=0.0,
        )


@dataclass(frozen=True, slots=True)
class OperationPrice:
    """The price of a whole operation."""

    root: Selected
    defaults: Values = field(default_factory=dict)
    """Of variables that have one."""
    known_by_field: Mapping[str, float] | None = field(default=None, init=False)
    """The estimate of each root field, where no variable has a part in any."""

    def __post_init__(self) -> None:
        if self.root.known is not None:
            object.__setattr__(self, "known_by_field", self._work_out_by_field({}))

    def estimate(self, variables: Values) -> float:
        """
        What the operation will cost with *variables*.

        Raises TooMuch with `COST_SLICING_ARGUMENT_REQUIRED` where the schema wants to be told how long a list will be.
        """
        if self.root.known is not None:
            return self.root.known
        return self.root.estimate(self.values_of(variables))

    def estimate_by_field(self, variables: Values) -> Mapping[str, float]:
        """The same for each root field, by its name; all selections of one field together."""
        if self.known_by_field is not None:
            return self.known_by_field
        return self._work_out_by_field(self.values_of(variables))

    def _work_out_by_field(self, values: Values) -> dict[str, float]:
        costs: dict[str, float] = {}
        for price in self.root.dearest(values)[1]:
            costs[price.name] = costs.get(price.name, 0.0) + price.estimate(values)
        return costs

    def measure(self, data: Any, variables: Values) -> float:
        """What it came to: *data* is the response's. Looks at each object of it, never at leaves."""
        return self.root.measure(data, self.values_of(variables)) if isinstance(data, dict) else 0.0

    def values_of(self, variables: Values) -> Values:
        return {**self.defaults, **variables} if self.defaults else variables


def check_cost(estimated: float, cost_max: float) -> None:
    """Raise TooMuch with `COST_ESTIMATED_TOO_EXPENSIVE` if what a request asks for costs more than it may."""
    if estimated > cost_max:
        raise TooMuch(
            "COST_ESTIMATED_TOO_EXPENSIVE",
            f"This would cost {estimated:g}, and {cost_max:g} is allowed at once. "
            "Ask for shorter pages, for fewer lists inside lists, or in several requests.",
            cost={"estimated": estimated, "max": cost_max},
        )
