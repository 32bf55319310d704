"""
`make demo`: tell the story to a running product, or start one for it.

Exit 0 only when every step came true and the books balance to the cent.
"""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp

from launch.home import ROOT, Addresses, Home
from story.client import Client, StoryFailed
from story.narrator import Narrator
from story.telling import tell_on

START_SECONDS = 120


@asynccontextmanager
async def running_product(home: Home) -> AsyncIterator[Addresses]:
    """The product that runs on this home already, or one started for the story and stopped after it."""
    if found := home.addresses():
        print(f"telling the story to the product at {found.graphql}", flush=True)
        yield found
        return
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    print("starting the product …", flush=True)
    product = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "launch.in_process", cwd=ROOT, env={**os.environ, "PORT": str(port)}
    )
    try:
        yield await _until_up(home, product)
    finally:
        if product.returncode is None:
            product.send_signal(signal.SIGINT)
        await product.wait()


async def _until_up(home: Home, product: asyncio.subprocess.Process) -> Addresses:
    async with asyncio.timeout(START_SECONDS):
        while not (found := home.addresses()):
            if product.returncode is not None:
                raise StoryFailed("the product did not start; the lines above say why")
            await asyncio.sleep(0.1)
    return found


async def main() -> int:
    narrator = Narrator()
    try:
        async with running_product(Home()) as addresses:
            print(f"database: {addresses.database}\nbroker:   {addresses.broker}", flush=True)
            client = Client(addresses)
            try:
                await tell_on(client, narrator)
            finally:
                await client.close()
    except (StoryFailed, aiohttp.ClientError) as failure:
        what = failure if isinstance(failure, StoryFailed) else f"the product no longer answers ({failure})"
        print(f"\nstory: failed after {narrator.steps} steps: {what}", file=sys.stderr)
        return 1
    print(f"\nstory: {narrator.steps} steps, books balanced to the cent", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
