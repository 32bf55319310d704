"""
What an investment costs from the wish to the confirmed position, and how many there can be: `make bench-money`.

A product of its own (one process, durable PostgreSQL, RabbitMQ where `RABBITMQ_URL` names one) is asked at its public
endpoint. How it is measured, and how to read the tables: `README.md`.
"""

import argparse
import asyncio
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from bench.gateways.load import connect
from bench.money import checks, meters
from bench.money.load import QUOTAS_EACH, Asked, Load
from bench.money.product import MoneyProduct, running
from bench.screens.report import processor
from launch.home import ROOT, Home
from story.people import Person
from subgraphs.shared.logging import configure_logging

RESULTS = Path(__file__).parent / "results"
PARTS = (meters.PRODUCT, meters.POSTGRES, meters.BROKER, meters.LOAD)
COLUMNS = ("settled/s", "accept p50", "p99", "settle p50", "p99", *PARTS, "stmts", "commits", "WAL kB", "events")
NAME_WIDTH = 40
QUIET_SECONDS = 3.0
"""After an investment that is watched alone: what it still leads to has ended by then."""


def say(text: str) -> None:
    print(text, flush=True)


@dataclass(frozen=True)
class Way:
    """One way of asking."""

    name: str
    offerings: int
    connections: int = 0
    """That never rest; none where people arrive."""
    rate: float = 0.0
    think_seconds: float = 0.0

    async def ask(self, load: Load, seconds: float) -> None:
        if self.connections:
            await load.without_rest(self.connections, seconds)
        else:
            await load.arriving(self.rate, self.think_seconds, seconds)


@dataclass(frozen=True)
class Result:
    """One way, measured; CPU in milliseconds, and all that is counted, for one settled investment."""

    way: Way
    asked: Asked
    settled: list[float]
    seconds: float
    cpu: dict[str, float]
    wal: float
    events: float
    statements: float
    commits: float
    by_domain: dict[str, float]
    """Statements."""

    def line(self) -> str:
        accepted = sorted(self.asked.accepted.values())
        figures = [
            f"{len(self.settled) / max(self.seconds, 0.001):.0f}",
            *(f"{_at(times, share):.3f}" for times in (accepted, self.settled) for share in (0.5, 0.99)),
            *(f"{self.cpu[part]:.1f}" if part in self.cpu else "-" for part in PARTS),
            f"{self.statements:.1f}",
            f"{self.commits:.1f}",
            f"{self.wal / 1000:.1f}",
            f"{self.events:.1f}",
        ]
        refused = ", ".join(f"{kind} {count}" for kind, count in sorted(self.asked.refused.items())) or "none"
        taken = f"   all connections taken: {self.asked.found_all_taken}" if self.way.rate else ""
        return (
            f"{self.way.name:<{NAME_WIDTH}}" + "".join(f"{it:>11}" for it in figures) + f"{taken}   refused: {refused}"
        )

    def statements_line(self) -> str:
        by_domain = "  ".join(f"{domain} {count:.1f}" for domain, count in self.by_domain.items())
        return f"{self.way.name:<{NAME_WIDTH}}{by_domain}"


def _at(ordered: Sequence[float], share: float) -> float:
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)] if ordered else 0.0


async def measure(product: MoneyProduct, people: Sequence[Person], way: Way, seconds: float) -> Result:
    """Ask for *seconds*, wait until all is settled; then again, shorter, with every statement logged."""
    offerings = await product.open_offerings(way.offerings)
    before = await meters.read(product)
    load, ids = await _asked(product, people, offerings, way, seconds)
    after = await meters.read(product)
    await _check(product, way, ids)
    times, whole = await checks.settled(product, ids)
    each = max(len(ids), 1)
    async with meters.logged(product) as log:
        _, logged_ids = await _asked(product, people, offerings, way, min(seconds, 3.0))
        transactions = log.transactions()
    await _check(product, way, logged_ids)
    counted = max(len(logged_ids), 1)
    commits = sum(statement.strip(" ;").upper() == "COMMIT" for it in transactions for statement in it.statements)
    return Result(
        way,
        load.asked,
        times,
        whole,
        {part: (spent - before.cpu[part]) * 1000 / each for part, spent in after.cpu.items()},
        (after.wal - before.wal) / each,
        (after.events - before.events) / each,
        meters.count_statements(transactions) / counted,
        commits / counted,
        {domain: count / counted for domain, count in meters.count_by_domain(transactions).items()},
    )


async def _asked(
    product: MoneyProduct, people: Sequence[Person], offerings: Sequence[str], way: Way, seconds: float
) -> tuple[Load, list[UUID]]:
    load = Load(_port(product), people, offerings)
    await way.ask(load, seconds)
    if load.asked.faults:
        raise SystemExit(f"{way.name}: {len(load.asked.faults)} answers are no answers: {load.asked.faults[0]}")
    ids = [UUID(it) for it in load.asked.accepted]
    await checks.until_settled(product, ids)
    return load, ids


async def _check(product: MoneyProduct, way: Way, ids: Sequence[UUID]) -> None:
    if found := await checks.faults(product, ids):
        raise SystemExit("\n".join([f"{way.name}:", *found]))


def _port(product: MoneyProduct) -> int:
    return int(product.addresses.graphql.rpartition(":")[2].partition("/")[0])


async def alone(product: MoneyProduct, people: Sequence[Person]) -> str:
    """The table of the transactions that one investment leads to when nobody else asks for anything."""
    offerings = await product.open_offerings(1)
    load = Load(_port(product), people, offerings)
    client = await connect(_port(product))
    await load.invest(client)  # what is prepared once
    await asyncio.sleep(QUIET_SECONDS)
    async with meters.logged(product) as log:
        await load.invest(client)
        await checks.until_settled(product, [UUID(it) for it in load.asked.accepted])
        await asyncio.sleep(QUIET_SECONDS)
        transactions = log.transactions()
    client.transport.close()
    total = meters.count_statements(transactions)
    lines = [f"one investment alone: {len(transactions)} transactions and single statements, {total} statements"]
    for it, times in meters.alike(transactions):
        lines.append(f"{times:>3} x {len(it.statements):>2}  {it.app.removeprefix('peerseed '):<26}{it.summary[:150]}")
    return "\n".join(lines)


def ways(connections: int, offerings: int, rate: float, think_seconds: float) -> list[Way]:
    found = [
        Way(f"one offering, {connections} connections", 1, connections),
        Way(f"{offerings} offerings, {connections} connections", offerings, connections),
    ]
    if rate:
        found.append(
            Way(
                f"{offerings} offerings, {rate:g} people/s, think {think_seconds:g} s",
                offerings,
                0,
                rate,
                think_seconds,
            )
        )
    return found


def head() -> str:
    broker = "RabbitMQ" if os.environ.get("RABBITMQ_URL") else "embedded transport"
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {processor()}, load {os.getloadavg()[0]:.1f}, {broker}\n"
        "seconds; CPU in ms, and what is counted, for one settled investment\n\n"
        f"{'':<{NAME_WIDTH}}" + "".join(f"{column:>11}" for column in COLUMNS)
    )


async def run(wanted: Sequence[Way], people_count: int, seconds: float) -> str:
    """All of it, over a product of its own; the text that is kept."""
    with tempfile.TemporaryDirectory() as folder:
        async with running(Home(Path(folder))) as product:
            say(f"{people_count} investors sign up …")
            people = await product.admit_investors(people_count)
            say(started := head())
            parts = [started]
            results = []
            for way in wanted:
                results.append(await measure(product, people, way, seconds))
                parts.append(results[-1].line())
                say(parts[-1])
            statements = ["", "statements by domain", *(result.statements_line() for result in results)]
            parts += [*statements, "", await alone(product, people)]
            say("\n".join(parts[1 + len(results) :]))
    return "\n".join(parts) + "\n"


def main(given: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--offerings", type=int, default=16, help="beside the run with a single one")
    parser.add_argument("--rate", type=float, default=20.0, help="people arriving a second; 0 leaves that run out")
    parser.add_argument("--think", type=float, default=2.0, help="seconds between somebody's investments")
    parser.add_argument("--seconds", type=float, default=10.0, help="of asking, for each run")
    parser.add_argument(
        "--people", type=int, default=48, help=f"investors, with {QUOTAS_EACH} quotas of each farmer at most"
    )
    parser.add_argument("--keep", action="store_true", help="write the result to bench/money/results")
    options = parser.parse_args(given)
    configure_logging(level="ERROR")
    wanted = ways(options.connections, options.offerings, options.rate, options.think)
    result = asyncio.run(run(wanted, options.people, options.seconds))
    if options.keep:
        RESULTS.mkdir(exist_ok=True)
        broker = "rabbitmq" if os.environ.get("RABBITMQ_URL") else "embedded"
        path = RESULTS / f"{datetime.now(UTC):%Y-%m-%d}-{broker}.txt"
        path.write_text(result)
        say(f"written to {path.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
