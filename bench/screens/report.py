"""What was measured, as a table."""

import os
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from bench.screens.layers import GRAPHQL, LOOP, ROUTER, SQL
from bench.screens.measure import REQUESTS_PER_ROUND, ROUNDS, Screen

LAYERS = (ROUTER, GRAPHQL, SQL, LOOP)
COLUMNS = ("subgraphs", "fetches", "SQL stmts", "CPU ms", "best", *LAYERS, "x ref", "server")


def table(screens: list[Screen]) -> str:
    """A line per screen; CPU in milliseconds of one request."""
    head = f"{'screen':<22}" + "".join(f"{name:>10}" for name in COLUMNS)
    return "\n".join([head, "-" * len(head), *(_line(screen) for screen in screens)])


def _line(screen: Screen) -> str:
    counts = (len(screen.fetches), screen.fetches.total(), screen.statements)
    times = (screen.milliseconds, min(screen.cpu), *(screen.layer(name) for name in LAYERS), screen.in_references)
    server = sum(screen.server) / len(screen.server)
    return (
        f"{screen.name:<22}"
        + "".join(f"{count:>10}" for count in counts)
        + "".join(f"{value:>10.2f}" for value in (*times, server))
    )


def summary(screens: list[Screen], *, megabytes: float, server_megabytes: float) -> str:
    """All that a result file holds."""
    references = sorted(reference for screen in screens for reference in screen.references)
    load = " / ".join(f"{value:.1f}" for value in os.getloadavg())
    machine = f"Python {sys.version.split()[0]}, {os.cpu_count()} cores, {processor()}, load {load}"
    work = f"reference work {references[0]:.2f} ms at best, {references[len(references) // 2]:.2f} ms in the median"
    memory = f"memory of the whole in one process after the story: {megabytes:.0f} MB"
    server = f"PostgreSQL's own processes: {server_megabytes:.0f} MB"
    rounds = f"medians of {ROUNDS} rounds of {REQUESTS_PER_ROUND} requests"
    now = f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
    return f"{now}, {machine}\n{rounds}; {work}\n\n{table(screens)}\n\n{memory}; {server}\n"


def processor() -> str:
    """What kind of processor it is, as far as Linux tells."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return "processor unknown"
    names = Counter(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return ", ".join(names) or "processor unknown"
