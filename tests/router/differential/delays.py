"""Subgraphs that answer late: some at once, some after others have been asked what depends on them."""

import asyncio
import random
from dataclasses import dataclass

TURNS = (0, 0, 1, 3, 10, 40)
"""Of the loop, that a request may take; a step from one answer to the next request takes a few."""


@dataclass(frozen=True)
class Delays:
    """Who is late depends only on *seed* and on what is asked, so that a case goes the same way again."""

    seed: str

    async def wait(self, subgraph: str, document: str) -> None:
        for _ in range(random.Random(f"{self.seed} {subgraph} {document}").choice(TURNS)):
            await asyncio.sleep(0)
