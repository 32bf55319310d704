"""
What the floor of one request is made of: `make bench-floor`.

The same request is sent to one server after another, each with one layer more than the one before; what a layer adds is
its share. So nothing is measured by looking into it, and the shares add up to the whole. Of the router:

    bytes               asyncio and the kernel: the answer is bytes that lie ready
    + http              uvicorn's protocol under our bounds, and an ASGI application that has its answer ready
    + paths, headers    the application: which path, whose address, headers that every answer has
    + endpoint          GraphQL over HTTP: what comes is read, watched over, written
    + answer            the operation found, priced, permitted, projected: `{ __typename }` needs nobody else
    + log               the line of each request
    + one fetch         another operation: one subgraph is asked over HTTP

And of a subgraph, asked as a router asks it:

    bytes, + http       as above
    + address, headers  whose address, as its router says it; headers that every answer has
    + endpoint          GraphQL over HTTP
    + execute           `{ __typename }` found, priced, executed, for nobody in particular
    + token             the same for somebody: a token that was verified a moment ago
    + me { id }         another operation: one resolver is asked, and one object written

CPU time of the server's process, user and system, over the requests of a round. Rounds of all take turns; told are the
medians. Shares hold from day to day, microseconds do not.
"""

import argparse
import asyncio
import os
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import NamedTuple
from unittest.mock import patch

import structlog

from bench.floor.layers import Layer, Layers
from bench.floor.others import LoadProcess, subgraphs
from bench.floor.subgraph_layers import SubgraphLayers
from bench.gateways.load import request_of
from bench.screens.report import processor
from launch import memory

RESULTS = Path(__file__).parent / "results"


class Floor(NamedTuple):
    """What answers requests, from the bytes up."""

    name: str
    whole: str
    """The layer with which it is whole; what comes after it is another operation."""
    layers: list[Layer]


async def cost_of(layer: Layer, load: LoadProcess, requests: int) -> float:
    """Microseconds of CPU per request."""
    structlog.reset_defaults()
    async with layer.serving() as port:
        request = request_of(port, layer.query, headers=layer.headers)
        await load.ask(port, request, max(requests // 5, 200))
        before = time.process_time()
        await load.ask(port, request, requests)
        return (time.process_time() - before) * 1_000_000 / requests


async def measure(rounds: int, requests: int, connections: int) -> list[tuple[Floor, dict[str, float]]]:
    """Microseconds by layer, each with all before it."""
    with subgraphs() as store_port, LoadProcess(connections) as load:
        floors = [
            Floor("router", "log", Layers(store_port).all()),
            Floor("subgraph", "token", SubgraphLayers().all()),
        ]
        memory.settle()
        found: list[dict[str, list[float]]] = [{layer.name: [] for layer in floor.layers} for floor in floors]
        for _ in range(rounds):
            for floor, values in zip(floors, found, strict=True):
                for layer in floor.layers:
                    values[layer.name].append(await cost_of(layer, load, requests))
    medians = [{name: median(each) for name, each in values.items()} for values in found]
    return list(zip(floors, medians, strict=True))


def table(floor: Floor, found: dict[str, float]) -> str:
    whole, is_whole = found[floor.whole], False
    lines = [f"{floor.name:20}{'µs in all':>10}{'adds':>8}{'share':>8}"]
    before = 0.0
    for name, microseconds in found.items():
        adds = microseconds - before
        share = "" if is_whole else f"{adds / whole:8.0%}"
        lines.append(f"{name:20}{microseconds:10.0f}{adds:8.0f}{share}")
        before, is_whole = microseconds, is_whole or name == floor.whole
    return "\n".join(lines) + "\n"


def main(given: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--requests", type=int, default=4_000, help="of a layer in a round")
    parser.add_argument("--connections", type=int, default=50)
    arguments = parser.parse_args(given)
    with Path(os.devnull).open("w") as nowhere, patch("sys.stdout", nowhere):
        found = asyncio.run(measure(arguments.rounds, arguments.requests, arguments.connections))
    head = f"{datetime.now(UTC):%Y-%m-%d}, {processor()}, load {os.getloadavg()[0]:.1f}, {arguments.connections}"
    text = "\n".join([f"{head} connections\n", *(table(*each) for each in found)])
    print(text, end="")
    if given is None and len(sys.argv) == 1:
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / f"{datetime.now(UTC):%Y-%m-%d}.txt").write_text(text)


if __name__ == "__main__":
    main()
