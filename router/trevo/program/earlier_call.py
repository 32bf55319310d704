"""
Whether an earlier call has asked about the very objects that a call asks about.

Chains of `@requires` do that: what one subgraph gives of each object, the next one is sent.

    call 5   Item of `items.@`   sent: sku          gives price
    call 7   Item of `items.@`   sent: sku, price   gives tax

The table of call 5 has each item once, with its price.
"""

from trevo.execute.representations import PreparedInput
from trevo.plan.nodes import Key, OnTypes, Path, RepresentationField
from trevo.program.layout import Spot, Table


def find_earlier_call(table: Table, root: Spot) -> Table | None:
    """
    One that can stand for the walk to the objects that the call of *table* asks about, as *root* shows them then.

    It has all these objects, and of each all that is sent: in its name there, or in its entry.
    """
    form, paths = table.one_form, table.call.node.paths
    if (
        form is None
        or not _is_for_all(table)
        or any(isinstance(segment, OnTypes) for path in paths for segment in path)
    ):
        return None
    for earlier in dict.fromkeys(each for each, _ in root.ways if each.call.node.paths == paths):
        known = earlier.one_form
        if known is not None and _is_for_all(earlier) and _is_of_the_same(known, form):
            ends = [_end_that_both_saw(root, path, earlier) for path in paths]
            if all(end is not None and _has_all(end, form, earlier, known) for end in ends):
                return earlier
    return None


def _is_for_all(table: Table) -> bool:
    """Whether also objects are sent that do not say what they are."""
    return table.call.inputs.unnamed is not None


def _is_of_the_same(known: PreparedInput, form: PreparedInput) -> bool:
    one, other = known.input, form.input
    are_named_alike = (one.typename, one.type_names) == (other.typename, other.type_names)
    # Of an object whose key may be null the earlier call knows nothing, and the later one may have another key.
    return are_named_alike and not any(leaf.may_be_null for leaf in known.fields)


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


def _has_all(end: Spot, form: PreparedInput, earlier: Table, known: PreparedInput) -> bool:
    """Whether all that is sent of the objects at *end* is what *earlier* calls them, or lies in their entries alone."""
    is_key = {leaf.source: leaf.is_key for leaf in known.fields}
    keys = {leaf.source for leaf in form.fields if leaf.is_key}

    def is_at_hand(leaf: RepresentationField) -> bool:
        slots = _slots_with(end, leaf.source)
        if leaf.source in is_key:
            # What was required there may be absent, which a key must not be.
            return slots <= earlier.before and (is_key[leaf.source] or not leaf.is_key)
        return not end.has(leaf.source) and slots == {earlier.slot}

    def is_sent_if_called(source: str) -> bool:
        # What a subgraph gives as a key it does not give of an entity that it does not know.
        return not is_key[source] or source in keys or not _slots_with(end, source)

    is_named = end.has("__typename") or _slots_with(end, "__typename")
    return not is_named and all(map(is_at_hand, form.fields)) and all(map(is_sent_if_called, is_key))


def _slots_with(spot: Spot, key: str) -> frozenset[int]:
    """The answers that may have *key* of what stands at *spot*, but for the one that it stands in itself."""
    roots = frozenset(root.slot for root in spot.roots if key in root.outputs)
    return roots | {table.slot for table, _ in spot.tables_with(key)}
