"""The query graph: what each subgraph can be asked, and the moves between."""

from router.graph.move import Entrance, FieldMove, Requirement
from router.graph.node import Node
from router.graph.query_graph import QueryGraph

__all__ = ["Entrance", "FieldMove", "Node", "QueryGraph", "Requirement"]
