"""
The moves: each is one way to get from a node of the graph to another.

    Query(catalog) ─books→ Book(catalog)             a field, in the same subgraph
    Item(catalog) ─on Book→ Book(catalog)            from an abstract type to an object type, in the same place
    Book(catalog) ─key isbn→ Book(stock)             into another subgraph, by a key: one more request
    Book(stock) ─price, requires weight→ …           a field that needs others sent along: one more request as well
    Item(shop) ─price, takes shop__order { currency }→ …   an argument from an object above: likewise
    Mutation(shop) ─query→ Query(catalog)            the root type again: any subgraph can be asked anew
"""

from dataclasses import dataclass

from trevo.graph.node import Node
from trevo.operation.selection import Selections, print_selections
from trevo.supergraph import ContextArgument


@dataclass(frozen=True, slots=True, eq=False)
class Requirement:
    """Fields of an object that a subgraph must be sent: those of a key, or of a `@requires`."""

    id: int
    type_name: str
    fetched: Selections
    """How the fields are looked for: by object type where an interface cannot be asked."""
    sent: Selections
    """How they stand in the representation, as the subgraph wrote it."""

    def __str__(self) -> str:
        return print_selections(self.sent)


@dataclass(frozen=True, slots=True, eq=False)
class FieldMove:
    """A field that *node*'s subgraph resolves. Leads nowhere (None) for scalars and enums."""

    id: int
    name: str
    node: Node
    target: Node | None
    list_depth: int
    type_text: str
    """The field's type as this subgraph declares it."""
    requires: Requirement | None = None
    contexts: tuple[ContextArgument, ...] = ()
    """The arguments that objects above it give."""

    @property
    def is_plain(self) -> bool:
        """Whether it can be asked of whoever has the object: nothing has to be sent along."""
        return self.requires is None and not self.contexts

    def __str__(self) -> str:
        contexts = "".join(f", takes {each.context} {{ {each.selection} }}" for each in self.contexts)
        requires = f", requires {self.requires}" if self.requires else ""
        return f"{self.node} ─{self.name}{requires}{contexts}→ {self.target or self.type_text}"


@dataclass(frozen=True, slots=True, eq=False)
class Entrance:
    """
    A way into *target* for an object that is known elsewhere: send its key.

    Which subgraph the key comes from does not matter, so an entrance has no start.
    """

    id: int
    target: Node
    key: Requirement | None
    """None for root types, which need nothing."""
    typename: str
    """The `__typename` that the subgraph expects: for `@interfaceObject`s and entity interfaces, the interface's."""
    may_lack_key: bool = False
    """Whether the key holds fields that may be null: an object without it cannot come in here."""

    def __str__(self) -> str:
        return f"─{'ask anew' if self.key is None else f'key {self.key}'}→ {self.target}"
