"""
CPU of each screen, in rounds that go through all of them.

Every round measures every screen, so that a slow spell of the machine meets all alike, and before each screen the
reference work; what comes out are medians over the rounds. The requests of a round are timed by the CPU time of this
process (whoever else uses the machine still heats the caches, but does not count), first bare, then under the meter.
The meter costs something itself, so its result counts only as shares of the bare time.
"""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median

from bench.screens.process_stats import children_cpu_seconds
from bench.screens.product import Product
from bench.screens.reference import reference_work
from launch import memory
from trevo.gateway.request import GraphQLRequest

ROUNDS = 9
REQUESTS_PER_ROUND = 20
WARM_UP = 10
REFERENCES_PER_ROUND = 3

Say = Callable[[str], None]


@dataclass
class Screen:
    """One screen's request, and what was measured of it; times in milliseconds of one request."""

    name: str
    request: GraphQLRequest
    fetches: Counter[str] = field(default_factory=Counter)
    statements: int = 0
    cpu: list[float] = field(default_factory=list)
    references: list[float] = field(default_factory=list)
    """CPU of the reference work, in the same rounds."""
    server: list[float] = field(default_factory=list)
    """CPU of the database server's processes."""
    metered: Counter[str] = field(default_factory=Counter)
    """Nanoseconds by layer, under the meter."""

    @property
    def milliseconds(self) -> float:
        return median(self.cpu)

    @property
    def in_references(self) -> float:
        """How many times the reference work it takes, in the same moment."""
        return median(cpu / reference for cpu, reference in zip(self.cpu, self.references, strict=True))

    def layer(self, *names: str) -> float:
        """The part of the milliseconds that belongs to the layers of these *names*."""
        return self.milliseconds * sum(self.metered[name] for name in names) / self.metered.total()


async def measure(product: Product, screens: list[Screen], postmaster: int, say: Say) -> None:
    """Fill in what *screens* cost."""
    for screen in screens:
        await _look_at(product, screen)
    memory.settle()
    for number in range(ROUNDS):
        for screen in screens:
            await _measure_round(product, screen, postmaster)
        say(f"round {number + 1} of {ROUNDS}")


async def _look_at(product: Product, screen: Screen) -> None:
    """Warm everything that answers *screen*, and count what one answer asks of subgraphs and databases."""
    for _ in range(WARM_UP):
        result = await product.execute(screen.request)
        if result.body.get("errors"):
            raise SystemExit(f"{screen.name} answers with errors: {result.body['errors']}")
    product.fetches.clear()
    product.statements.clear()
    await product.execute(screen.request)
    screen.fetches = Counter(product.fetches)
    screen.statements = product.statements.total()


async def _measure_round(product: Product, screen: Screen, postmaster: int) -> None:
    started = time.process_time()
    for _ in range(REFERENCES_PER_ROUND):
        reference_work()
    screen.references.append((time.process_time() - started) * 1000 / REFERENCES_PER_ROUND)

    started, server_started = time.process_time(), children_cpu_seconds(postmaster)
    for _ in range(REQUESTS_PER_ROUND):
        await product.execute(screen.request)
    screen.cpu.append((time.process_time() - started) * 1000 / REQUESTS_PER_ROUND)
    screen.server.append((children_cpu_seconds(postmaster) - server_started) * 1000 / REQUESTS_PER_ROUND)

    with product.metered():
        for _ in range(REQUESTS_PER_ROUND):
            await product.execute_metered(screen.request)
    screen.metered.update(product.meter.nanoseconds)
