"""Reads a composed supergraph: who has what, and the schema that clients see."""

from router.supergraph.errors import SupergraphError
from router.supergraph.load import load_supergraph
from router.supergraph.supergraph import Field, JoinField, JoinType, Supergraph, TypeDefinition, TypeReference

__all__ = [
    "Field",
    "JoinField",
    "JoinType",
    "Supergraph",
    "SupergraphError",
    "TypeDefinition",
    "TypeReference",
    "load_supergraph",
]
