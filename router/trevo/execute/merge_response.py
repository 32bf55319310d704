"""
Merging what subgraphs answer into one data tree.

Null never overwrites: two subgraphs may both resolve a shared object, each knowing only a part. Lists are merged item
by item. Where two answers cannot both be true (lists of different lengths, an object here and a scalar there) nothing
is dropped silently: what is there stays, what is longer is kept, and the place is reported.
"""

from typing import Any

from trevo.execute.long_work import watched

Trail = tuple[str | int, ...]


def merge_object(target: dict[str, Any], source: dict[str, Any], conflicts: list[Trail], trail: Trail = ()) -> None:
    """
    Merge *source* into *target*, in place.

    *source* is given away: its objects become part of the tree. Places that disagree are added to *conflicts*.
    """
    if target.keys().isdisjoint(source):
        target.update(source)
        return
    for key, value in source.items():
        if value is None:
            target.setdefault(key, None)
            continue
        current = target.get(key)
        if current is None:
            target[key] = value
        elif type(current) is dict and type(value) is dict:
            merge_object(current, value, conflicts, (*trail, key))
        elif type(current) is list and type(value) is list:
            _merge_list(current, value, conflicts, (*trail, key))
        elif isinstance(current, (dict, list)) or isinstance(value, (dict, list)):
            conflicts.append((*trail, key))
        else:
            target[key] = value


def _merge_list(current: list[Any], value: list[Any], conflicts: list[Trail], trail: Trail) -> None:
    if len(current) != len(value):
        conflicts.append(trail)
    for index, item in enumerate(watched(value)):
        if index >= len(current):
            current.extend(value[index:])
            return
        there = current[index]
        if there is None:
            current[index] = item
        elif type(there) is dict and type(item) is dict:
            merge_object(there, item, conflicts, (*trail, index))
        elif type(there) is list and type(item) is list:
            _merge_list(there, item, conflicts, (*trail, index))
        elif item is not None and (isinstance(there, (dict, list)) or isinstance(item, (dict, list))):
            conflicts.append((*trail, index))


def is_flat(source: dict[str, Any]) -> bool:
    """Whether *source* holds no container, so that merging it twice shares nothing."""
    return all(type(value) not in _CONTAINERS for value in source.values())


_CONTAINERS = (dict, list)
