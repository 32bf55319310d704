"""A web app of another origin signs in and sends files, where its origin is named."""

from collections.abc import AsyncIterator

import aiohttp
import pytest
import pytest_asyncio

from subgraphs.shared.http import create_http_app
from tests.builders.serving import served
from tests.subgraphs.accounts.evidence import JPEG, post_file
from tests.subgraphs.accounts.people import PASSWORD, Accounts

APP = "https://app.example.org"


@pytest_asyncio.fixture
async def for_pages(accounts: Accounts) -> AsyncIterator[aiohttp.ClientSession]:
    app = create_http_app(accounts.subgraph, cors_origins=(APP,))
    async with served(lambda _: app) as address, aiohttp.ClientSession(address) as client:
        yield client


@pytest.mark.parametrize(("origin", "allowed"), [(APP, APP), ("https://evil.example.org", None)])
async def test_it_reads_its_tokens_and_any_other_does_not(
    accounts: Accounts, for_pages: aiohttp.ClientSession, origin: str, allowed: str | None
) -> None:
    await accounts.person()
    form = {"grant_type": "password", "username": "sergio@example.com", "password": PASSWORD}
    for wrong, status in (({}, 200), ({"password": "wrong"}, 400)):
        async with for_pages.post("/oauth/token", data=form | wrong, headers={"origin": origin}) as response:
            assert response.status == status
            assert response.headers.get("access-control-allow-origin") == allowed
            assert response.headers["vary"] == "Origin"


async def test_it_asks_first_and_sends_a_file(accounts: Accounts, for_pages: aiohttp.ClientSession) -> None:
    sergio = await accounts.person()
    asked = {
        "origin": APP,
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,baggage,sentry-trace,x-correlation-id",
    }
    async with for_pages.options("/uploads", headers=asked) as response:
        assert (response.status, response.headers["access-control-allow-origin"]) == (200, APP)
        assert response.headers["access-control-allow-methods"] == "GET, POST"
    status, kept = await post_file(for_pages, JPEG, origin=APP, **sergio.bearer)
    assert status == 201
    async with for_pages.get(f"/uploads/{kept['id']}", headers={"origin": APP, **sergio.bearer}) as response:
        assert (response.status, response.headers["access-control-allow-origin"]) == (200, APP)
        assert response.headers["access-control-expose-headers"] == "x-correlation-id, retry-after"
