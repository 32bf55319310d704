"""The client's address on its way over two hops, router and subgraph: what sign-ins are counted and recorded by."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest_asyncio

from launch.home import ROOT
from launch.people import DEMO_PASSWORD, seed_demo_people
from subgraphs.accounts.core.settings import AccountsSettings
from subgraphs.accounts.main import create_subgraph
from subgraphs.shared.clock import FixedClock
from subgraphs.shared.http import create_http_app
from subgraphs.shared.identity import TokenVerifier
from tests.builders.serving import served
from tests.fixtures.databases import MakeDatabase
from tests.fixtures.tokens import TokenIssuer
from tests.router import small_graph
from trevo.config.settings import Settings
from trevo.door.client_address import TrustedProxies
from trevo.main import create_app

SIGN_IN = """mutation ($input: SignInInput!) { signIn(input: $input) { __typename ... on SignedIn { accessToken } } }"""
SESSIONS = "{ me { sessions { isCurrent address } } }"
INVENTED = "198.51.100.77"
"""What a client writes into the header itself; different each time, it would never be counted together."""
MARINA = "marina@demo.peerseed.example"
CHEAP = {"password_time_cost": 1, "password_memory_kib": 8, "password_parallelism": 1, "answer_seconds_min": 0.0}


@dataclass
class Hops:
    """Accounts behind its own port, and a router before it; whoever comes from this machine is a proxy to both."""

    router: str
    accounts: str
    http: aiohttp.ClientSession

    async def ask(self, query: str, address: str, token: str | None = None, **input: str) -> dict[str, Any]:
        headers = {"x-forwarded-for": f"{INVENTED}, {address}"}
        if token is not None:
            headers["authorization"] = f"Bearer {token}"
        body = {"query": query, "variables": {"input": input} if input else {}}
        async with self.http.post(f"{self.router}/graphql", json=body, headers=headers) as response:
            answer: dict[str, Any] = await response.json()
        assert "errors" not in answer, answer["errors"]
        data: dict[str, Any] = answer["data"]
        return data

    async def sign_in(self, email: str, password: str, address: str) -> dict[str, Any]:
        data: dict[str, Any] = (await self.ask(SIGN_IN, address, email=email, password=password))["signIn"]
        return data

    async def ask_for_tokens(self, email: str, address: str) -> int:
        """The status of the token endpoint, which is reached through a proxy only."""
        form = {"grant_type": "password", "username": email, "password": DEMO_PASSWORD}
        headers = {"x-forwarded-for": f"{INVENTED}, {address}"}
        async with self.http.post(f"{self.accounts}/oauth/token", data=form, headers=headers) as response:
            return response.status


@pytest_asyncio.fixture
async def hops(make_database: MakeDatabase, tokens: TokenIssuer) -> AsyncIterator[Hops]:
    database = await make_database("accounts")
    settings = AccountsSettings(database_url=database.url, key_encryption_secret="only-for-these-tests", **CHEAP)
    # No wait runs out during a test, however busy the machine is.
    accounts = create_subgraph(settings, verifier=tokens.verifier, clock=FixedClock(datetime.now(UTC)))
    # Who signs in here is known by the tokens that accounts itself gives.
    accounts.verifier = TokenVerifier(
        issuer=settings.token_issuer, audience=settings.token_audience, key_source=accounts.services.key_source
    )
    await seed_demo_people(accounts)
    loopback = ["127.0.0.0/8"]
    async with served(lambda _: create_http_app(accounts, trusted=TrustedProxies.of(loopback))) as there:
        router = create_app(
            Settings(subgraph_urls={"accounts": f"{there}/graphql"}, trusted_networks=loopback),
            supergraph_text=(ROOT / "schema" / "supergraph.graphql").read_text(),
        )
        async with small_graph.served(router) as before, aiohttp.ClientSession() as http:
            yield Hops(before.origin, there, http)
    await accounts.close()


async def test_wrong_sign_ins_from_one_address_lock_out_that_address_alone(hops: Hops) -> None:
    strangers = [f"stranger{number}@example.com" for number in range(33)]
    kinds = [(await hops.sign_in(one, "wrong-2026", "203.0.113.7"))["__typename"] for one in strangers]
    assert kinds == ["InvalidCredentials"] * 30 + ["TooManyAttempts"] * 3
    assert (await hops.sign_in(MARINA, DEMO_PASSWORD, "203.0.113.8"))["__typename"] == "SignedIn"
    # The same count, whichever way one comes in.
    assert await hops.ask_for_tokens(MARINA, "203.0.113.7") == 429
    assert await hops.ask_for_tokens(MARINA, "203.0.113.9") == 200


async def test_a_session_remembers_where_it_began(hops: Hops) -> None:
    token = (await hops.sign_in(MARINA, DEMO_PASSWORD, "2001:db8::7"))["accessToken"]
    sessions = (await hops.ask(SESSIONS, "203.0.113.7", token))["me"]["sessions"]
    assert sessions == [{"isCurrent": True, "address": "2001:db8::7"}]
