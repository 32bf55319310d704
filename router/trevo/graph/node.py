"""A place in the query graph: an object as one subgraph knows it."""

from dataclasses import dataclass

from trevo.operation.selection import Selections, print_selections


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """
    A type in a subgraph, `Book(catalog)`.

    *provided* is what the path here promised beyond the subgraph's own fields (`@provides`); the same type has a node
    of its own for each such promise, so that external fields can be read exactly there.
    """

    id: int
    type_name: str
    subgraph: str
    kind: str
    """
    `object`, `interface`, `union`, `interface object` (an object here, an interface elsewhere), or `start`: where an
    operation begins, before any subgraph was chosen.
    """
    provided: Selections = ()

    def __str__(self) -> str:
        provided = f" providing {print_selections(self.provided)}" if self.provided else ""
        return f"{self.type_name}({self.subgraph}){provided}"
