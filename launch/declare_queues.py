"""
Make every domain's queues exist: `python -m launch.declare_queues`, before the first service starts.

Each service makes sure of them as well, whenever it meets the broker. Done once beforehand, a deployment learns at its
start whether the broker lets us.
"""

import asyncio
import os

from launch.queues import read_queues
from launch.secret_files import SecretFileUnreadable, read_secret_files
from launch.services import transport_from_environment
from subgraphs.shared.messaging.transport import QueuesRefused, TransportUnavailable


async def declare_queues() -> int:
    """Declare what is missing; how many queues there are. Raises TransportUnavailable."""
    bindings = read_queues()
    transport = transport_from_environment()
    try:
        await transport.start()
        await transport.declare(bindings)
    finally:
        await transport.stop()
    return len(bindings)


def main() -> None:
    try:
        read_secret_files(os.environ)
        count = asyncio.run(declare_queues())
    except (TransportUnavailable, QueuesRefused, SecretFileUnreadable) as error:
        raise SystemExit(str(error)) from None
    print(f"{count} queues are there", flush=True)


if __name__ == "__main__":
    main()
