"""
What fields take from the objects above theirs (`@fromContext`).

    orders . 0   { currency: "BRL", item: { id: 1 } }       $_context_0 = "BRL" for the items 1 and 2,
    orders . 1   { currency: "USD", item: { id: 1 } }       "USD" for the item 1
    orders . 2   { currency: "BRL", item: { id: 2 } }

One call has one value for each of its variables. So the objects of a call are told apart by what is above them, and it
is called once for each of those.

A null is a value, where the argument may be null. Where it may not, or where nothing above sets the context, the object
is not asked about; nor where what would be read has failed, for whatever is computed from it would be wrong.
"""

from dataclasses import dataclass, field
from typing import Any

from trevo.door import exact_json
from trevo.execute.errors import Failures
from trevo.execute.representations import Lack, Unrepresentable, check_items, says_it_is
from trevo.execute.response_path import Above, find_objects_below
from trevo.plan.nodes import Context, EntityCall, RepresentationField, RepresentationSelection


@dataclass(slots=True)
class InContext:
    """Objects for which the variables of contexts have the same *values*."""

    values: tuple[Any, ...]
    objects: list[dict[str, Any]] = field(default_factory=list)


def tell_apart(
    data: dict[str, Any], call: EntityCall, failures: Failures
) -> tuple[list[InContext], list[tuple[dict[str, Any], Lack]]]:
    """The objects of *call* by their contexts; and those that cannot be asked about, each with the reason."""
    found: dict[str, InContext] = {}
    lacking: list[tuple[dict[str, Any], Lack]] = []
    for path in call.paths:
        for node, above in find_objects_below(data, path):
            try:
                values = tuple(_value_of(context, above, failures) for context in call.contexts)
            except Unrepresentable as reason:
                lacking.append((node, reason.lack))
                continue
            identity = exact_json.dumps(values).decode()
            if identity not in found:
                found[identity] = InContext(values)
            found[identity].objects.append(node)
    return list(found.values()), lacking


def _value_of(context: Context, above: Above | None, failures: Failures) -> Any:
    level = 1
    for source in context.sources:
        while above is not None and level < source.level:
            above, level = above[1], level + 1
        if above is None:
            break
        holder = above[0]
        if source.type_names is not None and not says_it_is(holder, source.type_names):
            if failures.has_failed(holder, "__typename"):
                raise Unrepresentable(Lack.FAILED)
            continue
        value = _read(holder, source.selections, failures)
        if not _fits(context.type_text, value):
            break
        return value
    raise Unrepresentable(Lack.CONTEXT)


def _read(node: dict[str, Any], selections: tuple[RepresentationSelection, ...], failures: Failures) -> Any:
    """The one leaf that *selections* lead to."""
    for each in selections:
        if not isinstance(each, RepresentationField):
            if says_it_is(node, each.type_names):
                return _read(node, each.selections, failures)
        elif each.name != "__typename":
            value = node.get(each.source)
            if value is None and failures.has_failed(node, each.source):
                raise Unrepresentable(Lack.FAILED)
            if type(value) is list:
                check_items(value, failures)
            return _read_below(value, each.selections, failures) if each.selections else value
    return None


def _read_below(value: Any, selections: tuple[RepresentationSelection, ...], failures: Failures) -> Any:
    if type(value) is list:
        return [_read_below(item, selections, failures) for item in value]
    return _read(value, selections, failures) if type(value) is dict else None


def _fits(type_text: str, value: Any) -> bool:
    """Whether *value* has no null where the type allows none: a subgraph would refuse the whole request for it."""
    if type_text.endswith("!"):
        return value is not None and _fits(type_text[:-1], value)
    if type_text.startswith("[") and type(value) is list:
        return all(_fits(type_text[1:-1], item) for item in value)
    return True
