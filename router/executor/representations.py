"""
From objects of the data tree to the representations that ask for them elsewhere.

    tree object                                    representation
    {"__typename": "Book", "id": "1", "w": 3}  →   {"__typename": "Book", "id": "1", "weight": 3}

Which members are sent depends on the object's runtime type. Without its whole key an object is not sent. A member
that a `@requires` asked for is sent as it is, null included, and left out where nobody gave it; but where it is
missing because a subgraph failed, the object is not sent, for whatever would be computed from it would be wrong
without saying so.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import orjson

from router.plan.nodes import RepresentationField, RepresentationInput, RepresentationSelection

HasFailed = Callable[[dict[str, Any], str], bool]
"""Whether this member of this object is null or absent because a subgraph failed to bring it."""


@dataclass(slots=True)
class Collected:
    """The representations of one call, each sent once, and the objects that wait for each answer."""

    representations: list[dict[str, Any]] = field(default_factory=list)
    waiting: list[list[dict[str, Any]]] = field(default_factory=list)
    """For each representation, the objects of the tree that it stands for."""
    failed: list[dict[str, Any]] = field(default_factory=list)
    """Objects that cannot be asked about because an earlier failure left a member out."""


class _Unrepresentable(Exception):
    """A member is missing; *by_failure* tells whether a subgraph failed or no such entity exists."""

    def __init__(self, *, by_failure: bool = False) -> None:
        super().__init__()
        self.by_failure = by_failure


def collect_representations(
    objects: list[dict[str, Any]], inputs: tuple[RepresentationInput, ...], has_failed: HasFailed
) -> Collected:
    """Represent each of *objects* once; objects with equal representations share one."""
    collected = Collected()
    index_by_identity: dict[Any, int] = {}
    # Backwards, so that the first input of a type wins.
    by_type = {type_name: input_ for input_ in reversed(inputs) for type_name in input_.type_names}
    for node in objects:
        type_name = node.get("__typename")
        input_ = inputs[0] if type_name is None else by_type.get(type_name)
        if input_ is None:
            continue
        try:
            representation = _represent(node, input_, has_failed)
        except _Unrepresentable as reason:
            if reason.by_failure:
                collected.failed.append(node)
            continue
        identity = _identity(representation)
        index = index_by_identity.get(identity)
        if index is None:
            index_by_identity[identity] = len(collected.representations)
            collected.representations.append(representation)
            collected.waiting.append([node])
        else:
            collected.waiting[index].append(node)
    return collected


def _represent(node: dict[str, Any], input_: RepresentationInput, has_failed: HasFailed) -> dict[str, Any]:
    type_name = input_.typename or node.get("__typename")
    if type_name is None:
        # Only an object of the one possible type may come without its name.
        if len(input_.type_names) != 1:
            raise _Unrepresentable
        (type_name,) = input_.type_names
    representation = {"__typename": type_name}
    _add_members(representation, node, input_.selections, has_failed)
    return representation


def _add_members(
    members: dict[str, Any],
    node: dict[str, Any],
    selections: tuple[RepresentationSelection, ...],
    has_failed: HasFailed,
) -> None:
    for selection in selections:
        if not isinstance(selection, RepresentationField):
            if node.get("__typename") in selection.type_names:
                _add_members(members, node, selection.selections, has_failed)
            continue
        value = node.get(selection.source)
        if value is None:
            if has_failed(node, selection.source):
                raise _Unrepresentable(by_failure=True)
            if selection.is_key:
                raise _Unrepresentable
            if selection.source not in node:
                continue
        if selection.selections:
            value = _represent_below(value, members.get(selection.name), selection, has_failed)
        members[selection.name] = value


def _represent_below(value: Any, there: Any, selection: RepresentationField, has_failed: HasFailed) -> Any:
    """The part of *value* that is required, added to what another selection of the same field has put *there*."""
    if type(value) is dict:
        members = there if type(there) is dict else {}
        _add_members(members, value, selection.selections, has_failed)
        return members
    if type(value) is list:
        others = there if type(there) is list and len(there) == len(value) else [None] * len(value)
        return [_represent_below(item, other, selection, has_failed) for item, other in zip(value, others, strict=True)]
    return None


def _identity(representation: dict[str, Any]) -> Any:
    # Most keys are a few scalars, for which a tuple is the cheaper of the two.
    identity = tuple(representation.values())
    try:
        hash(identity)
    except TypeError:
        return orjson.dumps(representation)
    return identity
