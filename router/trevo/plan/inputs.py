"""What is sent of objects for several reasons at once."""

from dataclasses import replace

from trevo.plan.nodes import (
    RepresentationField,
    RepresentationFragment,
    RepresentationInput,
    RepresentationSelection,
)


def merge_inputs(
    ours: list[RepresentationInput], theirs: list[RepresentationInput]
) -> list[RepresentationInput] | None:
    """
    Inputs that send what both send.

    None where one type would be sent in two ways: by other keys, under another `__typename`, or with one member read
    from two places.
    """
    merged = list(ours)
    for their in theirs:
        index = next((i for i, our in enumerate(merged) if our.type_names & their.type_names), None)
        if index is None:
            merged.append(their)
            continue
        our = merged[index]
        if our.type_names != their.type_names or our.typename != their.typename:
            return None
        if _keys_of(our.selections) != _keys_of(their.selections):
            return None
        selections = merge_representations(our.selections, their.selections)
        if selections is None:
            return None
        merged[index] = replace(our, selections=selections)
    return merged


def _keys_of(selections: tuple[RepresentationSelection, ...]) -> frozenset[object]:
    found: set[object] = set()
    for each in selections:
        if isinstance(each, RepresentationField):
            if each.is_key:
                found.add((each.name, each.source, _keys_of(each.selections)))
        else:
            found |= {(each.type_names, key) for key in _keys_of(each.selections)}
    return frozenset(found)


def merge_representations(
    ours: tuple[RepresentationSelection, ...], theirs: tuple[RepresentationSelection, ...]
) -> tuple[RepresentationSelection, ...] | None:
    """What sends the members of both; None where one member is read from two places."""
    merged = list(ours)
    for their in theirs:
        index = next((i for i, our in enumerate(merged) if _name_of(our) == _name_of(their)), None)
        if index is None:
            merged.append(their)
            continue
        our = merged[index]
        selections = merge_representations(our.selections, their.selections)
        if selections is None:
            return None
        if isinstance(our, RepresentationField) and isinstance(their, RepresentationField):
            if our.source != their.source:
                return None
            is_key, may_be_null = our.is_key or their.is_key, our.may_be_null or their.may_be_null
            merged[index] = RepresentationField(our.name, our.source, selections, is_key, may_be_null, our.is_list)
        elif isinstance(our, RepresentationFragment):
            merged[index] = RepresentationFragment(our.type_names, selections)
    return tuple(merged)


def _name_of(selection: RepresentationSelection) -> object:
    return selection.name if isinstance(selection, RepresentationField) else selection.type_names
