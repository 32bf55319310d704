"""
A price as text: each field with what it costs, the dearest type where there are several.

    offerings: 1 × (1 + 1500) = 1501
      nodes: 20 × (1 + 74) = 1500
"""

from collections.abc import Iterator

from trevo.door.cost.price import FieldPrice, OperationPrice, Selected, Values, amount_in


def print_price(price: OperationPrice, variables: Values) -> str:
    """The tree of *price* with *variables*, and its sum. What costs nothing is left out."""
    values = price.values_of(variables)
    lines = [f"cost: {price.estimate(variables):g}", *_selected(price.root, values, 1)]
    return "\n".join(lines)


def _selected(selected: Selected, values: Values, level: int) -> Iterator[str]:
    name, prices = selected.dearest(values)
    if len(selected.by_type) > 1:
        yield f"{'  ' * level}on {name}"
        level += 1
    for price in prices:
        yield from _field(price, values, level)


def _field(price: FieldPrice, values: Values, level: int) -> Iterator[str]:
    if not price.holds(values):
        yield f"{'  ' * level}{_label(price)}: skipped"
        return
    size = amount_in(price.size, values)
    below = price.below.estimate(values) if price.below else 0.0
    arguments = amount_in(price.arguments, values)
    added = f" + {arguments:g}" if arguments else ""
    inner = f"({price.weight:g} + {below:g})" if price.below and below else f"{price.weight:g}"
    yield f"{'  ' * level}{_label(price)}: {size:g} × {inner}{added} = {price.estimate(values):g}"
    if price.below:
        yield from _selected(price.below, values, level + 1)


def _label(price: FieldPrice) -> str:
    return price.name if price.key == price.name else f"{price.key}: {price.name}"
