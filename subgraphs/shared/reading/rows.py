"""
Rows of a mapped table as the server gave them.

A row is an instance of its model: the model's properties and methods work on it, and its type is the same to whoever
reads. But it is a tuple that the model's names read from, without SQLAlchemy's watch over each attribute. It cannot be
changed, which nobody would notice who only looks.
"""

from operator import itemgetter
from typing import Any, TypeVar

from sqlalchemy import inspect
from sqlalchemy.orm import ColumnProperty, Mapper

E = TypeVar("E")


def loaded_columns(entity: type[Any]) -> list[ColumnProperty[Any]]:
    """What a row of *entity* has; deferred columns are for those who ask for them by name."""
    mapper: Mapper[Any] = inspect(entity)
    return [attribute for attribute in mapper.column_attrs if not attribute.deferred]


def key_places(entity: type[Any]) -> list[int]:
    """Where in a row of *entity* its primary key is."""
    return [place for place, loaded in enumerate(loaded_columns(entity)) if loaded.columns[0].primary_key]


_classes: dict[type[Any], type[Any]] = {}


def row_class(entity: type[E]) -> type[E]:
    """The class of the rows of *entity*; `tuple.__new__` makes one of the values of `loaded_columns`."""
    if entity not in _classes:
        _classes[entity] = _make_class(entity)
    return _classes[entity]


def _make_class(entity: type[Any]) -> type[Any]:
    names = [attribute.key for attribute in loaded_columns(entity)]
    key_of = itemgetter(*key_places(entity))
    body: dict[str, Any] = {name: property(itemgetter(place)) for place, name in enumerate(names)}
    body |= {
        "__abstract__": True,  # SQLAlchemy maps no table to it
        "__slots__": (),
        "__module__": entity.__module__,
        "__doc__": entity.__doc__,
        # In a session there is one object for a record; here any two rows of it are equal.
        "__eq__": lambda row, other: type(other) is type(row) and key_of(row) == key_of(other),
        "__ne__": object.__ne__,
        "__hash__": lambda row: hash(key_of(row)),
        # A log must not show a person's data because it showed a row.
        "__repr__": object.__repr__,
    }
    return type(entity.__name__, (entity, tuple), body)
