"""The comparison with other gateways works, here with this router alone and for a moment; figures are not judged."""

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from bench.gateways import __main__ as command
from bench.gateways import load, report
from bench.gateways.__main__ import PARTS, measure, read_arguments
from bench.gateways.cases import CASES
from bench.gateways.gateways import OURS

SHORT = ["--rounds", "1", "--seconds", "0.05", "--operations", "5"]


CASES_HERE = [case for case in CASES if case.connections <= 50 and case.setting in OURS.starts]
PATIENCE = {"COMPANY_DEADLINE_SHARE": "1", "DEADLINE_SECONDS": "300", "SUBGRAPH_SECONDS_MAX": "300"}
"""On a busy machine parts of requests would be late, and go alone."""


@pytest.mark.timeout(600)
async def test_every_case_is_answered_rightly_with_the_fewest_requests(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in PATIENCE.items():
        monkeypatch.setenv(f"ROUTER_LIMITS__{name}", value)
    monkeypatch.setattr(load, "ANSWER_SECONDS_MAX", 250.0)
    # With 500 at once on a slow machine some time-out or other is met: that is for measuring, and nothing to assert.
    monkeypatch.setattr(command, "CASES", CASES_HERE)
    (measured,) = await measure([OURS], read_arguments(SHORT))
    found = report.result([measured], rounds=1, seconds=0.05, operations=5)
    cases = found["gateways"]["trevo"]["cases"]
    assert list(cases) == [*(case.name for case in CASES_HERE), "new operation"]
    assert [bad for figures in measured.figures.values() for bad in figures.bad] == []
    fetches = {name: figures["fetches"] for name, figures in cases.items()}
    assert fetches == {
        "__typename": 0,
        "one fetch": 1,
        "storefront": 6,
        "storefront, 1 connection": 6,
        "storefront, 8 connections": 6,
        "storefront, two cores": 6,
        "1 entity": 3,
        "10 entities": 3,
        "100 entities": 3,
        "1,000 entities": 3,
        "new operation": 6,
    }
    assert len(measured.figures["new operation"].cpu_ms) == PARTS
    assert {setting.name for setting in measured.running} == {"PLAIN", "TWO_CORES"}
    start = found["gateways"]["trevo"]["start"]
    assert all(start[name] > 0 for name in ("seconds", "first_query_ms", "cpu_seconds", "megabytes"))
    written = {path.name[len("2026-01-01") :]: path.read_text() for path in report.write(found, tmp_path)}
    assert set(written) == {".json", ".txt", ".svg", "-growth.svg"}
    assert json.loads(written[".json"]) == found
    assert len(ET.fromstring(written["-growth.svg"]).findall("{*}polyline")) == 1  # noqa: S314  # our own
    assert len(ET.fromstring(written[".svg"]).findall("{*}rect")) == 1 + len(cases)  # noqa: S314  # our own
    assert written[".txt"] == report.table(found)
