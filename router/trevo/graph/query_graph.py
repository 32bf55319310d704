"""
The graph of everything that subgraphs can be asked, and how one gets from one to another.

A node's moves are made when it is first looked at and kept: of a large supergraph, most is never asked for, and the
copies of nodes that `@provides` calls for would be many. What a graph answers never changes, so this cannot be seen
from outside.
"""

from collections.abc import Callable, Iterator, Mapping
from itertools import count
from typing import TypeVar

from trevo.graph.move import Entrance, FieldMove, Requirement
from trevo.graph.node import Node
from trevo.operation.normalize import add_contexts, normalize_field_set
from trevo.operation.selection import FieldSelection, FragmentSelection, Selections
from trevo.supergraph import Field, JoinField, Supergraph, TypeDefinition

_K = TypeVar("_K")
_V = TypeVar("_V")


class QueryGraph:
    """The moves of one supergraph, with *labels* the active labels of progressive `@override`s."""

    def __init__(self, supergraph: Supergraph, labels: frozenset[str] = frozenset()) -> None:
        self.supergraph = supergraph
        self._labels = labels
        self._ids = count()
        self._nodes: dict[tuple[str, str, Selections], Node] = {}
        self._fields: dict[int, Mapping[str, FieldMove]] = {}
        self._casts: dict[int, Mapping[str, Node]] = {}
        self._for_all: dict[tuple[int, str], bool] = {}
        self._entrances: dict[str, tuple[Entrance, ...]] = {}
        self._requiring: dict[tuple[str, str], tuple[FieldMove, ...]] = {}
        self._requirements: dict[tuple[str, str], Requirement] = {}
        self._field_sets: dict[tuple[str, str], Selections] = {}
        self._interfaces = _interfaces_of_objects(supergraph)
        self._roots = frozenset(supergraph.root_types.values())

    def node(self, type_name: str, subgraph: str, provided: Selections = ()) -> Node:
        """The node of a type in a subgraph that has it."""
        known = (type_name, subgraph, provided)
        if known not in self._nodes:
            definition = self.supergraph.types[type_name]
            kind = "interface object" if definition.is_interface_object_in(subgraph) else definition.kind
            self._nodes[known] = Node(next(self._ids), type_name, subgraph, kind, provided)
        return self._nodes[known]

    def start(self, type_name: str) -> Node:
        """Where an operation on a root type begins: nothing can be asked here, every subgraph can be entered."""
        known = (type_name, "", ())
        if known not in self._nodes:
            self._nodes[known] = Node(next(self._ids), type_name, "", "start")
        return self._nodes[known]

    def nodes(self) -> Iterator[Node]:
        """Every type in every subgraph that has it; for reading, not for planning."""
        for definition in self.supergraph.types.values():
            for subgraph in definition.subgraphs:
                yield self.node(definition.name, subgraph)

    def field(self, node: Node, name: str) -> FieldMove | None:
        """The move by a field, if *node*'s subgraph resolves it here."""
        return self.fields(node).get(name)

    def fields(self, node: Node) -> Mapping[str, FieldMove]:
        return _remembered(self._fields, node.id, lambda: self._make_fields(node))

    def cast(self, node: Node, type_name: str) -> Node | None:
        """The same object seen as *type_name*, if *node*'s subgraph can return such an object here."""
        return self.casts(node).get(type_name)

    def casts(self, node: Node) -> Mapping[str, Node]:
        return _remembered(self._casts, node.id, lambda: self._make_casts(node))

    def abstract_cast(self, node: Node, type_name: str) -> Node | None:
        """The same object seen as another interface or union, if *node*'s subgraph has that; None on object types."""
        if node.kind not in {"interface", "union"}:
            return None
        definition = self.supergraph.types[type_name]
        if not definition.is_abstract or not definition.is_in(node.subgraph):
            return None
        if definition.is_interface_object_in(node.subgraph):
            return None
        promised = tuple(each for each in node.provided if isinstance(each, FragmentSelection))
        return self.node(type_name, node.subgraph, promised)

    def resolves_for_all(self, node: Node, field_name: str) -> bool:
        """
        Whether a field can be asked of an interface as it is: *node*'s subgraph resolves it for every type it knows.

        Not where some type's own version of the field is promised more (`@provides`).
        """
        return _remembered(self._for_all, (node.id, field_name), lambda: self._find_whether_for_all(node, field_name))

    def _find_whether_for_all(self, node: Node, field_name: str) -> bool:
        move = self.field(node, field_name)
        if move is None or not move.is_plain:
            return False
        for cast in self.casts(node).values():
            own = self.field(cast, field_name)
            if own is None or not own.is_plain:
                return False
            if own.target and (move.target is None or own.target.provided != move.target.provided):
                return False
        return True

    def entrances(self, type_name: str) -> tuple[Entrance, ...]:
        """Every way into a subgraph for an object known as *type_name*, also as one of its interfaces."""
        return _remembered(self._entrances, type_name, lambda: tuple(self._make_entrances(type_name)))

    def requiring(self, type_name: str, field_name: str) -> tuple[FieldMove, ...]:
        """The moves by a field that needs something sent along, in whichever subgraph."""
        return _remembered(
            self._requiring,
            (type_name, field_name),
            lambda: tuple(self._make_requiring(type_name, field_name)),
        )

    def may_set(self, context: str, type_name: str) -> bool:
        """Whether some object known as *type_name* sets *context* for what is below it."""
        return not self.supergraph.contexts[context].isdisjoint(self.supergraph.possible(type_name))

    def owners(self, type_name: str, field_name: str) -> frozenset[str]:
        """The subgraphs that resolve a field of a type, by whatever way."""
        definition = self.supergraph.types[type_name]
        field = definition.fields.get(field_name)
        if field is None:
            return frozenset()
        return frozenset(subgraph for subgraph in definition.subgraphs if self._resolves(definition, field, subgraph))

    def resolvers(self, type_name: str, field_name: str) -> list[Node]:
        """The nodes that resolve a field for objects of a type, also as one of its interfaces; for explanations."""
        interfaces = sorted(self._interfaces.get(type_name, ()))
        as_interface = [self.supergraph.types[name] for name in interfaces]
        nodes = [self.node(type_name, subgraph) for subgraph in sorted(self.supergraph.types[type_name].subgraphs)]
        nodes += [
            self.node(definition.name, subgraph)
            for definition in as_interface
            for subgraph in definition.subgraphs
            if definition.is_interface_object_in(subgraph)
        ]
        return [node for node in nodes if self.field(node, field_name)]

    def members(self, node: Node) -> frozenset[str]:
        """The object types that *node*'s subgraph can return here."""
        return frozenset(self.casts(node)) or frozenset((node.type_name,))

    # --- making moves ---

    def _make_fields(self, node: Node) -> Mapping[str, FieldMove]:
        definition = self.supergraph.types[node.type_name]
        moves: dict[str, FieldMove] = {}
        if node.kind == "start":
            return moves
        if node.kind != "interface object":
            # What an @interfaceObject subgraph calls the type is never the object's real type.
            moves["__typename"] = FieldMove(next(self._ids), "__typename", node, None, 0, "String!")
        promised = {each.name: each for each in node.provided if isinstance(each, FieldSelection)}
        for field in definition.fields.values():
            if node.kind == "interface" and not self.supergraph.has_composed_type(definition, field, node.subgraph):
                continue
            if field.name in promised or self._resolves(definition, field, node.subgraph):
                moves[field.name] = self._field_move(node, field, promised.get(field.name))
        return moves

    def _field_move(self, node: Node, field: Field, promise: FieldSelection | None) -> FieldMove:
        join = field.join_in(node.subgraph)
        declared = field.type_in(node.subgraph)
        target = None
        if declared.name in self.supergraph.types:
            provided = promise.selections if promise else ()
            if join and join.provides:
                provided += self.field_set(declared.name, join.provides)
            target = self.node(declared.name, node.subgraph, provided)
        requires = None
        if join and join.requires and promise is None:
            requires = self._requirement(node.type_name, join.requires)
        contexts = join.contexts if join and promise is None else ()
        return FieldMove(
            next(self._ids), field.name, node, target, field.type.list_depth, declared.text, requires, contexts
        )

    def _resolves(self, definition: TypeDefinition, field: Field, subgraph: str) -> bool:
        if not definition.has_field_in(field, subgraph):
            return False
        join = field.join_in(subgraph)
        if join and join.external and not join.requires:
            return False
        return self._owns(join, subgraph, field)

    def _owns(self, join: JoinField | None, subgraph: str, field: Field) -> bool:
        """Whether no `@override` takes the field away from *subgraph*, or withholds it yet."""
        if join and join.override and join.override_label and join.override_label not in self._labels:
            return False
        return not any(
            other.override == subgraph and (not other.override_label or other.override_label in self._labels)
            for other in field.joins
        )

    def _make_casts(self, node: Node) -> Mapping[str, Node]:
        definition = self.supergraph.types[node.type_name]
        if node.kind == "union":
            members = definition.members.get(node.subgraph, frozenset())
        elif node.kind == "interface":
            members = frozenset(
                name
                for name in self.supergraph.possible(node.type_name)
                if node.type_name in self.supergraph.types[name].implements.get(node.subgraph, ())
            )
        else:
            return {}
        return {name: self.node(name, node.subgraph, self._promised_to(node, name)) for name in sorted(members)}

    def _promised_to(self, node: Node, type_name: str) -> Selections:
        promised: Selections = ()
        for selection in node.provided:
            if isinstance(selection, FieldSelection):
                promised += (selection,)
            elif isinstance(selection, FragmentSelection) and selection.type_name == type_name:
                promised += selection.selections
        return promised

    def _make_entrances(self, type_name: str) -> Iterator[Entrance]:
        definition = self.supergraph.types[type_name]
        if type_name in self._roots:
            for subgraph in definition.subgraphs:
                node = self.node(type_name, subgraph)
                if any(name != "__typename" for name in self.fields(node)):
                    yield Entrance(next(self._ids), node, None, type_name)
            return
        yield from self._entrances_by_key(definition, only_interface_objects=False)
        for interface in sorted(self._interfaces.get(type_name, ())):
            yield from self._entrances_by_key(self.supergraph.types[interface], only_interface_objects=True)

    def _entrances_by_key(self, definition: TypeDefinition, *, only_interface_objects: bool) -> Iterator[Entrance]:
        for join in definition.joins:
            if join.key and join.resolvable and (join.is_interface_object or not only_interface_objects):
                key = self._requirement(definition.name, join.key)
                node = self.node(definition.name, join.subgraph)
                may_lack_key = self._may_be_null(definition, key.sent)
                yield Entrance(next(self._ids), node, key, definition.name, may_lack_key)

    def _may_be_null(self, definition: TypeDefinition, selections: Selections) -> bool:
        for selection in selections:
            if isinstance(selection, FragmentSelection):
                if self._may_be_null(self.supergraph.types[selection.type_name], selection.selections):
                    return True
                continue
            found = definition.fields.get(selection.name)
            if found is None:
                continue
            if not found.type.text.endswith("!"):
                return True
            if selection.selections and self._may_be_null(self.supergraph.types[found.type.name], selection.selections):
                return True
        return False

    def _make_requiring(self, type_name: str, field_name: str) -> Iterator[FieldMove]:
        seen = set()
        for entrance in self.entrances(type_name):
            move = self.field(entrance.target, field_name)
            if move and not move.is_plain and move.id not in seen:
                seen.add(move.id)
                yield move

    def _requirement(self, type_name: str, text: str) -> Requirement:
        def make() -> Requirement:
            fetched = normalize_field_set(self.supergraph, type_name, text, expand=True)
            return Requirement(
                next(self._ids),
                type_name,
                fetched=add_contexts(self.supergraph, fetched, type_name),
                sent=normalize_field_set(self.supergraph, type_name, text, expand=False),
            )

        return _remembered(self._requirements, (type_name, text), make)

    def field_set(self, type_name: str, text: str) -> Selections:
        """A field set on a type, in the form for sending and providing."""
        return _remembered(
            self._field_sets,
            (type_name, text),
            lambda: normalize_field_set(self.supergraph, type_name, text, expand=False),
        )


def _remembered(known: dict[_K, _V], key: _K, make: Callable[[], _V]) -> _V:
    if key not in known:
        known[key] = make()
    return known[key]


def _interfaces_of_objects(supergraph: Supergraph) -> dict[str, set[str]]:
    interfaces: dict[str, set[str]] = {}
    for name, objects in supergraph.possible_types.items():
        if supergraph.types[name].kind == "interface":
            for each in objects:
                interfaces.setdefault(each, set()).add(name)
    return interfaces
