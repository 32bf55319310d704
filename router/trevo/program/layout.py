"""
Where the answers lie that make up an object of the response.

    Item of `items.@`        the object itself, in the answer to `{ items { sku price } }`
                             + its entry in the table of `_entities { ... on Item { ratings } }`
                             + its entry in the table of `_entities { ... on Item { freight } }`

Answers are never merged. A call's answers stay in a table by what was sent for them, and what knows an object's key
finds them there. A *spot* is what can be said of the objects at one place before there are any: which response keys
they may have by themselves, and which tables have more.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from trevo.execute.prepare import PreparedCall
from trevo.execute.representations import PreparedInput
from trevo.plan.nodes import Each, Key, OnTypes, Outputs, Path


class CannotCompile(Exception):
    """There is no code for this plan or this response; the interpreter runs it. *reason* is a label of a metric."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, eq=False, slots=True)
class Table:
    """The answers to one call, by representation."""

    slot: int
    """Its number among all roots and tables of the program."""
    call: PreparedCall
    before: frozenset[int]
    """The slots of what has been answered when it is asked."""

    @property
    def one_form(self) -> PreparedInput | None:
        """How all objects are sent, if as leaves alone, under one name that is certain."""
        inputs = self.call.inputs
        forms = {each for each in (*inputs.by_type.values(), inputs.unnamed) if each is not None}
        if len(forms) != 1:
            return None
        (form,) = forms
        return None if form.read is None or form.input.typename is None else form


@dataclass(frozen=True, eq=False, slots=True)
class Root:
    """The answer to a request for root fields."""

    slot: int
    outputs: Outputs


Way = tuple[Table, Path]
"""A table, and the rest of the path from here to objects that have an entry in it."""


@dataclass(frozen=True, eq=False, slots=True)
class Spot:
    """The objects, lists or leaves at one place."""

    outputs: tuple[Outputs, ...]
    """What was asked for of the object itself; several where several answers were merged into it."""
    ways: tuple[Way, ...]
    roots: tuple[Root, ...] = ()
    """For the root of the response alone, which is no object of any answer."""

    def has(self, key: str) -> bool:
        """Whether the object itself may have *key*."""
        return any(key in outputs for outputs in self.outputs)

    def tables_with(self, key: str) -> Iterator[tuple[Table, tuple[OnTypes, ...]]]:
        """The tables that may have *key* of the objects here; each with the types that have an entry."""
        for table, path in self.ways:
            types = tuple(segment for segment in path if isinstance(segment, OnTypes))
            if len(types) == len(path) and key in table.call.node.outputs:
                yield table, types

    def below(self, key: str, *, only: Sequence[frozenset[str]] = (), type_name: str | None = None) -> "Spot":
        """
        What stands under *key*.

        Of objects that are of one of the types *only*, or of *type_name*, if these are known.
        """
        outputs = [each[key] for each in (*self.outputs, *(root.outputs for root in self.roots)) if key in each]
        outputs += [table.call.node.outputs[key] for table, _ in self.tables_with(key)]
        known = frozenset({type_name}) if type_name is not None else None
        if only:
            known = frozenset.intersection(*only)
        return Spot(tuple(outputs), tuple(_ways_below(self.ways, key, known)))

    def item(self) -> "Spot":
        """What stands in the list that stands here."""
        return Spot(self.outputs, tuple((table, path[1:]) for table, path in self.ways if path and path[0] == Each()))


def _ways_below(ways: Iterable[Way], key: str, known: frozenset[str] | None) -> Iterator[Way]:
    for table, path in ways:
        rest = path
        while rest and isinstance(rest[0], OnTypes):
            types = rest[0].type_names
            rest = rest[1:]
            if rest and rest[0] == Key(key):
                if known is None or not (known <= types or known.isdisjoint(types)):
                    # Some of the objects here have something below, and the code would have to ask which.
                    raise CannotCompile("types")
                if not known <= types:
                    rest = ()
        if rest and rest[0] == Key(key):
            yield table, rest[1:]
