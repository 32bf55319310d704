"""How the gateways of the comparison are started and ended."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest
import yaml

from bench.gateways.cases import Setting
from bench.gateways.gateways import Command, Gateway, Graph, gateways
from bench.gateways.measure import Bench
from bench.gateways.processes import family
from bench.gateways.store.graph import subgraphs
from builds.node import find_node
from launch.home import ROOT


def test_cosmo_is_given_the_subgraphs_and_a_composer_that_makes_its_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COSMO_ROUTER", "/opt/cosmo-router")
    monkeypatch.setenv("WGC", "/opt/wgc")
    (cosmo,) = (gateway for gateway in gateways(find_node()) if gateway.name == "Cosmo")
    graph = Graph(Path("supergraph.graphql"), subgraphs(4000))
    commands = {setting: start(graph, 5000) for setting, start in cosmo.starts.items()}
    assert set(commands) == set(Setting)
    plain = commands[Setting.PLAIN]
    assert (plain.words, plain.environment["LISTEN_ADDR"]) == (["/opt/cosmo-router"], "127.0.0.1:5000")
    assert plain.before == ["/opt/wgc", "router", "compose", "--input", "graph.yaml", "--out", "config.json"]
    assert yaml.safe_load(plain.files["graph.yaml"])["subgraphs"][1] == {
        "name": "goods", "routing_url": "http://127.0.0.1:4000/goods", "schema": {"file": "goods.graphql"}
    }  # fmt: skip
    assert set(plain.files) == {"graph.yaml", *(f"{name}.graphql" for name in ("people", "goods", "stock", "ratings"))}
    differences = plain.environment.items() ^ commands[Setting.SHARING].environment.items()
    assert {name for name, _ in differences} == {
        "ENGINE_ENABLE_SINGLE_FLIGHT", "ENGINE_ENABLE_INBOUND_REQUEST_DEDUPLICATION"
    }  # fmt: skip


async def test_a_gateway_whose_files_cannot_be_made_says_why(tmp_path: Path) -> None:
    before = [sys.executable, "-c", "print('no such subgraph'); raise SystemExit(1)"]
    broken = Gateway("broken", {Setting.PLAIN: lambda _graph, _port: Command(["true"], before=before)})
    bench = Bench(tmp_path, Graph(tmp_path / "supergraph.graphql", []), 4000)
    with pytest.raises(SystemExit, match="no such subgraph"):
        async with bench.measured(broken, {Setting.PLAIN}):
            pass


@pytest.mark.timeout(240)
async def test_a_measurement_that_is_ended_leaves_nothing_running() -> None:
    words = ["-m", "bench.gateways", "--gateways", "trevo", "--cases", "__typename", "--seconds", "60"]
    process = await asyncio.create_subprocess_exec(
        sys.executable, *words, cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    while b"answer 1 cases alike" not in await process.stdout.readline():
        assert process.returncode is None
    started = family(process.pid)
    assert len(started) >= 3
    process.send_signal(signal.SIGTERM)
    _, said = await process.communicate()
    assert (process.returncode, said) == (1, b"ended before it was done\n")
    assert [pid for pid in started if Path(f"/proc/{pid}").exists() and os.getpgid(pid)] == []
