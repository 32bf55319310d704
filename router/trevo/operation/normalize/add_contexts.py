"""
Adds what contexts read: for a field that takes an argument from a context, the leaf of the object above that says it.

    type Order @context(name: "order") { currency: String!  item: Item }
    type Item { price(currency: String @fromContext(field: "$order { currency }")): Float }

    { order { item { price } } }      becomes      { order { item { price } currency } }

So it is looked for like everything else. Such leaves have no response key: no client asks for them, and the planner
finds each a name. They stand under the condition of the field that they are for, and have its mark: wanted as late.

The context is set by the nearest object above that sets it, and objects of one place may be of several types. Where
some of these set it and others do not, it is read there of the former, and further up for the latter.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from trevo.operation.deferral import Mark
from trevo.operation.normalize.flatten import normalize_field_set
from trevo.operation.normalize.merge import merge_selections
from trevo.operation.selection import FieldSelection, FragmentSelection, Selection, Selections, fragments_of
from trevo.plan.conditions import Condition
from trevo.supergraph import Supergraph

_Types = frozenset[str]


@dataclass(frozen=True, slots=True)
class _Read:
    """What is to be read above a field."""

    context: str
    selection: str
    condition: Condition
    deferred: Mark


_Reads = frozenset[_Read]
_ReadsOf = dict[_Read, _Types]
"""With the types of the objects for which it is to be read."""


def add_contexts(supergraph: Supergraph, selections: Selections, type_name: str) -> Selections:
    """*selections* on *type_name*, with all that their fields take from objects among them."""
    if not supergraph.contexts:
        return selections
    added, _ = _Adding(supergraph).object(selections, type_name, supergraph.possible(type_name))
    return added


class _Adding:
    def __init__(self, supergraph: Supergraph) -> None:
        self._supergraph = supergraph
        self._done: dict[tuple[int, str, _Types], tuple[Selections, _Reads]] = {}
        """By the identity of selections, and the type and possible types of the object that they are of."""

    def object(self, selections: Selections, type_name: str, types: _Types) -> tuple[Selections, _Reads]:
        """What is selected of an object, completed; and what is to be read above it."""
        known = (id(selections), type_name, types)
        if known not in self._done:
            above: set[_Read] = set()
            here: _ReadsOf = {}
            visited = self._visit(selections, type_name, types, above, here)
            leaves: list[Selection] = []
            for read, of_types in here.items():
                setting = of_types & self._supergraph.contexts[read.context]
                leaves += self._leaves(read, type_name, setting)
                if setting != of_types:
                    above.add(read)
            self._done[known] = merge_selections((*visited, *leaves)) if leaves else visited, frozenset(above)
        return self._done[known]

    def _visit(
        self, selections: Selections, type_name: str, types: _Types, above: set[_Read], here: _ReadsOf
    ) -> Selections:
        """*selections*, completed below; notes what is to be read *above* the object, and what of it or *above*."""
        return tuple(self._selection(each, type_name, types, above, here) for each in selections)

    def _selection(
        self, selection: Selection, type_name: str, types: _Types, above: set[_Read], here: _ReadsOf
    ) -> Selection:
        if isinstance(selection, FragmentSelection):
            narrowed = types & self._supergraph.possible(selection.type_name)
            return replace(
                selection,
                selections=self._visit(selection.selections, selection.type_name, narrowed, above, here),
                expansion=self._by_type(selection.expansion, types, above, here),
            )
        above |= self._taken_by(selection, type_name)
        inner = selection.selections
        if inner:
            declared = self._supergraph.types[type_name].fields[selection.name].type.name
            inner, reads = self.object(inner, declared, self._supergraph.possible(declared))
            here.update({read: here.get(read, frozenset()) | types for read in reads})
        return replace(
            selection,
            selections=inner,
            expansion=self._by_type(selection.expansion, types, above, here),
            fallback=self._by_type(selection.fallback, types, above, here),
        )

    def _by_type(
        self, fragments: tuple[FragmentSelection, ...], types: _Types, above: set[_Read], here: _ReadsOf
    ) -> tuple[FragmentSelection, ...]:
        visited = (self._selection(each, each.type_name, types, above, here) for each in fragments)
        return fragments_of(visited)

    def _taken_by(self, selection: FieldSelection, type_name: str) -> _Reads:
        definition = self._supergraph.types[type_name]
        # What an @interfaceObject contributes is written at the interface.
        names = {type_name}.union(*definition.implements.values())
        fields = (self._supergraph.types[name].fields.get(selection.name) for name in names)
        return frozenset(
            _Read(argument.context, argument.selection, selection.condition, selection.deferred)
            for field in fields
            if field is not None
            for join in field.joins
            for argument in join.contexts
        )

    def _leaves(self, read: _Read, type_name: str, types: _Types) -> Iterable[Selection]:
        for each in sorted(types):
            leaves = _for_planner(
                normalize_field_set(self._supergraph, each, read.selection, expand=True), read.condition, read.deferred
            )
            if each == type_name:
                yield from leaves
            else:
                yield FragmentSelection(each, leaves)


def _for_planner(selections: Selections, condition: Condition, mark: Mark) -> Selections:
    """*selections*, which nobody has a key for, under *condition* and wanted for *mark*."""
    made: list[Selection] = []
    for each in selections:
        inner = _for_planner(each.selections, condition, mark)
        expansion = fragments_of(_for_planner(each.expansion, condition, mark))
        if isinstance(each, FragmentSelection):
            made.append(replace(each, selections=inner, expansion=expansion))
        else:
            fallback = fragments_of(_for_planner(each.fallback, condition, mark))
            leaf = replace(each, key="", condition=condition, deferred=mark)
            made.append(replace(leaf, selections=inner, expansion=expansion, fallback=fallback))
    return tuple(made)
