"""
CPU per request of each screen, by layer: `make bench`.

The story is told to a product of its own, which gives the screens something to show (and its process's memory is read
then). After that everything runs in this process, over the same data, without HTTP. How it is measured is written in
`measure.py`, how the layers are told apart in `layers.py`, and how to read the table in `README.md`.
"""

import asyncio
import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from bench.screens.measure import Screen, measure
from bench.screens.product import Product
from bench.screens.report import summary
from bench.screens.seeded_product import Seeded, seed
from launch.databases import DOMAINS
from launch.environment import local_environment
from launch.home import ROOT, Home
from launch.infrastructure import bring_up
from subgraphs.shared.logging import configure_logging

RESULTS = Path(__file__).parent / "results"

NOT_MEASURED = {
    "BackOffice": "reads dead letters, and there is no broker here",
    "NotificationReceived": "is answered for as long as somebody listens",
}


def say(text: str) -> None:
    print(text, flush=True)


async def measure_screens(home: Home, seeded: Seeded) -> list[Screen]:
    """Every operation of `schema/operations/`, asked by its person."""
    infrastructure = await bring_up(home, lambda _: None)
    postmaster = int((home.postgres / "data" / "postmaster.pid").read_text().split()[0])
    bases = dict.fromkeys(DOMAINS, "http://127.0.0.1:1")
    os.environ.update(local_environment(infrastructure.environment, bases))
    product = Product()
    try:
        paths = sorted((ROOT / "schema" / "operations").glob("*.graphql"))
        paths = [path for path in paths if path.stem not in NOT_MEASURED]
        screens = [Screen(path.stem, await seeded.request(path, product.router)) for path in paths]
        await measure(product, screens, postmaster, say)
        return screens
    finally:
        await product.close()
        await infrastructure.stop()


async def main() -> None:
    configure_logging(level="ERROR")
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder))
        say("telling the story …")
        seeded = await seed(home)
        screens = await measure_screens(home, seeded)
    result = summary(screens, megabytes=seeded.megabytes, server_megabytes=seeded.server_megabytes)
    say(f"\n{result}")
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{datetime.now(UTC):%Y-%m-%d}.txt"
    path.write_text(result)
    say(f"written to {path.relative_to(ROOT)}")


if __name__ == "__main__":
    asyncio.run(main())
