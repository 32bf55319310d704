"""A subgraph's port: what every answer has, what is not on it, and whom it believes."""

import gzip
from types import SimpleNamespace

import aiohttp
import orjson
import pytest
import pytest_asyncio
from pydantic import ValidationError

from subgraphs.shared.http import create_http_app
from subgraphs.shared.settings import PortSettings
from tests.builders.serving import served
from trevo.door.client_address import TrustedProxies


class Asked(SimpleNamespace):
    """As much of a subgraph as its port needs; remembers what it was asked."""

    async def execute(self, request):
        self.request = request
        return {"data": {"me": None}}


@pytest.fixture
def subgraph():
    return Asked(name="users", routes=[], internal_routes=[], is_reacting=lambda: True, request_bytes_max=1_000)


@pytest_asyncio.fixture
async def http(subgraph):
    app = create_http_app(subgraph, trusted=TrustedProxies.of(["127.0.0.0/8"]))
    async with served(lambda _: app) as address, aiohttp.ClientSession(address) as session:
        yield session


async def test_every_answer_keeps_browsers_from_more_than_it_says(http):
    for answer in (http.get("/health"), http.get("/nowhere"), http.post("/graphql", json={"query": "{ me }"})):
        async with answer as response:
            assert response.headers["x-content-type-options"] == "nosniff"
            assert response.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
            assert response.headers["cache-control"] == "no-store"


async def test_figures_are_not_on_the_port_of_the_graph(http):
    async with http.get("/metrics") as response:
        assert response.status == 404


async def test_a_request_comes_from_the_client_that_the_router_names(http, subgraph):
    headers = {"x-forwarded-for": "198.51.100.1, 203.0.113.4"}
    async with http.post("/graphql", json={"query": "{ me }"}, headers=headers) as response:
        assert response.status == 200
    assert subgraph.request.remote_address == "203.0.113.4"


async def test_a_stranger_is_not_believed(subgraph):
    headers = {"x-forwarded-for": "203.0.113.4"}
    async with (
        served(lambda _: create_http_app(subgraph)) as address,
        aiohttp.ClientSession(address) as http,
        http.post("/graphql", json={"query": "{ me }"}, headers=headers) as response,
    ):
        assert response.status == 200
    assert subgraph.request.remote_address == "127.0.0.1"


async def test_a_compressed_body_is_answered_415(http):
    body = gzip.compress(b'{"query": "{ me }"}')
    headers = {"content-type": "application/json", "content-encoding": "gzip"}
    async with http.post("/graphql", data=body, headers=headers) as response:
        assert response.status == 415
        told = orjson.loads(await response.read())
    assert told["errors"][0]["message"] == "Send the body uncompressed, without 'content-encoding'."


def test_the_port_is_set_by_the_environment(monkeypatch):
    for name, value in {
        "HOST": "127.0.0.9",
        "PORT": "8000",
        "METRICS_HOST": "127.0.0.9",
        "METRICS_PORT": "9100",
        "TRUSTED_NETWORKS": '["10.0.0.0/8"]',
        "TRUSTED_HOPS": "1",
        "CONNECTIONS__IDLE_SECONDS": "30",
        "CORS_ORIGINS": '["https://*.example.org"]',
        "CORS__CREDENTIALS": "true",
    }.items():
        monkeypatch.setenv(name, value)
    port = PortSettings()
    assert (port.host, port.port, port.metrics_host, port.metrics_port) == ("127.0.0.9", 8000, "127.0.0.9", 9100)
    assert (port.trusted_proxies, port.connections.idle_seconds) == (TrustedProxies.of(["10.0.0.0/8"], 1), 30)
    assert (port.cors_origins, port.cors.credentials) == (("https://*.example.org",), True)
    monkeypatch.setenv("CORS_ORIGINS", '["*"]')
    with pytest.raises(ValidationError, match="origins must be named"):
        PortSettings()


async def test_pages_of_other_origins_may_call_where_they_are_named(subgraph):
    app = create_http_app(subgraph, cors_origins=("https://*.example.org",))
    asked = {"access-control-request-method": "POST", "access-control-request-headers": "authorization,content-type"}
    async with served(lambda _: app) as address, aiohttp.ClientSession(address) as http:
        for origin, status in (("https://app.example.org", 200), ("https://example.org", 400)):
            async with http.options("/uploads", headers={"origin": origin, **asked}) as response:
                assert response.status == status
                allowed = response.headers.get("access-control-allow-origin")
                assert allowed == (origin if status == 200 else None)
                assert response.headers["x-content-type-options"] == "nosniff"


async def test_a_request_longer_than_the_setting_allows_is_refused(http, subgraph):
    async with http.post("/graphql", json={"query": "{ me }" + " " * 1_000}) as response:
        assert response.status == 413
        told = orjson.loads(await response.read())
    assert told["errors"][0]["message"] == "The body is larger than 1000 bytes."
    assert not hasattr(subgraph, "request")
