"""What a browser is shown where a graph is being made, and that nothing of it is there otherwise."""

import shlex
from html import unescape

import pytest

from tests.router.server.http_client import code_of, serving
from trevo.config.graphiql_settings import GraphiQLSettings
from trevo.config.rates import Rates
from trevo.config.settings import Settings

BROWSER = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


def landing(folder=None, *, landing_page=True, **settings):
    page = None if folder is None else GraphiQLSettings(folder=folder, title="Shop <graph>")
    return serving(Settings(landing_page=landing_page, graphiql=page, rates=Rates(enabled=False), **settings))


async def test_the_page_says_what_this_is_and_leads_to_graphiql(tmp_path):
    async with landing(tmp_path) as http, http.get("/", headers=BROWSER) as response:
        text = await response.text()
        assert (response.status, response.headers["content-type"]) == (200, "text/html; charset=utf-8")
        policy = response.headers["content-security-policy"]
    assert "<title>Shop &lt;graph&gt;</title>" in text
    assert '<a href="/graphiql">' in text
    nonce = policy.split("'nonce-")[1].split("'")[0]
    assert policy == f"default-src 'none'; style-src 'nonce-{nonce}'; base-uri 'none'; frame-ancestors 'none'"
    assert f'<style nonce="{nonce}">' in text


@pytest.mark.parametrize("path", ["/graphql", "/api"])
async def test_its_command_can_be_copied_and_works(path):
    async with landing(graphql_path=path) as http:
        async with http.get("/") as response:
            text = await response.text()
        curl, url, header_option, header, data_option, body = shlex.split(
            unescape(text.split("<pre>")[1].split("</pre>")[0])
        )
        assert (curl, header_option, header, data_option) == ("curl", "-H", "content-type: application/json", "-d")
        assert url == f"{http._base_url.origin()}{path}"
        async with http.post(url, data=body, headers={"content-type": "application/json"}) as response:
            assert await response.json() == {"data": {"__typename": "Query"}}
    assert "ROUTER_GRAPHIQL__FOLDER" in text


async def test_whoever_names_the_host_writes_no_html():
    async with landing() as http, http.get("/", headers={"host": '"><script>alert(1)</script>'}) as response:
        text = await response.text()
    assert response.status == 200
    assert "<script" not in text


async def test_a_browser_at_the_endpoint_is_led_to_graphiql(tmp_path):
    for folder, target in ((tmp_path, "/graphiql"), (None, "/")):
        async with (
            landing(folder) as http,
            http.get("/graphql", headers=BROWSER, allow_redirects=False) as response,
        ):
            assert (response.status, response.headers["location"]) == (303, target)
            assert response.headers["vary"] == "accept"


async def test_who_asks_something_or_is_no_browser_is_answered(tmp_path):
    async with landing(tmp_path) as http:
        async with http.get("/graphql", params={"query": "{ __typename }"}, headers=BROWSER) as response:
            assert (response.status, await response.json()) == (200, {"data": {"__typename": "Query"}})
        async with http.get("/graphql", headers={"accept": "application/json"}) as response:
            assert (response.status, code_of(await response.json())) == (400, "BAD_REQUEST")
        async with http.post("/graphql", data=b"{}", headers=BROWSER) as response:
            assert response.status == 415
        async with http.post("/") as response:
            assert (response.status, response.headers["allow"]) == (405, "GET, HEAD")


async def test_nothing_of_it_is_there_unless_set(tmp_path):
    async with landing(tmp_path, landing_page=False) as http:
        async with http.get("/", headers=BROWSER) as response:
            assert (response.status, await response.text()) == (404, "Not found")
        async with http.get("/graphql", headers=BROWSER, allow_redirects=False) as response:
            assert response.status == 400
    assert Settings().landing_page is False
