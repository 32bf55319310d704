"""The store's schemas: what the gateways are given."""

from pathlib import Path

from bench.gateways.store.world import SUBGRAPHS
from builds.supergraph import Subgraph, compose

FOLDER = Path(__file__).parent


def subgraphs(port: int) -> list[Subgraph]:
    """Those of a store at *port*."""
    return [
        Subgraph(name, f"http://127.0.0.1:{port}/{name}", (FOLDER / f"{name}.graphql").read_text())
        for name in SUBGRAPHS
    ]


def composed(port: int) -> str:
    """The supergraph of a store at *port*."""
    return compose(subgraphs(port))
