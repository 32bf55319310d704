"""The query graph: what each subgraph can be asked, and the moves between."""

from trevo.graph.move import Entrance, FieldMove, Requirement
from trevo.graph.node import Node
from trevo.graph.query_graph import QueryGraph

__all__ = ["Entrance", "FieldMove", "Node", "QueryGraph", "Requirement"]
