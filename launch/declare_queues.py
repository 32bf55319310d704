"""
Make every domain's queues exist: `python -m launch.declare_queues`, once before the first service starts.

To a broker, an event whose queue does not exist yet has no listener. In one process all queues are declared before
any relay starts; where each subgraph is a process of its own, this is done for all of them beforehand.
"""

import asyncio
import os

from launch.databases import DOMAINS
from launch.services import make_all_subgraphs, transport_from_environment
from subgraphs.shared.messaging.transport import Binding, TransportUnavailable

PLACEHOLDERS = {
    **{f"{domain.upper()}_DATABASE_URL": "postgresql://nobody@127.0.0.1/none" for domain in DOMAINS},
    "ACCOUNTS_KEY_ENCRYPTION_SECRET": "not-used-to-name-queues",
    "WALLET_WEBHOOK_SECRET": "not-used-to-name-queues",
    "CONTRACTS_WEBHOOK_SECRET": "not-used-to-name-queues",
}
"""Handlers are named without touching a database or a secret, so this job needs none of them."""


async def all_bindings() -> list[Binding]:
    """Which queues there are, and what each takes."""
    subgraphs = make_all_subgraphs(DOMAINS)
    try:
        return [binding for subgraph in subgraphs.values() for binding in subgraph.reactions.bindings()]
    finally:
        for subgraph in subgraphs.values():
            await subgraph.close()


async def declare_queues() -> int:
    """Declare what is missing; how many queues there are."""
    bindings = await all_bindings()
    transport = transport_from_environment()
    await transport.start()
    try:
        await transport.declare(bindings)
    finally:
        await transport.stop()
    return len(bindings)


def main() -> None:
    for name, value in PLACEHOLDERS.items():
        os.environ.setdefault(name, value)
    try:
        count = asyncio.run(declare_queues())
    except TransportUnavailable as error:
        raise SystemExit(str(error)) from None
    print(f"{count} queues are there", flush=True)


if __name__ == "__main__":
    main()
