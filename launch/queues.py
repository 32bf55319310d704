"""
Who hears what, in the whole deployment: `schema/queues.json`, a queue for each handler with the types that it takes.

A publisher must not know its listeners, but whoever deploys it does. Each process reads the file at its start: it
makes sure that the queues exist, whichever process consumes them, and keeps an event that one of them is to take until
it is taken. `make schema` writes the file (`python -m launch.queues`); only that has to build all the subgraphs.
"""

import asyncio
import os
from pathlib import Path

import orjson

from launch.databases import DOMAINS
from launch.home import ROOT, SECRET_NAMES
from launch.services import make_all_subgraphs
from subgraphs.shared.messaging.transport import Binding
from subgraphs.shared.settings import SANDBOXES

FILE = ROOT / "schema" / "queues.json"

PLACEHOLDERS = {
    **{f"{domain.upper()}_DATABASE_URL": "postgresql://nobody@127.0.0.1/none" for domain in DOMAINS},
    **dict.fromkeys(SECRET_NAMES, "not-used-to-name-queues"),
    SANDBOXES: "1",
}
"""Handlers are named without touching a database, a secret or a party outside, so naming them needs none."""


def read_queues(file: Path = FILE) -> list[Binding]:
    """Which queues there are, and what each takes."""
    document: dict[str, list[str]] = orjson.loads(file.read_bytes())
    return [Binding(queue, frozenset(types)) for queue, types in document.items()]


def render_queues(bindings: list[Binding]) -> bytes:
    document = {binding.queue: sorted(binding.types) for binding in bindings}
    return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS) + b"\n"


async def collect_queues() -> list[Binding]:
    """What the subgraphs' reactions need; the environment has to hold `PLACEHOLDERS`, or something better."""
    subgraphs = make_all_subgraphs(DOMAINS)
    try:
        return [binding for subgraph in subgraphs.values() for binding in subgraph.reactions.bindings()]
    finally:
        for subgraph in subgraphs.values():
            await subgraph.close()


def main() -> None:
    for name, value in PLACEHOLDERS.items():
        os.environ.setdefault(name, value)
    content = render_queues(asyncio.run(collect_queues()))
    if not FILE.exists() or FILE.read_bytes() != content:
        FILE.write_bytes(content)
        print(f"written: {FILE.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
