"""
From objects of the data tree to the representations that ask for them elsewhere.

    tree object                                    representation
    {"__typename": "Book", "id": "1", "w": 3}  →   {"__typename": "Book", "id": "1", "weight": 3}

Which members are sent depends on the object's runtime type. Without its whole key an object is not sent, and the
fields that were to be asked for say so, unless the schema announced it: a key may be null where its type is nullable,
and a subgraph need not know every entity. A member that a `@requires` asked for is sent as it is, null included, and
left out where nobody gave it; but where it is missing because a subgraph failed, the object is not sent, for whatever
would be computed from it would be wrong without saying so.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from operator import itemgetter
from typing import Any

from trevo.door import exact_json
from trevo.execute.errors import Failures
from trevo.plan.nodes import RepresentationField, RepresentationInput, RepresentationSelection


class Lack(Enum):
    """Why an object cannot be asked about."""

    FAILED = "an earlier failure left a member out"
    KEY = "a subgraph gave it without its key"
    TYPE = "it is of no type that may stand there"
    CONTEXT = "nothing above it says what a field takes from there"
    NOTHING = "it may lack what is missing"


@dataclass(slots=True)
class Collected:
    """The representations of one call, each sent once, and the objects that wait for each answer."""

    representations: list[dict[str, Any]] = field(default_factory=list)
    waiting: list[list[dict[str, Any]]] = field(default_factory=list)
    """For each representation, the objects of the tree that it stands for."""
    left_out: dict[Lack, list[dict[str, Any]]] = field(default_factory=dict)
    """Objects that cannot be asked about."""

    def part(self, number: int, size: int) -> "Collected":
        """The *number*-th of the parts with *size* representations each; after the last one, one without any."""
        part = slice(number * size, (number + 1) * size)
        return Collected(self.representations[part], self.waiting[part])

    def leave_out(self, node: dict[str, Any], lack: Lack) -> None:
        self.left_out.setdefault(lack, []).append(node)


class Unrepresentable(Exception):
    """An object cannot be asked about."""

    def __init__(self, lack: Lack) -> None:
        super().__init__()
        self.lack = lack


@dataclass(frozen=True, slots=True, eq=False)
class PreparedInput:
    """An input, and a short way to read it where all its members are leaves."""

    input: RepresentationInput
    names: tuple[str, ...] = ()
    read: Callable[[dict[str, Any]], tuple[Any, ...]] | None = None
    """All members at once; None where an input has objects, lists or fragments."""

    @property
    def fields(self) -> list[RepresentationField]:
        """Its members; those within fragments are not among them."""
        return [each for each in self.input.selections if isinstance(each, RepresentationField)]


@dataclass(frozen=True, slots=True)
class PreparedInputs:
    """The inputs of one call."""

    by_type: dict[str, PreparedInput]
    unnamed: PreparedInput | None
    """For objects that do not say what they are; None if only objects of some types are meant."""


def prepare_inputs(inputs: tuple[RepresentationInput, ...]) -> PreparedInputs:
    """What is known of *inputs* before there are objects."""
    prepared = [_prepare_input(input_) for input_ in inputs]
    # Backwards, so that the first input of a type wins.
    by_type = {name: one for one in reversed(prepared) for name in one.input.type_names}
    return PreparedInputs(by_type, next((one for one in prepared if not one.input.is_for_some_types), None))


def _prepare_input(input_: RepresentationInput) -> PreparedInput:
    members = [one for one in PreparedInput(input_).fields if not one.selections and not one.is_list]
    if not members or len(members) < len(input_.selections):
        return PreparedInput(input_)
    sources = [member.source for member in members]
    read: Callable[[dict[str, Any]], Any] = itemgetter(*sources)
    if len(sources) > 1:
        return PreparedInput(input_, tuple(member.name for member in members), read)
    return PreparedInput(input_, (members[0].name,), lambda node: (read(node),))


def collect_representations(objects: list[dict[str, Any]], inputs: PreparedInputs, failures: Failures) -> Collected:
    """Represent each of *objects* once; objects with equal representations share one."""
    collected = Collected()
    index_by_identity: dict[Any, int] = {}
    for node in objects:
        type_name = node.get("__typename")
        # A subgraph may give anything for a name, also what cannot be looked up.
        prepared = inputs.unnamed if type_name is None else inputs.by_type.get(str(type_name))
        if prepared is None:
            if type_name is None and failures.has_failed(node, "__typename"):
                collected.leave_out(node, Lack.FAILED)
            elif type_name is not None and inputs.unnamed is not None:
                # Whatever stands there was to be asked about, and this is nothing that can be.
                collected.leave_out(node, Lack.TYPE)
            continue
        representation: dict[str, Any] | None = None
        identity = _read_identity(node, prepared)
        if identity is None:
            try:
                representation = _represent(node, prepared.input, failures)
            except Unrepresentable as reason:
                collected.leave_out(node, reason.lack)
                continue
            identity = _identity(representation, prepared)
        index = index_by_identity.get(identity)
        if index is not None:
            collected.waiting[index].append(node)
            continue
        index_by_identity[identity] = len(collected.representations)
        if representation is None:
            names, type_name, *members = identity
            representation = {"__typename": type_name, **dict(zip(names, members, strict=True))}
        collected.representations.append(representation)
        collected.waiting.append([node])
    return collected


def _read_identity(node: dict[str, Any], prepared: PreparedInput) -> tuple[Any, ...] | None:
    """
    What makes the representation of *node* equal to another, without building it.

    None where it takes a closer look: something is missing or null, or a leaf is no scalar.
    """
    type_name = prepared.input.typename or node.get("__typename")
    if prepared.read is None or type_name is None:
        return None
    try:
        identity = (prepared.names, type_name, *prepared.read(node))
        hash(identity)
    except (KeyError, TypeError):
        return None
    return None if None in identity else identity


def _represent(node: dict[str, Any], input_: RepresentationInput, failures: Failures) -> dict[str, Any]:
    type_name = input_.typename or node.get("__typename")
    if type_name is None:
        # Only an object of the one possible type may come without its name.
        if len(input_.type_names) != 1:
            raise Unrepresentable(Lack.TYPE)
        (type_name,) = input_.type_names
    representation = {"__typename": type_name}
    _add_members(representation, node, input_.selections, failures)
    return representation


def _add_members(
    members: dict[str, Any],
    node: dict[str, Any],
    selections: tuple[RepresentationSelection, ...],
    failures: Failures,
) -> None:
    for selection in selections:
        if not isinstance(selection, RepresentationField):
            if says_it_is(node, selection.type_names):
                _add_members(members, node, selection.selections, failures)
            continue
        value = node.get(selection.source)
        if value is None:
            if failures.has_failed(node, selection.source):
                raise Unrepresentable(Lack.FAILED)
            is_absent = selection.source not in node
            if selection.is_key:
                is_allowed = not failures.is_owed(node, selection.source) if is_absent else selection.may_be_null
                raise Unrepresentable(Lack.NOTHING if is_allowed else Lack.KEY)
            if is_absent:
                continue
        if type(value) is list:
            check_items(value, failures)
        if selection.selections:
            value = represent_below(value, members.get(selection.name), selection, failures)
        members[selection.name] = value


def says_it_is(node: dict[str, Any], type_names: frozenset[str]) -> bool:
    """Whether *node* is of one of *type_names*; a subgraph may give anything for a name, also what cannot be hashed."""
    type_name = node.get("__typename")
    return type(type_name) is str and type_name in type_names


def check_items(items: list[Any], failures: Failures) -> None:
    """Raises for a list that would be sent with a null in the place of something that failed."""
    waiting = [items]
    while waiting:
        level = waiting.pop()
        for index, item in enumerate(level):
            if item is None and failures.has_failed(level, index):
                raise Unrepresentable(Lack.FAILED)
            if type(item) is list:
                waiting.append(item)


def represent_below(value: Any, there: Any, selection: RepresentationField, failures: Failures) -> Any:
    """The part of *value* that is required, added to what another selection of the same field has put *there*."""
    if type(value) is dict:
        members = there if type(there) is dict else {}
        _add_members(members, value, selection.selections, failures)
        return members
    if type(value) is list:
        others = there if type(there) is list and len(there) == len(value) else [None] * len(value)
        return [represent_below(item, other, selection, failures) for item, other in zip(value, others, strict=True)]
    return None


def _identity(representation: dict[str, Any], prepared: PreparedInput) -> Any:
    """The same as `_read_identity` has, of a representation that took a closer look: its text, where it is not flat."""
    if prepared.read is not None:
        members = (representation.get(name, _ABSENT) for name in prepared.names)
        identity = (prepared.names, representation["__typename"], *members)
        try:
            hash(identity)
        except TypeError:
            pass
        else:
            return identity
    return exact_json.dumps(representation)


_ABSENT = object()
"""In the place of a member that is not sent, or what lacks one would be taken for what lacks another."""
