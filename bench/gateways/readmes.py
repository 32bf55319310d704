"""The newest kept result in the READMEs, between two marks; a test says when they show another."""

import json
from pathlib import Path
from typing import Any

from launch.home import ROOT

BEGIN = "<!-- the newest result of `make bench-gateways`; written by it -->"
END = "<!-- end of the newest result -->"
NONE_YET = "No result is kept yet.\n"
IN_SHORT = ("__typename", "one fetch", "storefront", "storefront, 1 connection", "1,000 entities", "new operation")
"""The cases that the router's own README shows."""


def with_newest(results: Path) -> dict[Path, str]:
    """Each README's path and its text as it should be."""
    kept = max(results.glob("*.json"), default=None)
    found: dict[str, Any] | None = json.loads(kept.read_text(encoding="utf-8")) if kept else None
    wanted = {
        ROOT / "bench" / "gateways" / "README.md": whole(found) if found else NONE_YET,
        ROOT / "router" / "README.md": in_short(found) if found else NONE_YET,
    }
    return {path: _put(path.read_text(encoding="utf-8"), block) for path, block in wanted.items()}


def _put(text: str, block: str) -> str:
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    assert begin, "the README has no place for the result"
    assert end, "the README has no place for the result"
    return f"{before}{BEGIN}\n{block}{END}{after}"


def in_short(found: dict[str, Any]) -> str:
    """CPU of the cases that say most."""
    return f"{_said(found)}\n\n{_cases(found, 'CPU ms per request', 'cpu_ms', 2, IN_SHORT)}"


def whole(found: dict[str, Any]) -> str:
    """CPU, fetches and start of all cases; the rest is in the result's own files."""
    gateways = found["gateways"]
    cases = tuple(dict.fromkeys(name for gateway in gateways.values() for name in gateway["cases"]))
    columns = {
        "start s": ("seconds", 2),
        "first query ms": ("first_query_ms", 0),
        "CPU s": ("cpu_seconds", 2),
        "MB": ("megabytes", 0),
    }
    lines = [
        f"| start | {' | '.join(columns)} | MB after |",
        f"|---|{'--:|' * (len(columns) + 1)}",
        *(
            f"| {name} | "
            + " | ".join(f"{gateway['start'][key]:,.{digits}f}" for key, digits in columns.values())
            + f" | {gateway['megabytes_after']:,.0f} |"
            for name, gateway in gateways.items()
        ),
    ]
    tables = [
        _cases(found, "CPU ms per request", "cpu_ms", 3, cases),
        _cases(found, "requests per second", "per_second", 0, cases),
        _cases(found, "requests to subgraphs", "fetches", 1, cases),
        "\n".join(lines) + "\n",
    ]
    return f"{_said(found)}\n\n" + "\n".join(tables)


def _said(found: dict[str, Any]) -> str:
    return f"{found['at']}, {found['machine']}, Python {found['python']}; {found['method']}."


def _cases(found: dict[str, Any], title: str, figure: str, digits: int, cases: tuple[str, ...]) -> str:
    gateways = found["gateways"]
    lines = [f"| {title} | {' | '.join(gateways)} |", f"|---|{'--:|' * len(gateways)}"]
    for case in cases:
        cells = [gateway["cases"].get(case, {}).get(figure) for gateway in gateways.values()]
        lines.append(f"| {case} | {' | '.join('–' if cell is None else f'{cell:,.{digits}f}' for cell in cells)} |")
    return "\n".join(lines) + "\n"
