"""What a process listens on is what its settings say: bounds on connections, trusted proxies, figures apart."""

import socket
import sys
from types import SimpleNamespace

import aiohttp
import pytest
import uvicorn

import launch.subgraph
from tests.router.small_graph import SUPERGRAPH
from trevo.config.settings import Settings
from trevo.door.client_address import read_address
from trevo.main import serve


@pytest.fixture
def metrics_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
    return port


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch, metrics_port: int) -> list[tuple[uvicorn.Config, str]]:
    """How a server was told to serve, and the figures that could be read while it did."""
    seen = []

    async def look(self: uvicorn.Server) -> None:
        async with aiohttp.ClientSession() as http, http.get(f"http://127.0.0.1:{metrics_port}/metrics") as answer:
            seen.append((self.config, await answer.text()))

    monkeypatch.setattr(uvicorn.Server, "serve", look)
    return seen


def test_of_a_subgraph(monkeypatch, served, metrics_port) -> None:
    part = SimpleNamespace(name="accounts", routes=[], internal_routes=[], is_reacting=lambda: True, reactions=None)
    monkeypatch.setattr(launch.subgraph, "make_subgraph", lambda _name, **_options: part)
    monkeypatch.setattr(launch.subgraph, "transport_from_environment", lambda: None)
    monkeypatch.setattr(launch.subgraph, "configure_logging", lambda **_options: None)
    monkeypatch.setattr(sys, "argv", ["launch.subgraph", "accounts"])
    for name, value in {
        "PORT": "4321",
        "METRICS_PORT": str(metrics_port),
        "TRUSTED_NETWORKS": '["10.0.0.0/8"]',
        "CONNECTIONS__OPEN_MAX": "7",
        "CONNECTIONS__IDLE_SECONDS": "30",
    }.items():
        monkeypatch.setenv(name, value)
    launch.subgraph.main()
    ((config, figures),) = served
    assert (config.port, config.timeout_keep_alive, config.bounds.open_max) == (4321, 30, 7)
    assert config.connections._trusted.trust(read_address("10.1.2.3"), 0)
    assert "http_connections " in figures
    assert "subgraph_request_seconds" in figures


def test_of_the_router(tmp_path, monkeypatch, served, metrics_port) -> None:
    path = tmp_path / "supergraph.graphql"
    path.write_text(SUPERGRAPH)
    monkeypatch.setattr("trevo.main.configure_logging", lambda _level: None)
    monkeypatch.setattr("trevo.main.gc.freeze", lambda: None)
    monkeypatch.setattr("trevo.main.gc.set_threshold", lambda *_: None)
    for name, value in {
        "ROUTER_SUPERGRAPH_PATH": str(path),
        "ROUTER_METRICS_PORT": str(metrics_port),
        "ROUTER_TRUSTED_HOPS": "1",
        "ROUTER_CONNECTIONS__OPEN_MAX": "7",
        "ROUTER_CONNECTIONS__IDLE_SECONDS": "30",
    }.items():
        monkeypatch.setenv(name, value)
    serve(Settings())
    ((config, figures),) = served
    assert (config.timeout_keep_alive, config.bounds.open_max) == (30, 7)
    assert config.connections._trusted.trust(None, 0)
    assert "http_connections " in figures
    assert "router_requests_in_flight 0.0\n" in figures
