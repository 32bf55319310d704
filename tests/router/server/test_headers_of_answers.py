"""What every answer says beside its content, whoever gives it."""

import pytest

from tests.router.server.http_client import post, serving
from trevo.config.graphiql_settings import GraphiQLSettings
from trevo.config.settings import Settings

EXPECTED = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cache-control": "no-store",
}


@pytest.mark.parametrize("path", ["/health", "/ready", "/nowhere"])
async def test_every_answer_keeps_browsers_from_more_than_it_says(http, path):
    async with http.get(path) as response:
        assert {name: response.headers.get(name) for name in EXPECTED} == EXPECTED


async def test_so_does_an_answer_with_data_and_one_without(http):
    for body in ({"query": "{ me { id } }"}, {"query": "{"}):
        _, headers, _ = await post(http, body)
        wanted = EXPECTED | {"cache-control": "private, no-store"}
        assert {name: headers.getall(name) for name in wanted} == {name: [value] for name, value in wanted.items()}


async def test_a_page_keeps_the_policy_that_it_needs(tmp_path):
    (tmp_path / "index.html").write_text("<!doctype html>")
    settings = Settings(graphiql=GraphiQLSettings(folder=tmp_path))
    async with serving(settings) as http, http.get("/graphiql") as response:
        policies = response.headers.getall("content-security-policy")
    assert len(policies) == 1
    assert "script-src 'self'" in policies[0]
    assert response.headers.getall("x-content-type-options") == ["nosniff"]


async def test_what_the_server_itself_refuses_has_them_too(http):
    origin = http._base_url
    async with http.get(f"http://{origin.host}:{origin.port}/health", headers={"x": "y" * 7_000}) as response:
        assert response.status == 200
    async with http.get("/health", headers={f"x-{number}": "y" for number in range(120)}) as response:
        assert (response.status, response.headers["x-content-type-options"]) == (431, "nosniff")


async def test_a_body_that_is_said_not_to_be_compressed_is_read(http):
    status, _, _ = await post(http, {"query": "{ me { id } }"}, **{"content-encoding": "identity"})
    assert status == 200
