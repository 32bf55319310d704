"""The comparison with other gateways works, here with this router alone and for a moment; figures are not judged."""

import asyncio
import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from bench.gateways import __main__ as command
from bench.gateways import load, readmes, report
from bench.gateways.__main__ import PARTS, RESULTS, measure, read_arguments
from bench.gateways.cases import CASES
from bench.gateways.gateways import OURS
from bench.gateways.measure import Figures

SHORT = ["--rounds", "1", "--seconds", "0.05", "--operations", "5"]


CASES_HERE = [case for case in CASES if case.connections <= 50]
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
    assert 0 < fetches.pop("one fetch, shared") < 1
    assert 0 < fetches.pop("storefront, shared") < 6
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
    assert {setting.name for setting in measured.running} == {"PLAIN", "SHARING", "TWO_CORES"}
    start = found["gateways"]["trevo"]["start"]
    assert all(start[name] > 0 for name in ("seconds", "first_query_ms", "cpu_seconds", "megabytes"))
    written = {path.name[len("2026-01-01") :]: path.read_text() for path in report.write(found, tmp_path)}
    assert set(written) == {".json", ".txt", ".svg", "-growth.svg"}
    assert json.loads(written[".json"]) == found
    assert len(ET.fromstring(written["-growth.svg"]).findall("{*}polyline")) == 1  # noqa: S314  # our own
    assert len(ET.fromstring(written[".svg"]).findall("{*}rect")) == 1 + len(cases)  # noqa: S314  # our own
    assert written[".txt"] == report.table(found)


def test_the_readmes_show_the_newest_kept_result() -> None:
    shown = readmes.with_newest(RESULTS)
    assert len(shown) == 2
    stale = [path.name for path, wanted in shown.items() if path.read_text(encoding="utf-8") != wanted]
    assert stale == [], "run `python -m bench.gateways --show-newest`"


async def test_a_gateway_that_drops_connections_is_told_of_and_the_others_are_measured() -> None:
    async def drop(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.transport.abort()

    server = await asyncio.start_server(drop, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    asked = load.request_of(port, "{ __typename }")
    dropped = await load.ask_for_a_while(port, asked, {}, connections=3, seconds=0)
    each_once = await load.ask_each_once(port, iter(["{ a }", "{ b }", "{ c }"]), connections=2)
    server.close()
    assert (dropped.answers, len(dropped.bad)) == (0, 3)
    assert (each_once.answers, len(each_once.bad)) == (0, 2)
    figures = Figures()
    figures.add(dropped, 1.0, 0)
    assert (figures.cpu_ms, len(figures.bad)) == ([], 3)
