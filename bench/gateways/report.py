"""What was measured, as JSON, as a table, and as a picture."""

import json
import math
import os
import sys
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import Any

from bench.gateways.measure import Measured
from bench.screens.report import processor

BAR = 22
LEFT = 260
WIDTH = 900
COLOURS = ("#2e7d32", "#c62828", "#1565c0", "#6a1b9a", "#ef6c00", "#00838f")


def result(measured: list[Measured], *, rounds: int, seconds: float, operations: int) -> dict[str, Any]:
    """Everything that a result file holds."""
    return {
        "at": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "machine": f"{processor()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}",
        "python": sys.version.split()[0],
        "method": f"medians of {rounds} rounds of {seconds:g} s; {operations:,} new operations",
        "gateways": {
            each.gateway.name: {
                "note": each.gateway.note,
                "start": {
                    "seconds": round(each.plain.start_seconds, 3),
                    "first_query_ms": round(each.plain.first_query_ms, 1),
                    "cpu_seconds": round(each.plain.start_cpu_seconds, 3),
                    "megabytes": round(each.plain.megabytes, 1),
                },
                "megabytes_after": round(each.megabytes_after, 1),
                "cases": {name: figures.medians() for name, figures in each.figures.items() if figures.cpu_ms},
                "bad_answers": sum(len(figures.bad) for figures in each.figures.values()),
            }
            for each in measured
        },
    }


def table(found: dict[str, Any]) -> str:
    """CPU milliseconds per request, and what else is told of each gateway."""
    gateways = found["gateways"]
    cases = list(dict.fromkeys(name for gateway in gateways.values() for name in gateway["cases"]))
    lines = [f"{found['at']}, {found['machine']}, Python {found['python']}", found["method"], ""]
    for title, figure, digits in (
        ("CPU ms per request", "cpu_ms", 3),
        ("requests per second", "per_second", 0),
        ("ms until half of the answers are there", "p50_ms", 2),
        ("ms until 99 of 100 are there", "p99_ms", 2),
        ("requests to subgraphs per request", "fetches", 2),
    ):
        lines += _part(title, gateways, cases, figure, digits)
    names = {"start s": "seconds", "1st ms": "first_query_ms", "CPU s": "cpu_seconds", "MB": "megabytes"}
    lines.append(f"{'start, and the first query':<30}" + "".join(f"{name:>12}" for name in (*names, "MB after")))
    for name, gateway in gateways.items():
        figures = [*(gateway["start"][key] for key in names.values()), gateway["megabytes_after"]]
        lines.append(f"{name:<30}" + "".join(f"{figure:>12.2f}" for figure in figures))
    notes = [f"{name}: {gateway['note']}" for name, gateway in gateways.items() if gateway["note"]]
    bad = [
        f"{name}: {gateway['bad_answers']} bad answers" for name, gateway in gateways.items() if gateway["bad_answers"]
    ]
    return "\n".join([*lines, "", *notes, *bad]) + "\n"


def _part(title: str, gateways: dict[str, Any], cases: list[str], figure: str, digits: int) -> list[str]:
    width = max(len(name) for name in gateways) + 2
    lines = [f"{title:<40}" + "".join(f"{name:>{width}}" for name in gateways)]
    for case in cases:
        cells = [gateway["cases"].get(case, {}).get(figure) for gateway in gateways.values()]
        lines.append(
            f"{case:<40}" + "".join(f"{'–' if cell is None else f'{cell:,.{digits}f}':>{width}}" for cell in cells)
        )
    return [*lines, ""]


def picture(found: dict[str, Any]) -> str:
    """Bars of CPU per request, a group for each case, as SVG."""
    gateways = found["gateways"]
    cases = list(dict.fromkeys(name for gateway in gateways.values() for name in gateway["cases"]))
    body, y = [], 50
    for case in cases:
        bars = [
            (name, gateway["cases"][case]["cpu_ms"]) for name, gateway in gateways.items() if case in gateway["cases"]
        ]
        most = max((value for _, value in bars), default=0.0) or 1.0
        body.append(f'<text x="10" y="{y}" font-weight="bold">{escape(case)}</text>')
        for name, value in bars:
            y += BAR
            length = max(1.0, (WIDTH - LEFT - 90) * value / most)
            colour = "#2e7d32" if name == next(iter(gateways)) else "#90a4ae"
            body += [
                f'<text x="{LEFT - 8}" y="{y}" text-anchor="end">{escape(name)}</text>',
                f'<rect x="{LEFT}" y="{y - 12}" width="{length:.1f}" height="14" fill="{colour}"/>',
                f'<text x="{LEFT + length + 6:.1f}" y="{y}">{value:.3f}</text>',
            ]
        y += 2 * BAR
    head = f"CPU milliseconds per request; {found['at']}, {found['machine']}"
    size = f'width="{WIDTH}" height="{y}" font-family="sans-serif" font-size="13"'
    ground = '<rect width="100%" height="100%" fill="white"/>'
    title = f'<text x="10" y="22">{escape(head)}</text>'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{ground}{title}{"".join(body)}</svg>\n'


def growth(found: dict[str, Any]) -> str:
    """CPU per request by the number of entities, both in powers of ten, a line for each gateway, as SVG."""
    cases = ("1 entity", "10 entities", "100 entities", "1,000 entities")
    lines = {
        name: [gateway["cases"][case]["cpu_ms"] for case in cases]
        for name, gateway in found["gateways"].items()
        if all(case in gateway["cases"] for case in cases)
    }
    values = [value for line in lines.values() for value in line] or [1.0]
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values))) or 1
    step, height = (WIDTH - LEFT - 40) / (len(cases) - 1), 90 * (high - low)

    def y_of(value: float) -> float:
        return 50 + 90 * (high - math.log10(value))

    head = f"CPU milliseconds by number of entities; {found['at']}, {found['machine']}"
    body = [f'<text x="10" y="22">{escape(head)}</text>']
    for power in range(low, high + 1):
        y = y_of(10**power)
        body.append(f'<line x1="{LEFT}" y1="{y:.1f}" x2="{WIDTH - 40}" y2="{y:.1f}" stroke="#cfd8dc"/>')
        body.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{10.0**power:g} ms</text>')
    for number, case in enumerate(cases):
        body.append(f'<text x="{LEFT + step * number:.1f}" y="{height + 75}" text-anchor="middle">{case}</text>')
    for number, (name, line) in enumerate(lines.items()):
        colour = COLOURS[number % len(COLOURS)]
        points = " ".join(f"{LEFT + step * x:.1f},{y_of(value):.1f}" for x, value in enumerate(line))
        body.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
        body.append(f'<text x="10" y="{70 + BAR * number}" fill="{colour}">{escape(name)}</text>')
    size = f'width="{WIDTH}" height="{height + 95}" font-family="sans-serif" font-size="13"'
    ground = '<rect width="100%" height="100%" fill="white"/>'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{ground}{"".join(body)}</svg>\n'


def write(found: dict[str, Any], folder: Path) -> list[Path]:
    """The result's files, named by its day."""
    folder.mkdir(exist_ok=True)
    day = found["at"].partition(" ")[0]
    texts = {
        ".json": json.dumps(found, indent=2, ensure_ascii=False) + "\n",
        ".txt": table(found),
        ".svg": picture(found),
        "-growth.svg": growth(found),
    }
    paths = []
    for ending, text in texts.items():
        path = folder / f"{day}{ending}"
        path.write_text(text)
        paths.append(path)
    return paths
