"""What the settings change that all subgraphs share and `make_subgraph` reads."""

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import pytest
import pytest_asyncio
from fastapi import FastAPI, Request

from launch.services import make_subgraph
from subgraphs.shared.identity import Identity, KeySet
from subgraphs.shared.people import PeopleUnavailable
from subgraphs.shared.subgraph import Subgraph
from tests.builders.serving import served
from tests.fixtures.databases import MakeDatabase

REQUIRED = {
    "WALLET_WEBHOOK_SECRET": "a-secret-that-only-the-gateway-knows",
    "WALLET_SEALING_SECRET": "only-for-these-tests",
    "WALLET_PEOPLE_SECRET": "nobody-else-knows-this",
    "PEERSEED_SANDBOXES": "1",
}
MARINA = UUID(int=1)


async def no_keys() -> KeySet:
    return {"keys": []}


@pytest_asyncio.fixture
async def asked(make_database: MakeDatabase, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[list[str]]:
    """The paths at which a stand-in for accounts is asked; the wallet's settings name them."""
    paths: list[str] = []

    def make_app(base_url: str) -> FastAPI:
        named = {"INTROSPECTION_URL": f"{base_url}/introspect-here", "PEOPLE_URL": f"{base_url}/people-here"}
        database = {"WALLET_DATABASE_URL": database_url, "STANDING_SECONDS_MAX": "7"}
        for name, value in (REQUIRED | database | named).items():
            monkeypatch.setenv(name, value)
        app = FastAPI()

        @app.post("/{path}")
        async def answer(path: str, request: Request) -> dict[str, bool]:
            del request
            paths.append(path)
            return {"active": True}

        return app

    database_url = (await make_database("wallet")).url
    async with served(make_app):
        yield paths


@pytest_asyncio.fixture
async def wallet(asked: list[str]) -> AsyncIterator[Subgraph]:
    del asked
    subgraph = make_subgraph("wallet", key_source=no_keys)
    yield subgraph
    await subgraph.close()


async def test_whether_a_token_is_still_good_is_asked_at_the_address_set(wallet: Subgraph, asked: list[str]) -> None:
    assert wallet.standing.ask_accounts is not None
    assert await wallet.standing.ask_accounts(Identity(MARINA, token="one")) is True
    assert asked == ["introspect-here"]


async def test_who_somebody_is_is_asked_at_the_address_set(wallet: Subgraph, asked: list[str]) -> None:
    with pytest.raises(PeopleUnavailable):  # what is answered there says nothing of people
        await wallet.services.people.find([MARINA])
    assert asked == ["people-here"]


async def test_facts_about_standing_are_late_after_the_seconds_set(wallet: Subgraph) -> None:
    assert timedelta(seconds=wallet.standing.feed_seconds_max) == timedelta(seconds=7)
