"""What was measured, as JSON, as a table, and as a picture."""

import json
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


def result(measured: list[Measured], *, rounds: int, seconds: float, operations: int) -> dict[str, Any]:
    """Everything that a result file holds."""
    return {
        "at": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "machine": f"{processor()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}",
        "python": sys.version.split()[0],
        "method": f"medians of {rounds} rounds of {seconds:g} s; the gateway has one core; {operations} new operations",
        "gateways": {
            each.gateway.name: {
                "note": each.gateway.note,
                "start": {
                    "seconds": round(each.start_seconds, 3),
                    "cpu_seconds": round(each.start_cpu_seconds, 3),
                    "megabytes": round(each.megabytes, 1),
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
    names = {"start s": "seconds", "CPU s": "cpu_seconds", "MB": "megabytes"}
    lines.append(f"{'start, to the first answer':<30}" + "".join(f"{name:>12}" for name in (*names, "MB after")))
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


def write(found: dict[str, Any], folder: Path) -> list[Path]:
    """The result's files, named by its day."""
    folder.mkdir(exist_ok=True)
    day = found["at"].partition(" ")[0]
    texts = {"json": json.dumps(found, indent=2) + "\n", "txt": table(found), "svg": picture(found)}
    paths = []
    for kind, text in texts.items():
        path = folder / f"{day}.{kind}"
        path.write_text(text)
        paths.append(path)
    return paths
