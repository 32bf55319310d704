"""Reads a composed supergraph: who has what, and the schema that clients see."""

from trevo.supergraph.errors import SupergraphError
from trevo.supergraph.load import load_supergraph
from trevo.supergraph.supergraph import (
    ContextArgument,
    Field,
    JoinField,
    JoinType,
    Supergraph,
    TypeDefinition,
    TypeReference,
)

__all__ = [
    "ContextArgument",
    "Field",
    "JoinField",
    "JoinType",
    "Supergraph",
    "SupergraphError",
    "TypeDefinition",
    "TypeReference",
    "load_supergraph",
]
