"""
Whether an earlier call has asked about the very objects that a call asks about.

Chains of `@requires` do that: what one subgraph gives of each object, the next one is sent.

    call 5   Item of `items.@`   sent: sku          gives price
    call 7   Item of `items.@`   sent: sku, price   gives tax

The table of call 5 has each item once, with its price.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from trevo.plan.nodes import Key, OnTypes, Path, RepresentationField
from trevo.program.layout import Spot, Table


@dataclass(frozen=True, slots=True)
class Form:
    """How all objects of a call are sent: under one name that is certain, and with leaves, by which they are called."""

    typename: str
    type_names: frozenset[str]
    leaves: tuple[RepresentationField, ...]
    is_for_all: bool
    """Also for objects that do not say what they are."""


@dataclass(frozen=True, slots=True)
class EarlierCall:
    """A call of which the table has all objects that a later one asks about, and all that this sends of them."""

    table: Table
    called: tuple[str, ...]
    """What its entries are called by: response keys of the object."""
    form: Form
    """What the later call sends."""
    may_lack_some: bool
    """Whether some of that may be `ABSENT`."""


def one_form(table: Table) -> Form | None:
    """How the objects of the call of *table* are sent, if in one way."""
    inputs = table.call.inputs
    forms = {id(each): each for each in (*inputs.by_type.values(), inputs.unnamed) if each is not None}
    if len(forms) != 1:
        return None
    (form,) = forms.values()
    if form.read is None or form.input.typename is None:
        return None
    leaves = tuple(each for each in form.input.selections if isinstance(each, RepresentationField))
    return Form(form.input.typename, form.input.type_names, leaves, inputs.unnamed is not None)


def find_earlier_call(table: Table, root: Spot) -> EarlierCall | None:
    """One that can stand for the walk to the objects that the call of *table* asks about, as *root* shows them then."""
    form, paths = one_form(table), table.call.node.paths
    if (
        form is None
        or not form.is_for_all
        or table.unneeded
        or any(isinstance(segment, OnTypes) for path in paths for segment in path)
    ):
        return None
    for earlier in dict.fromkeys(each for each, _ in root.ways if each.call.node.paths == paths and not each.unneeded):
        known = one_form(earlier)
        if known is not None and _is_of_the_same(known, form):
            ends = [_end_that_both_saw(root, path, earlier) for path in paths]
            found = [end is not None and _has_all(end, form, earlier, known) for end in ends]
            if all(found):
                called = tuple(leaf.source for leaf in known.leaves)
                return EarlierCall(earlier, called, form, _may_lack_some(ends, form))
    return None


def _is_of_the_same(known: Form, form: Form) -> bool:
    are_named_alike = known.is_for_all and (known.typename, known.type_names) == (form.typename, form.type_names)
    # Of an object whose key may be null the earlier call knows nothing, and the later one may have another key.
    return are_named_alike and not any(leaf.may_be_null for leaf in known.leaves)


def _end_that_both_saw(root: Spot, path: Path, earlier: Table) -> Spot | None:
    """Where *path* ends; None where on the way something may stand that was answered after *earlier* was asked."""
    spot = root
    for segment in path:
        if not isinstance(segment, Key):
            spot = spot.item()
            continue
        if not _slots_with(spot, segment.name) <= earlier.before:
            return None
        spot = spot.below(segment.name)
    return spot


def _has_all(end: Spot, form: Form, earlier: Table, known: Form) -> bool:
    """Whether all that is sent of the objects at *end* is what *earlier* calls them, or lies in their entries alone."""
    is_key = {leaf.source: leaf.is_key for leaf in known.leaves}

    def is_at_hand(leaf: RepresentationField) -> bool:
        slots = _slots_with(end, leaf.source)
        if leaf.source in is_key:
            # What was required there may be absent, which a key must not be.
            return slots <= earlier.before and (is_key[leaf.source] or not leaf.is_key)
        return not end.has(leaf.source) and slots == {earlier.slot}

    is_named = end.has("__typename") or _slots_with(end, "__typename")
    return not is_named and all(is_at_hand(leaf) for leaf in form.leaves)


def _may_lack_some(ends: Iterable[Spot | None], form: Form) -> bool:
    required = [leaf.source for leaf in form.leaves if not leaf.is_key]
    return any(not end.has(source) for end in ends if end is not None for source in required)


def _slots_with(spot: Spot, key: str) -> frozenset[int]:
    """The answers that may have *key* of what stands at *spot*, but for the one that it stands in itself."""
    roots = frozenset(root.slot for root in spot.roots if key in root.outputs)
    return roots | {table.slot for table, _ in spot.tables_with(key)}
